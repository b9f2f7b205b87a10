"""The append-only record of every change and every look: entries, the Merkle tree over them, checkpoints.

Import from here. What needs models is given lazily, so that `apps.py` modules may import this one.
"""

from typing import TYPE_CHECKING, Any

from qingkong.kernel.ledger.acts import UnknownAct, register_acts, register_looks, register_posts

if TYPE_CHECKING:
    from qingkong.kernel.ledger.agreeing import agreement
    from qingkong.kernel.ledger.auditing import Problem, Report, verify
    from qingkong.kernel.ledger.erasing import CannotErase, erase_facts
    from qingkong.kernel.ledger.exposing import Exposure, exposure
    from qingkong.kernel.ledger.keys import KeyMissing, make_key, vkey
    from qingkong.kernel.ledger.models import Entry
    from qingkong.kernel.ledger.months import check_months, make_months
    from qingkong.kernel.ledger.proving import NotYetSealed, prove
    from qingkong.kernel.ledger.reading import Line, Standing, looks_at, standing, timeline
    from qingkong.kernel.ledger.recording import CannotRecord, record, record_many
    from qingkong.kernel.ledger.sequencing import LedgerBroken, checkpoint, deferred, integrate
    from qingkong.kernel.ledger.triggers import check_triggers

_WHERE = {
    "agreeing": ("agreement",),
    "auditing": ("Problem", "Report", "verify"),
    "erasing": ("CannotErase", "erase_facts"),
    "exposing": ("Exposure", "exposure"),
    "keys": ("KeyMissing", "make_key", "vkey"),
    "models": ("Entry",),
    "months": ("check_months", "make_months"),
    "proving": ("NotYetSealed", "prove"),
    "reading": ("Line", "Standing", "looks_at", "standing", "timeline"),
    "recording": ("CannotRecord", "record", "record_many"),
    "sequencing": ("LedgerBroken", "checkpoint", "deferred", "integrate"),
    "triggers": ("check_triggers",),
}
_HOME = {name: module for module, names in _WHERE.items() for name in names}

__all__ = ["UnknownAct", "register_acts", "register_looks", "register_posts", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(name)
    from importlib import import_module

    found = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = found  # asked once
    return found
