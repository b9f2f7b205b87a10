"""Mediation of a public-order case between its parties: agreed, and performed or not (治安管理处罚法 §9)."""

from datetime import date, datetime

from django.db import transaction

from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.models import Case, Mediation
from qingkong.domains.enforcement.cases.operations.teams import require_open
from qingkong.kernel import access, ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh

NOT_PUBLIC_ORDER = zh("只有治安案件可以调解处理。")
AGREED_ALREADY = zh("本案已经登记了调解协议。")
NO_AGREEMENT = zh("没有待履行的调解协议。")


class CannotMediate(Refusal):
    """This case isn't one to mediate, or there is no open agreement."""


@transaction.atomic
def record_agreement(*, case: Case, terms: str, actor: Actor, at: datetime, due_on: date | None = None) -> Mediation:
    """The parties agreed; performing it ends the case without a penalty. Raises CannotMediate."""
    access.require(actor, "cases.handle", case)
    case = Case.objects.locked(case.pk)
    require_open(case)
    if case.is_criminal or not case.public_order:
        raise CannotMediate(NOT_PUBLIC_ORDER, case=case.number)
    if Mediation.objects.filter(case=case).exists():
        raise CannotMediate(AGREED_ALREADY, case=case.number)
    mediation = Mediation.objects.create(
        **queries.kept(f"party_{case.kind}", at=at), case=case, agreed_at=at, due_on=due_on, terms=terms.strip()
    )
    ledger.record(actor=actor, at=at, act="cases.mediated", subject=case, facts={"due": due_on})
    return mediation


@transaction.atomic
def record_performance(*, case: Case, performed: bool, actor: Actor, at: datetime) -> Mediation:
    """The agreement was performed, or it failed and the case goes on to a decision (程序规定 §185). Raises CannotMediate."""
    access.require(actor, "cases.handle", case)
    case = Case.objects.locked(case.pk)
    require_open(case)
    mediation = Mediation.objects.filter(case=case, performed_at=None, failed_at=None).first()
    if mediation is None:
        raise CannotMediate(NO_AGREEMENT, case=case.number)
    if performed:
        mediation.performed_at = at
    else:
        mediation.failed_at = at
    mediation.save(update_fields=["performed_at", "failed_at"])
    act = "cases.mediation_performed" if performed else "cases.mediation_failed"
    ledger.record(actor=actor, at=at, act=act, subject=case)
    return mediation
