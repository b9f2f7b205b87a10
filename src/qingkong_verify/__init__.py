"""Checks a ledger, a proof or an evidence bundle offline, with nothing but Python's standard library. For courts."""

from qingkong_verify.errors import VerificationError
from qingkong_verify.merkle import verify_consistency, verify_inclusion
from qingkong_verify.notes import verify_checkpoint

__all__ = ["VerificationError", "verify_checkpoint", "verify_consistency", "verify_inclusion"]
