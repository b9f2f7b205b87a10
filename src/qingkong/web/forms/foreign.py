"""Django's own fields, shown like ours: the sign-in pages and allauth bring some."""

from typing import Any

from django import forms as django_forms
from django.forms import BoundField

from qingkong.web.forms.choosing import PICK_ONE

KINDS: tuple[tuple[type, str], ...] = (
    (django_forms.CheckboxInput, "checkbox"),
    (django_forms.RadioSelect, "radios"),
    (django_forms.CheckboxSelectMultiple, "checkboxes"),
    (django_forms.Select, "select"),
    (django_forms.Textarea, "textarea"),
    (django_forms.HiddenInput, "hidden"),
    (django_forms.FileInput, "files"),
    (django_forms.DateInput, "date"),
)
SAID_ELSEWHERE = {"autocomplete", "inputmode", "spellcheck", "maxlength", "minlength", "rows", "cols"}


class Foreign:
    """What a template needs to know of a field that isn't ours."""

    width: int | None = None
    quiet_label = False
    prefix = suffix = accept = capture = ""
    several = spellcheck = False
    empty_label = PICK_ONE

    def __init__(self, field: django_forms.Field) -> None:
        widget = field.widget
        self.kind = next((kind for widgets, kind in KINDS if isinstance(widget, widgets)), "text")
        self.label, self.hint, self.required = field.label or "", field.help_text, field.required
        self.input_type = getattr(widget, "input_type", "text")
        self.autocomplete = widget.attrs.get("autocomplete", "off")
        self.inputmode = widget.attrs.get("inputmode", "")
        self.rows = widget.attrs.get("rows", 4)
        self.attributes = {k: v for k, v in widget.attrs.items() if k not in SAID_ELSEWHERE and v is not True}
        self.secret = isinstance(widget, django_forms.PasswordInput)
        self.choices: Any = getattr(field, "choices", ())

    @property
    def template(self) -> str:
        return f"qk/fields/{self.kind}.html"

    def shown(self, bound: BoundField) -> Any:
        value = bound.value()
        return "" if value is None or self.secret else value

    def around(self, bound: BoundField) -> dict[str, Any]:
        """Options as our own templates take them; the empty one is theirs."""
        value = bound.value()
        chosen = {str(v) for v in value} if isinstance(value, (list, tuple)) else {str(value)}
        pairs = [(str(key), label) for key, label in self.choices if str(key)]
        options = [
            {"value": key, "label": label, "hint": "", "chosen": key in chosen,
             "id": bound.html_name if n == 0 else f"{bound.html_name}-{n + 1}"}
            for n, (key, label) in enumerate(pairs)
        ]  # fmt: skip
        return {"options": options, "few": False}
