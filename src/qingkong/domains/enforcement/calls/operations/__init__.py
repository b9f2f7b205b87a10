"""Everything that can be done with a call: one function a verb. Other rooms import from here."""

from qingkong.domains.enforcement.calls.operations.bulk import ImportedCall, import_calls
from qingkong.domains.enforcement.calls.operations.close import CannotClose, close_call
from qingkong.domains.enforcement.calls.operations.dispatch import CannotDispatch, dispatch_unit, stand_down
from qingkong.domains.enforcement.calls.operations.intake import Intake
from qingkong.domains.enforcement.calls.operations.lists import load_kinds
from qingkong.domains.enforcement.calls.operations.stamps import (
    CannotStamp,
    acknowledge,
    arrive,
    depart,
    mark_scene_step,
    report_back,
)
from qingkong.domains.enforcement.calls.operations.take import CannotLink, Taken, link_repeat, take_call

__all__ = [
    "CannotClose", "CannotDispatch", "CannotLink", "CannotStamp", "ImportedCall", "Intake", "Taken", "acknowledge",
    "arrive", "close_call", "depart", "dispatch_unit", "import_calls", "link_repeat", "load_kinds",
    "mark_scene_step", "report_back", "stand_down", "take_call",
]  # fmt: skip
