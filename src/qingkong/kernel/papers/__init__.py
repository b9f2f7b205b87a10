"""Papers: facts set in type by a template, kept as PDF in the vault, entered in the ledger.

Papers are Chinese, whatever the reader's language. A paper that can't show every character isn't made.
Not for: papers that come in from outside (they are evidence).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qingkong.kernel.papers.fonts import NoChineseFont
    from qingkong.kernel.papers.issuing import bytes_of, issue, of
    from qingkong.kernel.papers.models import Paper
    from qingkong.kernel.papers.qr import qr_svg
    from qingkong.kernel.papers.registry import register, titles
    from qingkong.kernel.papers.rendering import MissingGlyph, render

__all__ = [
    "MissingGlyph", "NoChineseFont", "Paper", "bytes_of", "issue", "of", "qr_svg", "register", "render", "titles",
]  # fmt: skip
_WHERE = {
    "fonts": ("NoChineseFont",),
    "issuing": ("bytes_of", "issue", "of"),
    "models": ("Paper",),
    "qr": ("qr_svg",),
    "registry": ("register", "titles"),
    "rendering": ("MissingGlyph", "render"),
}
_HOME = {name: module for module, names in _WHERE.items() for name in names}


def __getattr__(name: str) -> Any:
    """Rows load with the app registry, so what touches them is given lazily."""
    if name not in _HOME:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
