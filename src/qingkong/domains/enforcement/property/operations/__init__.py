"""Everything that can be done with an exhibit: one function a verb. Other rooms import from here."""

from qingkong.domains.enforcement.property.operations.approving import CannotAnswer, answer_approval, ask_to_seize
from qingkong.domains.enforcement.property.operations.ending import (
    CannotDecide,
    CannotReturn,
    Handing,
    carry_out,
    decide,
    return_series,
    return_to_owner,
)
from qingkong.domains.enforcement.property.operations.keeping import (
    CannotHandOver,
    CannotKeep,
    accept_exhibit,
    appraise,
    hand_over,
    note_registration,
    print_label,
    refuse_exhibit,
)
from qingkong.domains.enforcement.property.operations.moving import CannotMove, PersonGiven
from qingkong.domains.enforcement.property.operations.taking import CannotSeize, Thing, register_only, seize

__all__ = [
    "CannotAnswer", "CannotDecide", "CannotHandOver", "CannotKeep", "CannotMove", "CannotReturn", "CannotSeize",
    "Handing", "PersonGiven", "Thing", "accept_exhibit", "answer_approval", "appraise", "ask_to_seize", "carry_out",
    "decide", "hand_over", "note_registration", "print_label", "refuse_exhibit", "register_only", "return_series",
    "return_to_owner", "seize",
]  # fmt: skip
