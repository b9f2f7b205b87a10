"""Register a file as evidence of a call or a case."""

from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.db import IntegrityError, transaction

from qingkong.domains.enforcement.cases import queries as cases
from qingkong.domains.enforcement.evidence import queries, rules
from qingkong.domains.enforcement.evidence.media import sniffing
from qingkong.domains.enforcement.evidence.models import EvidenceItem
from qingkong.domains.enforcement.evidence.queries import Link
from qingkong.domains.enforcement.evidence.rules import Source
from qingkong.kernel import access, events, jobs, ledger, numbering, vault
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import Invalid, Refusal
from qingkong.kernel.text import zh
from qingkong.kernel.vault import Stored
from qingkong.kernel.vault.pieces import Spooled, take_in

CASE_IS_OVER = zh("案件 {number} 已经办结，不能再加入证据。")
WRITE_DOWN = zh("办结后发现的新证据，按新证据的程序另行处理。")
TOO_LONG = zh("最多 {most} 个字。")


class CannotRegister(Refusal):
    """The file wasn't registered; the message says why and what to do."""


def register_evidence(
    *, file: BinaryIO | Path | Spooled, name: str, link: Link, source: Source, actor: Actor, at: datetime,
    device: str = "", note: str = "", promised_sha256: str | None = None, promised_size: int | None = None,
) -> EvidenceItem:  # fmt: skip
    """Take a file into the vault and register it as evidence of a call or a case. One that came in pieces is moved there.

    The same content for the same call or case is one item: registering it again gives the one that stands (`already`). A program
    that calls itself a picture is kept and quarantined. Raises NotPermitted, CannotRegister, Invalid, and
    vault.CannotReceive for a file that can't be taken. Don't call it inside a transaction: a film takes seconds.
    """
    access.require(actor, "evidence.register", link)
    _check(link, device, note)
    vault.check_name(name)
    if isinstance(file, Spooled):
        stored = take_in(file, promised_sha256=promised_sha256, name=name)
    else:
        stored = vault.receive(file, promised_sha256=promised_sha256, promised_size=promised_size, name=name)
    try:
        return _register(stored, name, link, source, device.strip(), note.strip(), actor, at)
    except IntegrityError:  # somebody registered the same content in this very moment
        known = queries.twin(stored.sha256, link)
        if known is None:
            raise
        known.already = True
        return known


def require_open(link: Link) -> None:
    """Go on only if evidence can still be added. Raises CannotRegister for a case that is over."""
    if isinstance(link, cases.Case) and not link.is_open:
        raise CannotRegister(CASE_IS_OVER.fill(number=link.number), how=WRITE_DOWN, field="link")


def _check(link: Link, device: str, note: str) -> None:
    require_open(link)
    for field, value, most in (("device", device, 40), ("note", note, 60)):
        if len(value.strip()) > most:
            raise Invalid({field: TOO_LONG.fill(most=most)})


@transaction.atomic
def _register(
    stored: Stored, name: str, link: Link, source: Source, device: str, note: str, actor: Actor, at: datetime
) -> EvidenceItem:
    known = queries.twin(stored.sha256, link)
    if known is not None:
        known.already = True
        return known
    with vault.open(stored.sha256) as content:
        content_type = sniffing.content_type_of(content.read(sniffing.HEAD))
    verdict = rules.judge(name, content_type)
    to_case = isinstance(link, cases.Case)
    item = EvidenceItem(
        number=numbering.take("D", at=at),
        original_id=stored.sha256,
        size=stored.size,
        content_type=content_type,
        kind=verdict.kind,
        state=verdict.state,
        quarantined_for=_ending(name) if verdict.reason else "",
        declared_name=name,
        note=note,
        source=source,
        device=device,
        unit_id=actor.unit_id or link.unit_id,
        registered_by_id=actor.officer_id,
        registered_by_name=actor.name,
        received_at=at,
        **{"case": link, "case_number": link.number} if to_case else {"call": link, "call_number": link.number},
        **queries.kept("case" if to_case else "call", received_at=at),
    )
    item.save(force_insert=True)
    _enter(item, verdict, actor, at)
    if rules.wanted(verdict.kind, verdict.state):
        jobs.enqueue("evidence.derive", at=at, item=str(item.pk))
    events.happened("evidence.registered", at=at, actor=actor, item=item)
    return item


def _enter(item: EvidenceItem, verdict: rules.Verdict, actor: Actor, at: datetime) -> None:
    facts = {
        "number": item.number, "sha256": item.original_id, "size": item.size, "content_type": item.content_type,
        "kind": item.kind, "source": item.source, "device": item.device, "link": item.thread,
    }  # fmt: skip
    act = "evidence.registered"
    if verdict.reason is not None:
        act, facts = "evidence.quarantined", {**facts, "reason": verdict.reason.in_chinese()}
    ledger.record(actor=actor, at=at, act=act, subject=item, facts=facts)


def _ending(name: str) -> str:
    """What a quarantined file's name ended in, so that the page can say what it pretended to be."""
    return f".{name.rpartition('.')[2][:10].lower()}" if "." in name else "."
