"""What makes open pages look again: rows that are written announce their subject, in the same transaction.

Calls, files and things announce themselves, with each of their operations; here stand the rooms that write many
kinds of rows about one subject. Which officers hear of it, the room's own permission says.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.db.models.signals import post_save

from qingkong.kernel import access, events, records
from qingkong.kernel.access import Actor
from qingkong.kernel.gates.models import Finding
from qingkong.kernel.notices.models import InboxLine

SEEN_WITH: Mapping[str, str] = {
    "calls.call": "calls.see",
    "cases.case": "cases.see",
    "cases.report": "cases.see_reports",
    "dossiers.dossier": "dossiers.see",
    "evidence.evidenceitem": "evidence.see",
    "property.exhibit": "property.see",
}
"""The permission with which each subject is seen, and so heard of."""

ABOUT: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "cases.Case": ("cases", lambda row: row),
    "cases.Report": ("cases", lambda row: row),
    "cases.Approval": ("cases", lambda row: row.case or row.report),
    "cases.Decision": ("cases", lambda row: row.case),
    "cases.LegalReview": ("cases", lambda row: row.decision.case),
    "evidence.EvidenceItem": ("evidence", lambda row: row),
    "notices.InboxLine": ("inbox", lambda row: row),
}
"""The topic of a table's rows, and the subject whose pages should look again."""

TOPICS = {"calls.call": "calls", "cases.case": "cases", "cases.report": "cases", "property.exhibit": "property"}
"""Where a finding shows: on the pages of its subject."""


def start() -> None:
    """Called once, when all apps are loaded."""
    for label, permission in SEEN_WITH.items():
        events.seen_by(label, _with(permission))
    events.seen_by("notices.inboxline", _is_theirs)
    for label, (topic, subject_of) in ABOUT.items():
        post_save.connect(_announcing(topic, subject_of), sender=apps.get_model(label), weak=False, dispatch_uid=label)
    post_save.connect(_finding, sender=Finding, weak=False, dispatch_uid="gates.Finding")
    records.watch_writes(lambda model: model is Finding, _findings)


def _with(permission: str) -> Callable[[Actor, Any], bool]:
    return lambda actor, row: access.may(actor, permission, row)


def _is_theirs(actor: Actor, line: InboxLine) -> bool:
    """An officer's own line, or one of their unit for their post."""
    if line.officer_id is not None:
        return line.officer_id == actor.officer_id
    return line.unit_id == actor.unit_id and line.post in ("", actor.post)


def _announcing(topic: str, subject_of: Callable[[Any], Any]) -> Callable[..., None]:
    def saved(instance: Any, raw: bool = False, **_: object) -> None:
        if not raw and (subject := subject_of(instance)) is not None:
            events.announce(topic, subject)

    return saved


def _findings(model: type[Model], using: str, keys: Iterable[Any], columns: frozenset[str] | None) -> None:
    for finding in Finding.objects.filter(pk__in=list(keys)):
        _finding(finding)


def _finding(instance: Any, **_: object) -> None:
    if topic := TOPICS.get(instance.subject_key.partition(":")[0]):
        events.announce(topic, instance.subject_key)
