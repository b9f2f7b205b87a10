"""Disclosure at the portal. The pages find their addresses here."""

from qingkong.domains.trust.disclosure.ways.portal import opened, progress

__all__ = ["opened", "progress"]
