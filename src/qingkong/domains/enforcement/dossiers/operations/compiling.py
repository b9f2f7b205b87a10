"""Open a case file and put papers into it, in order. Nothing that was made is thrown away."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max

from qingkong.domains.enforcement.dossiers import queries, rules, sources, tables
from qingkong.domains.enforcement.dossiers.models import Dossier, DossierPaper
from qingkong.kernel import access, events, ledger, vault
from qingkong.kernel.access import Actor
from qingkong.kernel.records import uuid7
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh

OUT_OF_THE_WAY = 1_000_000  # positions while an order is being rewritten


class CannotCompile(Refusal):
    """The list of papers stays as it is; the message says why."""


@transaction.atomic
def open_dossier(*, case: Any, actor: Actor, at: datetime) -> Dossier:
    """Open the file of a case, or give the one it has (一案一卷, 程序规定第二百六十条)."""
    access.require(actor, "dossiers.compile", case)
    if known := queries.dossier_of(case):
        return known
    one = Dossier.objects.create(case=case, unit_id=case.unit_id, opened_at=at)
    ledger.record(actor=actor, at=at, act="dossiers.opened", subject=one, facts={"case": case.number})
    return one


@transaction.atomic
def gather(*, dossier: Dossier, actor: Actor, at: datetime) -> list[DossierPaper]:
    """Put every paper and every piece of evidence of the case into the file that isn't in it, in the usual order."""
    return take_in(dossier=dossier, keys=[one.key for one in queries.missing(dossier, actor=actor)], actor=actor, at=at)


@transaction.atomic
def take_in(*, dossier: Dossier, keys: Sequence[str], actor: Actor, at: datetime) -> list[DossierPaper]:
    """Put these papers and pieces of evidence into the file, each after its kind; page numbers follow.

    `keys` are those of `queries.missing`. Raises CannotCompile where the list is frozen or one isn't of this case.
    """
    dossier = _changeable(dossier, actor)
    wanted = set(keys)
    found = [one for one in queries.missing(dossier, actor=actor) if one.key in wanted]
    if len(found) < len(wanted):
        raise CannotCompile(zh("有材料不属于本案，或者已经在卷内。"))
    added = [
        _add(
            dossier, source=one.source, kind=one.kind, key=one.key, title=one.title, number=one.number,
            sha256=one.sha256, made_at=one.made_at, responsible=one.responsible, actor=actor, at=at,
        )
        for one in found
    ]  # fmt: skip
    if added:
        _put_each_in_its_part(dossier, added)
    return added


@transaction.atomic
def add_scan(
    *, dossier: Dossier, content: BinaryIO, name: str, title: str, made_at: datetime, kind: str = sources.RECORD_KIND,
    actor: Actor, at: datetime,
) -> DossierPaper:  # fmt: skip
    """Put a scanned paper into the file. `made_at` is when the paper was made, never later than now.

    Raises CannotCompile; the vault's refusals for an empty or broken file.
    """
    dossier = _changeable(dossier, actor)
    if not title.strip():
        raise CannotCompile(zh("请写明材料名称。"), field="title")
    if made_at > at:
        raise CannotCompile(zh("材料形成的时间晚于现在。"), field="made_at")
    stored = vault.receive(content, name=name)
    one = _add(
        dossier, source=rules.Source.SCAN, kind=kind, key=f"scan:{uuid7()}", title=title.strip(), number="",
        sha256=stored.sha256, made_at=made_at, responsible=actor.name, actor=actor, at=at,
    )  # fmt: skip
    _put_each_in_its_part(dossier, [one])
    return one.fresh()


@transaction.atomic
def leave_out(*, paper: DossierPaper, reason: str, actor: Actor, at: datetime) -> DossierPaper:
    """Take a paper out of the list, with the reason. The paper itself stays, and so does this line about it.

    Raises CannotCompile without a reason, and for a paper that a return names: it stays, what was done anew follows it.
    """
    _changeable(paper.dossier, actor)
    paper = DossierPaper.objects.locked(paper.pk)
    if not reason.strip():
        raise CannotCompile(zh("请写明为什么不入卷。"), field="reason")
    if paper.left_out_at is not None:
        return paper
    if queries.ReturnedPoint.objects.filter(paper=paper).exists():
        raise CannotCompile(zh("这份材料被法制员指出过问题，要留在卷内。"), how=rules.NO_BACKDATING)
    paper.leave_out(at=at, reason=reason.strip())
    _renumber(paper.dossier, list(paper.dossier.papers.inside()))
    ledger.record(
        actor=actor, at=at, act="dossiers.left_out", subject=paper.dossier,
        facts={"paper": paper.title, "number": paper.number, "reason": reason.strip()},
    )  # fmt: skip
    return paper


