"""Files from the browser. Nothing is believed of them here: the vault hashes, the domain decides."""

from typing import Any

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from qingkong.kernel.text import zh
from qingkong.web.forms.field import Field

EMPTY = zh("文件“{name}”是空的。")
CHOOSE_FILE = zh("请选择文件：{label}")
TOO_BIG = zh("文件“{name}”超过 {limit} MB。")


class FileInput(django_forms.FileInput):
    """Gives all files of the name, as a list."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:
        return list(files.getlist(name)) if hasattr(files, "getlist") else [f for f in [(files or {}).get(name)] if f]


class FilesField(Field):
    """Several files; cleaned to a list. `accept` is what the browser offers, `limit` megabytes each."""

    kind = "files"
    widget = FileInput
    several = True
    required_sentence = CHOOSE_FILE

    def __init__(
        self, label: Any = "", *, accept: str = "", capture: str = "", limit: int | None = None, **options: Any
    ):
        self.accept, self.capture, self.limit = accept, capture, limit
        super().__init__(label, **options)

    def clean(self, value: list[UploadedFile], initial: Any = None) -> Any:
        value = value or []
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")
        for file in value:
            if not file.size:
                raise ValidationError(EMPTY.fill(name=file.name))  # type: ignore[arg-type]
            if self.limit and file.size > self.limit * 2**20:
                raise ValidationError(TOO_BIG.fill(name=file.name, limit=self.limit))  # type: ignore[arg-type]
        return value

    def shown(self, bound: Any) -> str:
        return ""


class FileField(FilesField):
    """One file."""

    several = False

    def clean(self, value: list[UploadedFile], initial: Any = None) -> UploadedFile | None:
        files = super().clean(value, initial)
        return files[0] if files else None
