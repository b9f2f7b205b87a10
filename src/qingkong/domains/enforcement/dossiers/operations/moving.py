"""Hand the file to the legal officer, take it back, seal it, open it again."""

from datetime import datetime
from typing import Any

from django.db import transaction

from qingkong.domains.enforcement.dossiers import queries, rules
from qingkong.domains.enforcement.dossiers.models import Dossier
from qingkong.kernel import access, events, ledger, notices
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh


class CannotMove(Refusal):
    """The file stays in its state; the message says why."""


def locked(dossier: Dossier) -> Dossier:
    return Dossier.objects.select_related("case", "unit").select_for_update(of=("self",)).get(pk=dossier.pk)


@transaction.atomic
def submit(*, dossier: Dossier, actor: Actor, at: datetime) -> Dossier:
    """Hand the file to the legal officer of the case; again after a return, when everything asked is answered.

    Raises CannotMove for an empty file, or one with unanswered points.
    """
    access.require(actor, "dossiers.compile", dossier)
    dossier = locked(dossier)
    unanswered = len(queries.open_faults(dossier))
    papers = dossier.papers.inside().count()
    if reason := rules.why_not_submit(rules.State(dossier.state), papers=papers, unanswered=unanswered):
        raise CannotMove(reason, case=dossier.case.number)
    dossier.move("submit", submitted_at=at, submitted_by_id=actor.officer_id, submitted_by_name=actor.name)
    _told(dossier, "dossiers.submitted", actor=actor, at=at, papers=papers)
    for officer_id in queries.legal_of(dossier.case):
        notices.tell(
            officer_id=officer_id, text=zh("待检查卷宗：{number}", number=dossier.case.number), subject=dossier, at=at
        )
    return dossier


@transaction.atomic
def withdraw(*, dossier: Dossier, actor: Actor, at: datetime) -> Dossier:
    """Take a file back that nobody has checked yet. Raises CannotMove."""
    access.require(actor, "dossiers.compile", dossier)
    dossier = locked(dossier)
    if reason := rules.why_not("withdraw", rules.State(dossier.state)):
        raise CannotMove(reason, case=dossier.case.number)
    dossier.move("withdraw", submitted_at=None, submitted_by_id=None, submitted_by_name="")
    _told(dossier, "dossiers.withdrawn", actor=actor, at=at)
    return dossier


@transaction.atomic
def seal(*, dossier: Dossier, actor: Actor, at: datetime) -> Dossier:
    """Seal a file that passed: its catalogue must still have the digest that was entered then.

    Raises CannotMove where it hasn't passed, or where list and digest differ (somebody changed the database).
    """
    access.require(actor, "dossiers.seal", dossier)
    dossier = locked(dossier)
    if reason := rules.why_not("seal", rules.State(dossier.state)):
        raise CannotMove(reason, case=dossier.case.number)
    if rules.catalogue_digest(dossier.case.number, queries.catalogue(dossier)) != dossier.catalogue_digest:
        raise CannotMove(
            zh("目录和检查通过时的校验值不一致，不能封卷。"), how=zh("请报督察大队查明；原因查明前不要改动卷宗。"),
            case=dossier.case.number,
        )  # fmt: skip
    dossier.move("seal", sealed_at=at)
    _told(dossier, "dossiers.sealed", actor=actor, at=at, digest=dossier.catalogue_digest)
    return dossier


@transaction.atomic
def reopen(*, dossier: Dossier, reason: str, actor: Actor, at: datetime) -> Dossier:
    """Open a passed file again because the case goes on; the last check must then be made anew.

    Only the legal officer of the case, with a reason. The digest of the passed catalogue stays in the ledger. Raises
    CannotMove.
    """
    access.require(actor, "dossiers.check", dossier)
    dossier = locked(dossier)
    if actor.officer_id not in queries.legal_of(dossier.case):
        raise CannotMove(rules.NOT_LEGAL_OFFICER, case=dossier.case.number)
    if refused := rules.why_not("reopen", rules.State(dossier.state)):
        raise CannotMove(refused, case=dossier.case.number)
    if not reason.strip():
        raise CannotMove(zh("请写明为什么重新开卷。"), field="reason")
    before = dossier.catalogue_digest
    dossier.move(
        "reopen", passed_at=None, catalogue_digest="", submitted_at=None, submitted_by_id=None, submitted_by_name=""
    )
    _told(dossier, "dossiers.reopened", actor=actor, at=at, reason=reason.strip(), digest_before=before)
    return dossier


def _told(dossier: Dossier, act: str, *, actor: Actor, at: datetime, **facts: Any) -> None:
    ledger.record(actor=actor, at=at, act=act, subject=dossier, facts={"case": dossier.case.number, **facts})
    events.happened(act, at=at, actor=actor, dossier=dossier)
    events.announce("dossiers", dossier, unit_id=dossier.unit_id, at=at)
