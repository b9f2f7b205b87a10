"""Everything that can be done with a case file: one function a verb. Other rooms import from here."""

from qingkong.domains.enforcement.dossiers.operations.answering import CannotAnswer, answer_return
from qingkong.domains.enforcement.dossiers.operations.checking import CannotCheck, pass_check, return_dossier
from qingkong.domains.enforcement.dossiers.operations.compiling import (
    CannotCompile,
    add_scan,
    gather,
    leave_out,
    open_dossier,
    reorder,
    take_in,
)
from qingkong.domains.enforcement.dossiers.operations.moving import CannotMove, reopen, seal, submit, withdraw
from qingkong.domains.enforcement.dossiers.operations.printing import print_catalogue, print_cover, read_paper

__all__ = [
    "CannotAnswer", "CannotCheck", "CannotCompile", "CannotMove", "add_scan", "answer_return", "gather", "leave_out",
    "open_dossier", "pass_check", "print_catalogue", "print_cover", "read_paper", "reopen", "reorder", "return_dossier", "seal",
    "submit", "take_in", "withdraw",
]  # fmt: skip
