"""Human numbers without gaps: J2026-000001, 东公(沙)行罚决字〔2026〕12号."""

from qingkong.kernel.numbering.serials import take, take_statutory

__all__ = ["take", "take_statutory"]
