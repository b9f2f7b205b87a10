"""Everything that can be done with evidence: one function a verb."""

from qingkong.domains.enforcement.evidence.operations.derive import make_derivatives
from qingkong.domains.enforcement.evidence.operations.link import CannotLink, link_evidence
from qingkong.domains.enforcement.evidence.operations.register import CannotRegister, register_evidence, require_open
from qingkong.domains.enforcement.evidence.operations.view import (
    CannotOpen,
    download_original,
    keep_looking,
    open_evidence,
    running_look,
)

__all__ = [
    "CannotLink", "CannotOpen", "CannotRegister", "download_original", "keep_looking", "link_evidence", "make_derivatives",
    "open_evidence", "register_evidence", "require_open", "running_look",
]  # fmt: skip
