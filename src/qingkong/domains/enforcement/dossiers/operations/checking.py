"""The last check by the legal officer, on six points (程序规定第一百七十条): pass it, or return it with reasons."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from qingkong.domains.enforcement.dossiers import queries, rules, tables
from qingkong.domains.enforcement.dossiers.models import Dossier, DossierPaper, LastCheck, ReturnedPoint
from qingkong.domains.enforcement.dossiers.operations.moving import locked
from qingkong.kernel import access, events, ledger, notices
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh


class CannotCheck(Refusal):
    """The check isn't entered; the message says why."""


@transaction.atomic
def pass_check(
    *, dossier: Dossier, verdicts: Mapping[str, rules.Verdict], words: str = "", actor: Actor, at: datetime
) -> LastCheck:
    """Pass a file: all six points sound. Its list is frozen, and the digest of the catalogue is entered.

    Raises CannotCheck for anybody but the legal officer of the case, one who handled or approved in it, a point left
    out, a fault.
    """
    dossier = _for_checker(dossier, actor, "pass")
    _judge(verdicts, [], passing=True)
    digest = rules.catalogue_digest(dossier.case.number, queries.catalogue(dossier))
    made = _enter(dossier, verdicts, rules.Outcome.PASSED, words, actor, at)
    dossier.move("pass", passed_at=at, catalogue_digest=digest)
    _told(dossier, "dossiers.passed", {"round": made.round, "digest": digest, "words": words.strip()}, actor, at)
    return made


@transaction.atomic
def return_dossier(
    *, dossier: Dossier, verdicts: Mapping[str, rules.Verdict], faults: Sequence[Any], words: str = "",
    actor: Actor, at: datetime,
) -> LastCheck:  # fmt: skip
    """Return a file: each faulty point says what is wrong and asks for a repeat or a written explanation.

    `faults` are `rules.Fault`. Nothing else can be asked: an `ask` that is no ReturnAsk is refused, as the database
    would. Raises CannotCheck.
    """
    dossier = _for_checker(dossier, actor, "return")
    for fault in faults:
        if not isinstance(fault.ask, rules.ReturnAsk):
            raise CannotCheck(rules.UNKNOWN_ASK, how=rules.WHY_NEVER_ADD, field="ask")
    _judge(verdicts, faults, passing=False)
    papers = {one.pk: one for one in dossier.papers.inside()}
    made = _enter(dossier, verdicts, rules.Outcome.RETURNED, words, actor, at)
    for fault in faults:
        ReturnedPoint.objects.create(
            check_made=made, point=fault.point, paper=_named(papers, fault), reason=fault.reason.strip(), ask=fault.ask
        )
    dossier.move("return")
    facts = {"round": made.round, "faults": [[f.point, f.ask.value, f.reason.strip()] for f in faults]}
    _told(dossier, "dossiers.returned", facts, actor, at)
    return made


def _for_checker(dossier: Dossier, actor: Actor, verb: str) -> Dossier:
    access.require(actor, "dossiers.check", dossier)
    dossier = locked(dossier)
    if reason := rules.why_not_check(
        checker=actor.officer_id, legal=queries.legal_of(dossier.case), acted=queries.acted_in(dossier.case)
    ):
        raise CannotCheck(reason, how=rules.ANOTHER_LEGAL, case=dossier.case.number)
    if refused := rules.why_not(verb, rules.State(dossier.state)):
        raise CannotCheck(refused, case=dossier.case.number)
    return dossier


def _judge(verdicts: Mapping[str, rules.Verdict], faults: Sequence[rules.Fault], *, passing: bool) -> None:
    labels = {point.id: point.label for point in tables.points().values()}
    if reason := rules.why_not_judge(verdicts, faults, points=labels, passing=passing):
        raise CannotCheck(reason)


def _named(papers: Mapping[Any, DossierPaper], fault: rules.Fault) -> DossierPaper | None:
    if fault.paper_id is None:
        return None
    if fault.paper_id not in papers:
        raise CannotCheck(zh("指出的材料不在卷内。"), field="paper")
    return papers[fault.paper_id]


def _enter(
    dossier: Dossier,
    verdicts: Mapping[str, rules.Verdict],
    outcome: rules.Outcome,
    words: str,
    actor: Actor,
    at: datetime,
) -> LastCheck:
    return LastCheck.objects.create(
        dossier=dossier, round=dossier.checks.count() + 1, officer_id=actor.officer_id, officer_name=actor.name, at=at,
        outcome=outcome, verdicts={point: verdict.value for point, verdict in verdicts.items()}, words=words.strip(),
    )  # fmt: skip


def _told(dossier: Dossier, act: str, facts: dict[str, Any], actor: Actor, at: datetime) -> None:
    ledger.record(actor=actor, at=at, act=act, subject=dossier, facts={"case": dossier.case.number, **facts})
    text = zh("卷宗检查通过：{number}") if act == "dossiers.passed" else zh("卷宗被退回：{number}")
    if dossier.submitted_by_id is not None:
        notices.tell(
            officer_id=dossier.submitted_by_id, text=text.fill(number=dossier.case.number), subject=dossier, at=at
        )
    events.happened(act, at=at, actor=actor, dossier=dossier)
    events.announce("dossiers", dossier, unit_id=dossier.unit_id, at=at)
