"""What is kept about persons goes when its time is over: a job every day, a dry run at any time, an entry each.

What was sealed is emptied, its digests too; the row stays, so that the record it belongs to stays whole. Rooms say
what holds a record longer (an open case), or that they let go of it in their own way.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from itertools import islice
from operator import or_
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Cast

from qingkong.kernel import ledger
from qingkong.kernel.access.actors import Actor
from qingkong.kernel.access.models import Personal
from qingkong.kernel.access.permissions import require
from qingkong.kernel.access.sealed import SealedDigestField, SealedTextField
from qingkong.kernel.text import Sentence, local

FORGET = "access.forget"
FORGOTTEN = "access.forgotten"
MOST = 2000  # records a run; the next day goes on

Holds = Callable[[Any], Sentence | None]


@dataclass(frozen=True, slots=True)
class Keeping:
    """How one kind of personal record ends: what holds it on, or the words of the room that ends it in its own way."""

    name: Sentence
    holds: Holds | None = None
    own_way: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One kind of record in a run or dry run: how many are over, how many of these are held and why, how many went."""

    kind: str
    name: str
    over: int
    held: int
    why: tuple[str, ...]
    forgotten: int
    own_way: str


_keepings: dict[str, Keeping] = {}


def retain(label: str, name: Sentence, *, holds: Holds | None = None, own_way: Sentence | None = None) -> None:
    """Say how records of a model (`calls.caller`, 报警人) end. `holds(record)` gives why one must be kept on, or None."""
    _keepings[label] = Keeping(name, holds, own_way)


def personal_models() -> list[type[Personal]]:
    """Every kind of record about a person, by its label."""
    found = [model for model in apps.get_models() if issubclass(model, Personal)]
    return sorted(found, key=lambda model: model._meta.label_lower)


def unsaid() -> list[str]:
    """Kinds of personal record of which no room has said how they end."""
    return [m._meta.label_lower for m in personal_models() if m._meta.label_lower not in _keepings]


def what_is_over(*, at: datetime) -> list[Standing]:
    """The dry run: what would go on the county's day of `at`, and what is held. Changes nothing."""
    return [_look_through(model, at=at, forget=None) for model in personal_models()]


def forget_what_is_over(*, actor: Actor, at: datetime) -> list[Standing]:
    """Empty what is over, each record in a transaction of its own with its entry. Raises NotPermitted."""
    require(actor, FORGET)
    return [_look_through(model, at=at, forget=actor) for model in personal_models()]


def _look_through(model: type[Personal], *, at: datetime, forget: Actor | None) -> Standing:
    keeping = _keepings[model._meta.label_lower]
    over = held = forgotten = 0
    why: dict[str, None] = {}
    for record in islice(_over(model, local(at).date()), MOST if forget else None):
        over += 1
        if keeping.own_way is not None:
            continue
        if keeping.holds is not None and (reason := keeping.holds(record)) is not None:
            held += 1
            why[str(reason)] = None
        elif forget is not None:
            _forget(record, actor=forget, at=at)
            forgotten += 1
    own_way = str(keeping.own_way or "")
    return Standing(model._meta.label_lower, str(keeping.name), over, held, tuple(why), forgotten, own_way)


def _over(model: type[Personal], day: date) -> Iterator[Personal]:
    """Records whose last day has passed and that still hold something, the longest over first."""
    # A sealed column takes no look-up of its own; whether it is empty is asked of the text that is kept.
    shown = model._default_manager.alias(**{f"{name}_kept": Cast(name, models.TextField()) for name in _sealed(model)})
    holding = [~Q(**{f"{name}_kept": ""}) for name in _sealed(model)]
    rows = shown.filter(expires_on__lt=day)
    return (rows.filter(reduce(or_, holding)) if holding else rows).order_by("expires_on", "pk").iterator(200)


@transaction.atomic
def _forget(record: Personal, *, actor: Actor, at: datetime) -> None:
    """Empty the sealed columns of one record and their digests; the entry says which, and on what ground it was kept."""
    record = type(record)._default_manager.select_for_update().get(pk=record.pk)
    columns = _sealed(type(record))
    for name in columns:
        setattr(record, name, "")
    digests = [f.name for f in record._meta.concrete_fields if isinstance(f, SealedDigestField)]
    record.save(update_fields=[*columns, *digests])
    ledger.record(
        actor=actor, at=at, act=FORGOTTEN, subject=record,
        facts={"columns": columns, "ground": record.legal_ground, "until": record.expires_on},
    )  # fmt: skip


def _sealed(model: type[Personal]) -> list[str]:
    return [f.name for f in model._meta.concrete_fields if isinstance(f, SealedTextField)]
