"""Typed text: names, numbers, money, phones, identity numbers."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from qingkong.kernel.text import zh
from qingkong.web.forms.field import Field

TOO_LONG = zh("最多 {limit} 个字，现在有 {length} 个。")
TOO_SHORT = zh("至少要 {limit} 个字。")
CONTROL = zh("内容里有不能显示的字符，请删去。")
NOT_A_NUMBER = zh("请填数字，不要带单位。")
TOO_SMALL = zh("不能小于 {limit}。")
TOO_LARGE = zh("不能大于 {limit}。")
NOT_MONEY = zh("请填金额，如 200 或 199.50，不要写“元”。")
NOT_A_PHONE = zh("请填 11 位手机号，或区号加座机号，如 0538-2820000。")
NOT_AN_ID = zh("身份证号码应为 18 位，请核对。")
ID_CHECKSUM = zh("身份证号码校验不对，请逐位核对。")

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


class TextField(Field):
    """One line of text, trimmed. `width` is the number of characters it should look wide for."""

    widget: type[django_forms.Widget] = django_forms.TextInput
    input_type = "text"

    def __init__(self, label: Any = "", *, max_length: int | None = 200, min_length: int | None = None, **options: Any):
        self.max_length, self.min_length = max_length, min_length
        self.prefix, self.suffix = options.pop("prefix", ""), options.pop("suffix", "")
        self.autocomplete = options.pop("autocomplete", "off")
        self.inputmode = options.pop("inputmode", "")
        self.spellcheck = options.pop("spellcheck", False)
        super().__init__(label, **options)

    def to_python(self, value: Any) -> Any:
        return str(value).replace("\r\n", "\n").strip() if value not in self.empty_values else ""

    def validate(self, value: Any) -> None:
        super().validate(value)
        if not isinstance(value, str):
            return
        if self.max_length and len(value) > self.max_length:
            raise ValidationError(TOO_LONG.fill(limit=self.max_length, length=len(value)))  # type: ignore[arg-type]
        if value and self.min_length and len(value) < self.min_length:
            raise ValidationError(TOO_SHORT.fill(limit=self.min_length))  # type: ignore[arg-type]
        if _CONTROLS.search(value):
            raise ValidationError(CONTROL)  # type: ignore[arg-type]


class TextArea(TextField):
    """Several lines of text."""

    kind = "textarea"
    widget = django_forms.Textarea

    def __init__(self, label: Any = "", *, rows: int = 4, max_length: int | None = 4000, **options: Any) -> None:
        self.rows = rows
        super().__init__(label, max_length=max_length, **options)


class HiddenField(TextField):
    kind = "hidden"
    widget = django_forms.HiddenInput


class PasswordField(TextField):
    """A secret; never shown again."""

    input_type = "password"
    widget = django_forms.PasswordInput

    def to_python(self, value: Any) -> Any:
        return "" if value is None else str(value)

    def shown(self, bound: BoundField) -> str:
        return ""


class IntegerField(TextField):
    """A whole number; full-width digits and thousands commas are understood."""

    def __init__(self, label: Any = "", *, minimum: int | None = None, maximum: int | None = None, **options: Any):
        self.minimum, self.maximum = minimum, maximum
        options.setdefault("inputmode", "numeric")
        options.setdefault("width", 5)
        super().__init__(label, **options)

    def to_python(self, value: Any) -> int | None:  # type: ignore[override]
        text = _plain(super().to_python(value))
        if not text:
            return None
        if not re.fullmatch(r"-?[0-9]{1,15}", text):
            raise ValidationError(NOT_A_NUMBER)  # type: ignore[arg-type]
        number = int(text)
        if self.minimum is not None and number < self.minimum:
            raise ValidationError(TOO_SMALL.fill(limit=self.minimum))  # type: ignore[arg-type]
        if self.maximum is not None and number > self.maximum:
            raise ValidationError(TOO_LARGE.fill(limit=self.maximum))  # type: ignore[arg-type]
        return number


class MoneyField(TextField):
    """Money typed in yuan, cleaned to whole fen."""

    def __init__(self, label: Any = "", **options: Any) -> None:
        options.setdefault("inputmode", "decimal")
        options.setdefault("width", 10)
        options.setdefault("suffix", zh("元"))
        super().__init__(label, **options)

    def to_python(self, value: Any) -> int | None:  # type: ignore[override]
        text = _plain(super().to_python(value))
        if not text:
            return None
        try:
            yuan = Decimal(text)
        except InvalidOperation:
            yuan = Decimal("NaN")
        if not yuan.is_finite() or not 0 <= yuan < 10**12 or yuan != yuan.quantize(Decimal("0.01")):
            raise ValidationError(NOT_MONEY)  # type: ignore[arg-type]
        return int(yuan * 100)

    def shown(self, bound: BoundField) -> Any:
        value = bound.value()
        if isinstance(value, int):
            return f"{value // 100}.{value % 100:02d}"
        return "" if value is None else value


class PhoneField(TextField):
    """A Chinese telephone number, cleaned to digits (a landline keeps its area code)."""

    input_type = "tel"

    def __init__(self, label: Any = "", **options: Any) -> None:
        options.setdefault("width", 20)
        super().__init__(label, **options)

    def to_python(self, value: Any) -> str:
        text = _plain(super().to_python(value)).replace("-", "").removeprefix("+86")
        if text and not re.fullmatch(r"1[3-9][0-9]{9}|0[0-9]{9,11}|[2-9][0-9]{6,7}|400[0-9]{7}|1[0-9]{2,4}", text):
            raise ValidationError(NOT_A_PHONE)  # type: ignore[arg-type]
        return text


class IdNumberField(TextField):
    """A resident identity number with its checksum (GB 11643). Its first six digits are never read."""

    def __init__(self, label: Any = "", **options: Any) -> None:
        options.setdefault("width", 20)
        super().__init__(label, **options)

    def to_python(self, value: Any) -> str:
        text = _plain(super().to_python(value)).upper()
        if not text:
            return ""
        if not re.fullmatch(r"[0-9]{17}[0-9X]", text):
            raise ValidationError(NOT_AN_ID)  # type: ignore[arg-type]
        if "10X98765432"[sum(int(d) * w for d, w in zip(text[:17], _WEIGHTS, strict=True)) % 11] != text[17]:
            raise ValidationError(ID_CHECKSUM)  # type: ignore[arg-type]
        return text


def _plain(text: str) -> str:
    """Half-width, without blanks and thousands commas."""
    narrow = "".join(chr(ord(c) - 0xFEE0) if 0xFF01 <= ord(c) <= 0xFF5E else c for c in text)
    return re.sub(r"[\s,]", "", narrow)
