"""Where Chinese type comes from: Debian's fonts-noto-cjk, or the folder QINGKONG_FONTS names."""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import typst

from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh

SETTING = "QINGKONG_FONTS"
FOLDERS = (
    "/usr/share/fonts/opentype/noto",  # Debian, Ubuntu
    "/usr/share/fonts/opentype/noto-cjk",
    "/usr/share/fonts/google-noto-cjk",
    "/usr/share/fonts/noto-cjk",  # Arch
    "/usr/share/fonts/truetype/hanazono",  # Debian's fonts-hanazono: rare characters of names
    "/Library/Fonts",
    str(Path.home() / ".local/share/fonts"),
    str(Path.home() / "Library/Fonts"),
)
SERIF = ("Noto Serif CJK SC", "Source Han Serif SC", "Source Han Serif CN", "Noto Serif SC")
SANS = ("Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans SC")
RARE = ("HanaMinA", "HanaMinB", "BabelStone Han", "Plangothic P1", "Plangothic P2")

NO_FONT = zh("没有中文字体，不能制作文书。")
INSTALL = zh(
    "请安装 Debian 软件包 fonts-noto-cjk（apt-get install fonts-noto-cjk），"
    "或用 QINGKONG_FONTS 指明放有思源字体的文件夹。"
)


class NoChineseFont(Refusal):
    """No font with Chinese glyphs was found; a PDF would show boxes, so none is made."""


@dataclass(frozen=True, slots=True)
class Type:
    """The fonts papers are set in."""

    fonts: typst.Fonts
    serif: tuple[str, ...]  # families in the order in which a character is looked for
    sans: tuple[str, ...]


def chinese() -> Type:
    """The Chinese type of this machine. Raises NoChineseFont, naming the package that has it."""
    return _load(os.environ.get(SETTING, ""))


@cache
def _load(named: str) -> Type:
    folders = [named] if named else [folder for folder in FOLDERS if Path(folder).is_dir()]
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
    present = set(fonts.families())
    serif = next((family for family in SERIF if family in present), "")
    sans = next((family for family in SANS if family in present), "")
    if not serif and not sans:
        raise NoChineseFont(NO_FONT, how=INSTALL)
    rare = tuple(family for family in RARE if family in present)
    return Type(fonts, (serif or sans, *rare), (sans or serif, *rare))
