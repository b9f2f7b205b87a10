"""Evidence of a call becomes evidence of the case that came of it."""

from datetime import datetime

from django.db import transaction

from qingkong.domains.enforcement.cases.queries import Case
from qingkong.domains.enforcement.evidence import queries
from qingkong.domains.enforcement.evidence.models import EvidenceItem
from qingkong.kernel import access, ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh

OTHER_CASE = zh("{number} 已归入案件 {case}，一份证据只归一个案件。")
REGISTER_AGAIN = zh("另一个案件也要用的，在那个案件里登记同一个文件，库里只存一份。")
ALREADY_THERE = zh("案件 {case} 里已有同一个文件：{number}。")
CASE_IS_OVER = zh("案件 {case} 已经办结，不能再加入证据。")


class CannotLink(Refusal):
    """The item stays where it is; the message says why."""


@transaction.atomic
def link_evidence(*, item: EvidenceItem, case: Case, actor: Actor, at: datetime) -> EvidenceItem:
    """Make an item of a call one of a case, too; it is then kept as long as the case's evidence is.

    Linking it again to the same case changes nothing. Raises CannotLink, NotPermitted.
    """
    access.require(actor, "evidence.link", item)
    access.require(actor, "evidence.register", case)
    item = EvidenceItem.objects.locked(item.pk)
    if item.case_id == case.pk:
        return item
    if item.case_id:
        raise CannotLink(OTHER_CASE.fill(number=item.number, case=item.case_number), how=REGISTER_AGAIN, field="link")
    if not case.is_open:
        raise CannotLink(CASE_IS_OVER.fill(case=case.number), field="link")
    if known := queries.twin(item.original_id, case):
        raise CannotLink(ALREADY_THERE.fill(case=case.number, number=known.number), field="link")

    item.join_case(case, kept=queries.kept("case", received_at=item.received_at))
    facts = {"number": item.number, "case": case.number, "sha256": item.original_id}
    ledger.record(actor=actor, at=at, act="evidence.linked", subject=item, facts=facts, thread=item.call_number or None)
    if item.call_number:
        ledger.record(actor=actor, at=at, act="evidence.linked", subject=item, facts=facts, thread=case.number)
    return item
