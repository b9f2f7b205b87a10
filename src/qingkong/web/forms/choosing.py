"""Choosing one or several of a list."""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from qingkong.kernel.identity.models import Appointment, Officer
from qingkong.kernel.text import Labelled, Sentence, zh
from qingkong.web.forms.field import CHOOSE, Field

NOT_OFFERED = zh("请从列出的里面选。")
PICK_ONE = zh("请选择")

Pair = tuple[Any, Any]
Choices = type[Enum] | Iterable[Any] | Callable[[], Iterable[Any]]


def said(choices: Choices) -> list[Pair]:
    """(value, label) pairs of an enumeration, of pairs, of Labelled members, or of a function that gives them."""
    given: Iterable[Any] = choices() if callable(choices) and not isinstance(choices, type) else choices  # type: ignore[assignment]
    return [
        (one.value, one.label) if isinstance(one, Labelled) else (one.value, one.name) if isinstance(one, Enum) else
        (one[0], one[1]) if isinstance(one, tuple) else (one, one)
        for one in given
    ]  # fmt: skip


class ChoiceField(Field):
    """One of a list, as a drop-down. An enumeration's value is cleaned to its member."""

    kind = "select"
    widget: type[django_forms.Widget] = django_forms.TextInput
    required_sentence = CHOOSE

    def __init__(self, label: Any = "", choices: Choices = (), *, hints: dict[str, Any] | None = None, **options: Any):
        self.offered = choices
        self.hints = hints or {}
        self.empty_label: Sentence | str = options.pop("empty_label", PICK_ONE)
        super().__init__(label, **options)

    @property
    def choices(self) -> list[Pair]:
        return said(self.offered)

    @choices.setter
    def choices(self, choices: Choices) -> None:
        self.offered = choices

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return ""
        value = getattr(value, "value", value)
        known = {str(key): key for key, _ in self.choices}
        if str(value) not in known:
            raise ValidationError(NOT_OFFERED)  # type: ignore[arg-type]
        enumeration = self.offered
        if isinstance(enumeration, type) and issubclass(enumeration, Enum):
            return enumeration(known[str(value)])
        return known[str(value)]

    def around(self, bound: BoundField) -> dict[str, Any]:
        value = bound.value()
        chosen = {str(getattr(v, "value", v)) for v in (value if isinstance(value, (list, tuple, set)) else [value])}
        options = [
            {"value": key, "label": label, "hint": self.hints.get(key, ""), "chosen": str(key) in chosen,
             "id": bound.html_name if n == 0 else f"{bound.html_name}-{n + 1}"}
            for n, (key, label) in enumerate(self.choices)
        ]  # fmt: skip
        return {
            "options": options,
            "few": not self.hints and len(options) <= 3 and all(len(str(o["label"])) <= 8 for o in options),
        }


class RadioField(ChoiceField):
    """One of a list, all shown."""

    kind = "radios"


class ChecksField(ChoiceField):
    """Any number of a list, all shown; cleaned to a list."""

    kind = "checkboxes"
    widget = django_forms.SelectMultiple

    def to_python(self, value: Any) -> list[Any]:
        return [super(ChecksField, self).to_python(one) for one in value or [] if one not in ("", None)]


class CheckField(Field):
    """Yes or no, one box. Required means it must be ticked."""

    kind = "checkbox"
    widget = django_forms.CheckboxInput
    required_sentence = zh("请勾选：{label}")

    def __init__(self, label: Any = "", *, required: bool = False, **options: Any) -> None:
        super().__init__(label, required=required, **options)

    def to_python(self, value: Any) -> bool:
        return value not in (False, None, "", "false", "False", "0")

    def validate(self, value: bool) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")


class OfficerField(ChoiceField):
    """One officer of those offered; cleaned to an Officer. `form.fields["lead"].offer(appointments)` says who."""

    def __init__(self, label: Any = "", appointments: Iterable[Appointment] = (), **options: Any) -> None:
        super().__init__(label, **options)
        self.officers: dict[str, Officer] = {}
        self.offer(appointments)

    def offer(self, appointments: Iterable[Appointment]) -> None:
        """Offer these officers, each in the post and unit named. Ask `identity.queries.holders` for them."""
        held = list(appointments)
        self.officers = {str(a.officer_id): a.officer for a in held}
        self.offered = [
            (str(a.officer_id), f"{a.officer.name}（{a.unit.short or a.unit.name} · {a.officer.username}）")
            for a in held
        ]

    def __deepcopy__(self, memo: Any) -> "OfficerField":
        copied = super().__deepcopy__(memo)
        copied.officers, copied.offered = dict(self.officers), self.offered
        return copied  # type: ignore[no-any-return]

    def to_python(self, value: Any) -> Any:
        value = str(getattr(value, "pk", value) or "")
        key = super().to_python(value)
        return self.officers[key] if key else None
