"""Write entries, in the transaction of the change they are about. No entry, no change."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections, models

from qingkong.kernel.ledger import acts, canonical, sealing, storing
from qingkong.kernel.ledger.models import Entry
from qingkong.kernel.ledger.sequencing import soon
from qingkong.kernel.records import subject_key, thread_of, uuid7
from qingkong_verify.merkle import leaf_hash


class CannotRecord(RuntimeError):
    """The entry can't be written, so neither may the change it is about: a fault in the program, not an answer."""


@dataclass(frozen=True, slots=True)
class Written:
    """An entry with what stands beside it, ready for the database."""

    id: UUID
    at: datetime
    fields: Mapping[str, str]
    canonical: bytes
    leaf_hash: bytes
    salt: bytes | None
    facts: str | None

    def entry(self, using: str) -> Entry:
        """The row as the database has it."""
        special = {"id": self.id, "at": self.at, "canonical": self.canonical, "leaf_hash": self.leaf_hash}
        values = [special.get(name) or self.fields.get(name, "") for name in storing.COLUMNS]
        return Entry.from_db(using, storing.COLUMNS, values)


def record(
    *,
    actor: Any,
    at: datetime,
    act: str,
    subject: models.Model | str,
    facts: Mapping[str, Any] | None = None,
    purpose: str = "",
    reference: str = "",
    thread: str | None = None,
    using: str = "default",
) -> Entry:
    """Enter one act in the caller's transaction; the entry, which joins the tree after commit.

    `actor` has the attributes of `kernel.access.Actor`. `facts` are JSON values; instants, days, UUIDs and
    sentences become text. `thread` is the call or case number; by default the subject's own.
    Raises CannotRecord outside a transaction or for an entry that is too long, UnknownAct for an act nobody
    registered, ValueError for facts that JSON can't hold.
    """
    written = _write(
        actor=actor, at=at, act=act, subject=subject, facts=facts,
        purpose=purpose, reference=reference, thread=thread, using=using,
    )  # fmt: skip
    storing.insert([written], using)
    soon(using)
    return written.entry(using)


def record_many(items: Iterable[Mapping[str, Any]], *, using: str = "default") -> int:
    """Enter many acts in one go: each item holds the arguments of `record`. How many were entered."""
    written = [_write(**{**_LEFT_OUT, **item, "using": using}) for item in items]
    storing.insert(written, using)
    if written:
        soon(using)
    return len(written)


_LEFT_OUT: dict[str, Any] = {"facts": None, "purpose": "", "reference": "", "thread": None}


def _write(
    *, actor: Any, at: datetime, act: str, subject: models.Model | str, facts: Mapping[str, Any] | None,
    purpose: str, reference: str, thread: str | None, using: str,
) -> Written:  # fmt: skip
    if not connections[using].in_atomic_block:
        raise CannotRecord("an entry is written inside the transaction of the change it is about")
    if not acts.known(act):
        raise acts.UnknownAct(f"{act} isn't registered with ledger.register_acts")
    salt = sealing.salt(using, at)
    if salt is None and facts:
        salt = secrets.token_bytes(canonical.SALT_SIZE)
    text = None if salt is None else canonical.facts_text(facts or {})
    key = uuid7()
    fields = {
        "id": str(key),
        "at": canonical.moment(at),
        "act": act,
        "subject": subject_key(subject),
        "thread": thread_of(subject) if thread is None else thread,
        "actor_kind": str(actor.kind),
        "actor_id": _text(actor.officer_id),
        "actor_name": str(actor.name),
        "actor_post": _text(actor.post),
        "unit_id": _text(actor.unit_id),
        "unit_code": _text(actor.unit_code),
        "unit_name": _text(actor.unit_name),
        "purpose": str(purpose),
        "reference": str(reference),
        "commitment": canonical.commitment(salt, text) if salt and text is not None else "",
    }
    _fits(fields)
    data = canonical.entry_bytes(fields)
    return Written(key, at, fields, data, leaf_hash(data), salt, text)


_LENGTHS = {field.name: field.max_length for field in Entry._meta.get_fields() if isinstance(field, models.CharField)}


def _fits(fields: Mapping[str, str]) -> None:
    """What SQLite would take and PostgreSQL refuse is refused on both."""
    for name, longest in _LENGTHS.items():
        if longest is not None and len(fields[name]) > longest:
            raise CannotRecord(f"{name} of an entry has at most {longest} characters, not {len(fields[name])}")
        if "\0" in fields[name]:
            raise CannotRecord(f"{name} of an entry holds a NUL character")


def _text(value: UUID | str | None) -> str:
    return "" if value is None else str(value)
