"""Sealed columns: AES-256-GCM, bound to table, row and column, opened only with a Look."""

import hashlib
import hmac
import re
import unicodedata
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import models

from qingkong.kernel.access import keys
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh

if TYPE_CHECKING:
    from qingkong.kernel.access.looks import Look

SEALED = zh("已封存")
NO_LOOK = zh("没有查阅登记，不能打开这一项。")


class CannotOpen(Refusal):
    """The value stays sealed: no look covers it."""

    status = 403


class Tampered(RuntimeError):
    """The ciphertext isn't the one that was written to this table, row and column."""


class Sealed:
    """A value that nobody has opened yet. `str()` shows only that it is sealed."""

    __slots__ = ("_column", "_record", "_text")

    def __init__(self, record: models.Model, column: str, text: str) -> None:
        self._record, self._column, self._text = record, column, text

    def open(self, look: "Look") -> str:
        """The value in plain text. Raises CannotOpen unless the look covers this record."""
        if not look.covers(self._record):
            raise CannotOpen(NO_LOOK)
        return unseal(self._text, self._record, self._column)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __str__(self) -> str:
        return str(SEALED) if self._text else ""

    __repr__ = __str__


def seal(plain: str, record: models.Model, column: str) -> str:
    """Ciphertext as kept in the column: `key id.nonce and ciphertext, base64`."""
    key_id, key = keys.source().active()
    nonce = keys.nonce()
    body = AESGCM(key).encrypt(nonce, plain.encode(), _place(record, column))
    return f"{key_id}.{b64encode(nonce + body).decode()}"


def unseal(text: str, record: models.Model, column: str) -> str:
    """What was sealed. Raises KeyLost, or Tampered where it was moved or changed."""
    if not text:
        return ""
    key_id, _, body = text.partition(".")
    raw = b64decode(body)
    try:
        return AESGCM(keys.source().key(key_id)).decrypt(raw[:12], raw[12:], _place(record, column)).decode()
    except InvalidTag:
        raise Tampered(f"{record._meta.db_table}.{column} of {record.pk}") from None


def _place(record: models.Model, column: str) -> bytes:
    return f"{record._meta.db_table}/{record.pk}/{column}".encode()


class _Plain(str):
    """A value assigned but not yet saved."""


class _Cipher(str):
    """A value as the database keeps it."""


class _SealedAttribute:
    def __init__(self, field: "SealedTextField") -> None:
        self.field = field

    def __get__(self, record: models.Model | None, owner: type | None = None) -> Any:
        if record is None:
            return self
        if self.field.attname not in record.__dict__:
            record.refresh_from_db(fields=[self.field.attname])
        value = record.__dict__[self.field.attname]
        if isinstance(value, _Plain):  # not saved yet: sealed all the same
            value = record.__dict__[self.field.attname] = _Cipher(seal(value, record, str(self.field.column)))
        return Sealed(record, str(self.field.column), value)

    def __set__(self, record: models.Model, value: object) -> None:
        if isinstance(value, Sealed):
            raise TypeError("a sealed value can't be copied to another record; open it with a look")
        if not isinstance(value, _Cipher):
            value = _Plain(value) if value else _Cipher("")
        record.__dict__[self.field.attname] = value


class SealedTextField(models.TextField):  # type: ignore[type-arg]
    """Text sealed in the database. Assign a str; reading gives a `Sealed`. No search, no order."""

    def contribute_to_class(self, cls: type[models.Model], name: str, **kwargs: Any) -> None:  # type: ignore[override]
        super().contribute_to_class(cls, name, **kwargs)
        if not cls._meta.abstract:
            setattr(cls, self.attname, _SealedAttribute(self))

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str:
        return _Cipher(value or "")

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        getattr(model_instance, self.attname)  # seals what is still plain
        return model_instance.__dict__[self.attname]

    def get_lookup(self, lookup_name: str) -> Any:
        raise TypeError(f"a sealed column can't be searched ({lookup_name}); use its digest for equality")

    def value_from_object(self, obj: models.Model) -> Any:
        return obj.__dict__[self.attname]


class SealedDigestField(models.CharField):  # type: ignore[type-arg]
    """Keyed hash of a sealed column's normal form, for equality alone. Filled from `of` on save."""

    def __init__(self, *, of: str, kind: str | None = None, **kwargs: Any) -> None:
        self.of = of
        self.kind = kind or of
        kwargs.setdefault("max_length", 64)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("db_index", True)
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of, "kind": self.kind}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        column = model_instance._meta.get_field(self.of)
        getattr(model_instance, self.of)
        plain = unseal(model_instance.__dict__[self.of], model_instance, str(getattr(column, "column", "")))
        value = digest(self.kind, plain) if plain else ""
        setattr(model_instance, self.attname, value)
        return value


def digest(kind: str, plain: str) -> str:
    """The keyed hash under which an exact identifier is found: HMAC-SHA-256 over its normal form."""
    return hmac.new(keys.source().digest_key(), f"{kind}\0{normal_form(plain)}".encode(), hashlib.sha256).hexdigest()


def normal_form(plain: str) -> str:
    """How identifiers compare: NFKC, upper case, no spaces, dashes or country code before a phone."""
    text = re.sub(r"[\s\-()·]", "", unicodedata.normalize("NFKC", plain)).upper()
    return re.sub(r"^\+?86(?=1\d{10}$)", "", text)