@transaction.atomic
def reorder(*, dossier: Dossier, order: Sequence[UUID], actor: Actor, at: datetime) -> list[DossierPaper]:
    """Put the papers into this order. Raises CannotCompile unless it holds all of them, once."""
    dossier = _changeable(dossier, actor)
    inside = {one.pk: one for one in dossier.papers.inside()}
    if reason := rules.why_not_order(list(inside), list(order)):
        raise CannotCompile(reason)
    wanted = [inside[pk] for pk in order]
    _renumber(dossier, wanted)
    ledger.record(
        actor=actor, at=at, act="dossiers.ordered", subject=dossier, facts={"papers": [one.title for one in wanted]}
    )
    return wanted


def put_in(
    dossier: Dossier, one: sources.Available, *, after: DossierPaper | None, actor: Actor, at: datetime
) -> DossierPaper:
    """Add one source right behind another paper: what was done anew follows what it repeats."""
    added = _add(
        dossier, source=one.source, kind=one.kind, key=one.key, title=one.title, number=one.number, sha256=one.sha256,
        made_at=one.made_at, responsible=one.responsible, actor=actor, at=at,
    )  # fmt: skip
    inside = [paper for paper in dossier.papers.inside() if paper.pk != added.pk]
    place = next((n + 1 for n, paper in enumerate(inside) if after and paper.pk == after.pk), len(inside))
    _renumber(dossier, [*inside[:place], added, *inside[place:]])
    return added.fresh()


def _changeable(dossier: Dossier, actor: Actor) -> Dossier:
    """The locked file, if its list may change now. Raises CannotCompile."""
    access.require(actor, "dossiers.compile", dossier)
    dossier = Dossier.objects.select_related("case").select_for_update(of=("self",)).get(pk=dossier.pk)
    if reason := rules.why_not_change(rules.State(dossier.state)):
        raise CannotCompile(reason, how=rules.REOPEN_FIRST, case=dossier.case.number)
    return dossier


def _add(
    dossier: Dossier, *, source: rules.Source, kind: str, key: str, title: str, number: str, sha256: str,
    made_at: datetime, responsible: str, actor: Actor, at: datetime,
) -> DossierPaper:  # fmt: skip
    last = dossier.papers.aggregate(last=Max("position"))["last"] or 0
    one = DossierPaper.objects.create(
        dossier=dossier, position=last + 1, title=title[:160], source=source, kind=kind, source_key=key, number=number,
        sha256=sha256, pages=sources.pages_in(sha256), responsible=responsible[:40], made_at=made_at, added_at=at,
        added_by_name=actor.name,
    )  # fmt: skip
    ledger.record(
        actor=actor, at=at, act="dossiers.added", subject=dossier,
        facts={"paper": one.title, "number": number, "source": source.value, "sha256": sha256, "made": made_at},
    )  # fmt: skip
    events.announce("dossiers", dossier, unit_id=dossier.unit_id, at=at)
    return one


def _put_each_in_its_part(dossier: Dossier, added: Sequence[DossierPaper]) -> None:
    """Move new papers behind the last one of their part of the file; an order somebody made by hand stays."""
    fresh = {one.pk for one in added}
    wanted = [one for one in dossier.papers.inside() if one.pk not in fresh]
    for one in added:
        key = (*tables.place_of(one.kind), one.made_at)
        before = [n for n, other in enumerate(wanted) if (*tables.place_of(other.kind), other.made_at) <= key]
        wanted.insert(before[-1] + 1 if before else 0, one)
    _renumber(dossier, wanted)


def _renumber(dossier: Dossier, wanted: Sequence[DossierPaper]) -> None:
    """Give positions 1, 2, 3 … in this order; two writes however many, so that no two share one meanwhile."""
    dossier.papers.inside().update(position=F("position") + OUT_OF_THE_WAY)
    for position, one in enumerate(wanted, start=1):
        one.position = position
    DossierPaper.objects.bulk_update(wanted, ["position"])
