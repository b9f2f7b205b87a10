"""What a proof bundle is about, and which entries belong in."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from qingkong.kernel.ledger.models import Entry
from qingkong.kernel.refusals import Refusal


class CannotBundle(Refusal):
    """Too many entries, or a file that no entry of the bundle names."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a bundle is about: a subject's key, and the thread (call or case number) where all of it belongs in."""

    subject: str
    thread: str = ""

    @property
    def label(self) -> str:
        return self.thread or self.subject


def scope_of(what: str) -> Scope:
    """A scope from what is typed: a subject's key (`calls.call:0190…`), or a call or case number."""
    return Scope(what) if ":" in what else Scope(f"thread:{what}", what)


@dataclass(frozen=True, slots=True)
class Attached:
    """The bytes of a paper or a film that an entry names by its digest; `suffix` such as `.pdf`."""

    data: bytes
    suffix: str


def entries_about(scope: Scope, using: str) -> "QuerySet[Entry]":
    subject = Q(subject=scope.subject)
    return Entry.objects.using(using).filter(subject | Q(thread=scope.thread) if scope.thread else subject)


def is_about(row: Entry, scope: Scope) -> bool:
    return row.subject == scope.subject or bool(scope.thread and row.thread == scope.thread)


def is_erased(row: Entry) -> bool:
    facts = getattr(row, "facts", None)
    return facts is not None and facts.value is None
