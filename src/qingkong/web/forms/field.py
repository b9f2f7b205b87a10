"""What our fields share: a label in Chinese first, a hint, a template, sentences for what is wrong."""

from typing import Any

from django.forms import BoundField
from django.forms import Field as DjangoField

from qingkong.kernel.text import Sentence, zh

REQUIRED = zh("请填写{label}。")
CHOOSE = zh("请选择{label}。")


class Field(DjangoField):
    """`label` may come first. `kind` names the template under `qk/fields/`."""

    kind = "text"
    required_sentence = REQUIRED

    def __init__(self, label: Sentence | str = "", *, hint: Sentence | str = "", **options: Any) -> None:
        self.hint = hint
        self.width = options.pop("width", None)
        self.quiet_label = options.pop("quiet_label", False)
        self.attributes: dict[str, Any] = options.pop("attributes", {})
        super().__init__(label=label or None, **options)  # type: ignore[arg-type]
        if "required" not in (options.get("error_messages") or {}):
            self.error_messages["required"] = self.required_sentence.fill(label=label or "")  # type: ignore[assignment]

    @property
    def template(self) -> str:
        return f"qk/fields/{self.kind}.html"

    def anchor(self, bound: BoundField) -> str:
        """The id of the control that the error summary leads to."""
        return bound.html_name

    def shown(self, bound: BoundField) -> Any:
        """What the control holds when it is shown (again)."""
        value = bound.value()
        return "" if value is None else value

    def around(self, bound: BoundField) -> dict[str, Any]:
        """More context for the template."""
        return {}
