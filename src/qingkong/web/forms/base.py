"""The form all forms are: plain Django beneath, one error summary, refusals shown where they belong."""

from collections.abc import Iterator
from typing import Any

from django import forms as django_forms
from django.core.exceptions import NON_FIELD_ERRORS

from qingkong.kernel.refusals import Invalid, Refusal
from qingkong.kernel.text import Sentence
from qingkong.web import idempotency
from qingkong.web.forms import passes


class Form(django_forms.Form):
    """Cleaned values are also attributes: `form.rider`. `is_valid()` is False while a refusal must be shown."""

    def __init__(self, data: Any = None, files: Any = None, **options: Any) -> None:
        options.setdefault("auto_id", "%s")
        options.setdefault("label_suffix", "")
        super().__init__(data, files, **options)
        self._refusal: Refusal | None = None

    def __getattr__(self, name: str) -> Any:
        cleaned = self.__dict__.get("cleaned_data") or {}
        if name in cleaned:
            return cleaned[name]
        raise AttributeError(f"{type(self).__name__} has no cleaned {name!r}")

    def is_valid(self) -> bool:
        """Whether everything typed can be taken, and nothing below has refused it."""
        key = (type(self), self.prefix or "")
        if not super().is_valid():
            return False
        if refusal := passes.refusal_of(key):
            self.refuse(refusal)
            return False
        passes.accept(key)
        return True

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal as this form's error, at its field where it names one."""
        self._refusal = refusal
        if isinstance(refusal, Invalid):
            for field, sentence in refusal.errors.items():
                self._complain(field, sentence)
            return
        if failed := list(getattr(refusal, "failed", ())):
            for check in failed:
                self._complain(None, check.sentence, check.detail, check.how)
            return
        self._complain(refusal.field, refusal.reason, refusal.how)

    def _complain(self, field: str | None, *sentences: Sentence | str | None) -> None:
        text = "".join(str(sentence) for sentence in sentences if sentence)
        self.add_error(field if field in self.fields else None, text)

    @property
    def refusal(self) -> Refusal | None:
        """What the operation refused, for a template that says more about it."""
        return self._refusal

    @property
    def summary(self) -> list[tuple[str, str]]:
        """(field's anchor or nothing, message) of each error, in the order of the form."""
        return list(self._summary()) if self.is_bound else []

    def _summary(self) -> Iterator[tuple[str, str]]:
        for message in self.errors.get(NON_FIELD_ERRORS, ()):
            yield "", str(message)
        for bound in self:
            for message in bound.errors:
                yield bound.field.anchor(bound) if hasattr(bound.field, "anchor") else bound.html_name, str(message)

    @property
    def idempotency_key(self) -> str:
        """The key of this showing; a form shown again with errors keeps the one it came with."""
        sent = self.data.get(idempotency.FIELD, "") if self.is_bound and hasattr(self.data, "get") else ""
        return str(sent) or idempotency.new_key()
