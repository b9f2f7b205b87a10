"""Verify a ledger in its database: every row against the bytes, the bytes against the tree, the tree against the
signatures. Streams in constant memory; names the row and column that was altered, deleted, inserted or swapped.
"""

from qingkong.kernel.ledger.auditing.findings import Problem, Report
from qingkong.kernel.ledger.auditing.verifying import verify

__all__ = ["Problem", "Report", "verify"]
