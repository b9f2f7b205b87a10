"""Who hears of what: an open page hears only of subjects that its reader may see, by the rooms' own permissions."""

from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError

from qingkong.kernel.access.actors import Actor
from qingkong.kernel.events.stream import Announced

Sees = Callable[[Actor, Any], bool]

_sees: dict[str, Sees] = {}


def seen_by(label: str, sees: Sees) -> None:
    """Say who may see the rows of a table (`calls.call`): `sees(actor, row)`. Asked when one is announced."""
    _sees[label] = sees


def hearers(announced: Announced, actors: Iterable[Actor]) -> set[Actor]:
    """Those of the actors who may hear of it.

    A subject of a table whose room says who sees it is loaded once and asked for each; one that is gone nobody hears
    of. Anything else goes to its unit, or to everybody where it names none.
    """
    label, _, key = announced.subject_key.partition(":")
    sees = _sees.get(label)
    if sees is None:
        return {actor for actor in actors if announced.may_be_heard_by(actor.unit_id)}
    try:
        row = apps.get_model(label)._default_manager.filter(pk=key).first()
    except ValidationError:  # no key of a row
        return set()
    return set() if row is None else {actor for actor in actors if sees(actor, row)}
