"""Forms of evidence. What a file is, its content decides later; here only what people type."""

from typing import Any
from uuid import UUID

from qingkong.domains.enforcement.evidence.queries import Link, Source, link_by_number
from qingkong.domains.enforcement.evidence.ways import arriving
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import NotFound, Refusal
from qingkong.kernel.text import zh
from qingkong.web.forms import ChoiceField, FilesField, Form, HiddenField, TextField

MEDIA = "image/*,video/*,audio/*,.mov,.mts,.ts,.avi,.dav,.pdf,.doc,.docx,.wps,.ofd,.xls,.xlsx,.zip"


class LinkForm(Form):
    """A form that names a call or a case by its number."""

    def __init__(self, data: Any = None, files: Any = None, *, actor: Actor, **options: Any) -> None:
        self.actor = actor
        super().__init__(data, files, **options)

    def clean_link(self) -> Link | None:
        try:
            return link_by_number(actor=self.actor, number=self.cleaned_data["link"])
        except NotFound as refusal:
            self.add_error("link", str(refusal))
            return None


class RegisterForm(LinkForm):
    link = TextField(
        zh("归入"), hint=zh("警情编号（J 开头）或案件编号（A、X 开头）。"), max_length=20, width=20,
    )  # fmt: skip
    upload = FilesField(
        zh("文件"), accept=MEDIA,
        hint=zh("可以一次选多个。原件原样收存，不改动；收存时计算校验值。"),
    )  # fmt: skip
    source = ChoiceField(zh("来源"), Source)
    device = TextField(
        zh("设备编号"), required=False, max_length=40, width=20, hint=zh("如执法记录仪编号；没有可不填。")
    )
    note = TextField(zh("说明"), required=False, max_length=60, hint=zh("拍的是什么，如“停放位置概貌”。不要写人名。"))
    arrived = HiddenField(required=False, max_length=4000)  # addresses of files that came in pieces before

    def __init__(self, data: Any = None, files: Any = None, **options: Any) -> None:
        super().__init__(data, files, **options)
        if data is not None and data.get("arrived", "").strip():
            self.fields["upload"].required = False

    def clean_arrived(self) -> list[UUID]:
        try:
            return arriving.ids_of(self.cleaned_data["arrived"])
        except Refusal as refusal:
            self.add_error("upload", str(refusal))
            return []


class CaptureForm(LinkForm):
    """One photo or film from the phone at the scene."""

    link = HiddenField(max_length=20)
    upload = FilesField(zh("拍照或录像"))
    note = TextField(zh("说明"), required=False, max_length=60)


class OpenForm(Form):
    """On which number the reader wants to open it; empty where one fits by itself."""

    reference = TextField(
        zh("依据"), required=False, max_length=20, width=20, hint=zh("您正在办理的警情或案件编号。"),
    )  # fmt: skip


class CaseForm(LinkForm):
    link = TextField(zh("案件编号"), max_length=20, width=20)
