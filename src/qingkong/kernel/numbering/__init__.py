"""Human numbers without gaps: J2026-000001, 东公(沙)行罚决字〔2026〕12号."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qingkong.kernel.numbering.serials import PLAIN, take, take_statutory

__all__ = ["PLAIN", "take", "take_statutory"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    from qingkong.kernel.numbering import serials  # its model loads with the app registry

    return getattr(serials, name)
