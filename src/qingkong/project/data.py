"""Load law, places, units and local lists: rows that are data, not code. Says what it changed."""

from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec

from django.db import transaction

from qingkong.kernel import ledger
from qingkong.kernel.access import Actor

LOADERS = [
    "qingkong.kernel.places.loading",
    "qingkong.kernel.clocks.loading",
    "qingkong.kernel.gates.loading",
    "qingkong.project.county",
    "qingkong.domains.enforcement.calls.loading",
    "qingkong.domains.enforcement.cases.loading",
    "qingkong.domains.enforcement.property.loading",
    "qingkong.domains.enforcement.dossiers.loading",
    "qingkong.domains.trust.satisfaction.loading",
]


@transaction.atomic
def load(*, actor: Actor, at: datetime) -> list[str]:
    """Bring the rows up to the data files; one line for each change, none when nothing changed.

    What changed is entered in the ledger.
    """
    changes: list[str] = []
    for name in LOADERS:
        if find_spec(name.rpartition(".")[0]) and find_spec(name):
            loader: Callable[..., list[str]] = import_module(name).load
            changes += loader(actor=actor, at=at)
    if changes:
        ledger.record(actor=actor, at=at, act="project.data_loaded", subject="project:data", facts={"changes": changes})
    return changes
