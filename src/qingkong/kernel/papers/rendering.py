"""Facts in, PDF/A out. The same facts on the same day give the same bytes."""

import json
import re
import threading
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, cast
from uuid import UUID

import typst

from qingkong.kernel.papers import fonts, registry
from qingkong.kernel.papers.qr import qr_svg
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import Sentence, date_in_words, local, zh

STANDARD: Final = "a-2b"  # for archives; it also makes a glyph that is missing an error

NO_GLYPH = zh("字体里没有这些字：{text}。文书没有制作。")
USE_ANOTHER = zh(
    "请安装含有生僻字的字体（Debian 软件包 fonts-hanazono：apt-get install fonts-hanazono），重启后再试；"
    "表情符号请删去。"
)

_local = threading.local()


class MissingGlyph(Refusal):
    """The fonts can't show something in the paper, most often a rare character of a name."""


class TemplateFault(RuntimeError):
    """A template of ours doesn't compile with these facts: a fault of the program, not of the user."""


def render(kind: str, facts: Mapping[str, object], *, number: str, at: datetime) -> bytes:
    """A paper as PDF/A-2b.

    `facts` are what the template asks for: str, int, bool, lists and dicts; dates and sentences are turned to
    Chinese text. A fact "qr" becomes a QR code. Raises NoChineseFont, MissingGlyph, and ValueError for a QR code on
    a statutory paper.
    """
    known = registry.find(kind)
    if known.statutory and ("qr" in facts or "code" in facts):
        raise ValueError(f"{kind} is a statutory paper: its QR code belongs on a cover sheet")
    face, day = fonts.chinese(), local(at).date()
    content: dict[str, object] = {
        **facts,
        "paper": {
            "kind": kind, "title": known.title, "number": number, "date": date_in_words(day),
            "issued": [day.year, day.month, day.day], "serif": face.serif, "sans": face.sans,
        },
    }  # fmt: skip
    if "qr" in facts:
        content["qr_svg"] = qr_svg(str(facts["qr"]))
    return _compile(known, json.dumps(content, ensure_ascii=False, default=in_words), face, at)


def in_words(value: object) -> str:
    """How a fact is written on paper."""
    match value:
        case Sentence():
            return value.in_chinese()
        case datetime():
            return f"{local(value):%Y年%-m月%-d日%-H时%M分}"
        case date():
            return f"{value:%Y年%-m月%-d日}"
        case UUID():
            return str(value)
    raise TypeError(f"a paper can't show {type(value).__name__}")


def _compile(kind: registry.Kind, facts: str, face: fonts.Type, at: datetime) -> bytes:
    try:
        made = _compiler(face).compile(
            input=str(kind.template), sys_inputs={"facts": facts}, format="pdf", pdf_standards=[STANDARD],
            timestamp=int(at.timestamp()), pdf_tags=False,
        )  # fmt: skip
    except typst.TypstError as fault:
        if missing := re.findall(r'the text `"(.*?)"` could not be displayed', fault.message + fault.diagnostic):
            raise MissingGlyph(NO_GLYPH.fill(text="".join(dict.fromkeys(missing))), how=USE_ANOTHER) from None
        raise TemplateFault(f"{kind.template.name}: {fault.message}") from None
    return cast(bytes, made)


def _compiler(face: fonts.Type) -> typst.Compiler:
    """A compiler of this thread: one can't be shared, the fonts can."""
    if getattr(_local, "face", None) is not face:
        _local.compiler = typst.Compiler(root=str(registry.SOURCE), font_paths=face.fonts, ignore_system_fonts=True)
        _local.face = face
    return _local.compiler  # type: ignore[no-any-return]
