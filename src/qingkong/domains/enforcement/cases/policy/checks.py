"""What this room's gates ask, with the article and how to put it right. Others hang theirs on the same steps.

Steps: `cases.file` (a report becomes a case), `cases.decide` (a decision is asked for or made), `cases.close` (a case ends:
closed, stopped, prosecuted or withdrawn).
"""

from datetime import datetime

from qingkong.domains.enforcement.cases.models import Case, Decision, Report, Service
from qingkong.domains.enforcement.cases.queries import facts
from qingkong.domains.enforcement.cases.rules.matters import PartyRole
from qingkong.domains.enforcement.cases.rules.states import MADE, Way
from qingkong.domains.enforcement.cases.rules.teams import HANDLERS, TeamRole
from qingkong.kernel import clocks
from qingkong.kernel.gates import Check, Gate
from qingkong.kernel.text import article_in_words, zh

PSAPL = "治安管理处罚法"
ADMIN = "公安机关办理行政案件程序规定"
CRIMINAL = "公安机关办理刑事案件程序规定"
REPORTS = "公安机关接报案与立案工作规定第四条"


def _made(case: Case) -> list[Decision]:
    return [decision for decision in case.decisions.all() if decision.state in MADE]


def registered_late(subject: Report | Case, at: datetime) -> bool:
    """The report was written down later than the law leaves for urgent handling first (limit JCJ-07)."""
    calls = [report.call for report in _reports(subject) if report.call is not None]
    return any(clock.limit_id == "JCJ-07" and clock.late for call in calls for clock in clocks.of(call))


def evidence_not_asked(subject: Report | Case, at: datetime) -> bool:
    return any(not report.evidence_taken and not report.no_evidence_yet for report in _reported(subject))


def no_receipt(subject: Report | Case, at: datetime) -> bool:
    return any(report.receipt_at is None for report in _reported(subject))


def reviewed_late(case: Case, at: datetime) -> bool:
    """Filed after the time for review had run out (LA-02, LA-04)."""
    reviews = [clock for report in case.reports.all() for clock in clocks.of(report)]
    return any(clock.limit_id in ("LA-02", "LA-04") and clock.late for clock in reviews)


def fewer_than_two(case: Case, at: datetime) -> bool:
    return len({m.officer_id for m in case.team if m.role in HANDLERS}) < len(HANDLERS)


def no_legal_officer(case: Case, at: datetime) -> bool:
    handlers = {m.officer_id for m in case.members.all() if m.role in HANDLERS}
    legal = [m.officer_id for m in case.team if m.role == TeamRole.LEGAL]
    return not legal or any(officer in handlers for officer in legal)


def decided_without_notice(case: Case, at: datetime) -> bool:
    return any(decision.penal and decision.told_at is None for decision in _made(case))


def decided_without_review(case: Case, at: datetime) -> bool:
    return any(
        facts.review_grounds(decision, facts.last_notice(decision))
        and not decision.reviews.filter(passed=True).exists()
        for decision in _made(case)
        if decision.penal
    )


def not_served(case: Case, at: datetime) -> bool:
    """A decision hasn't reached the party, or a victim who must have a copy."""
    made = _made(case)
    if not made:
        return False
    served = set(Service.objects.filter(decision__in=made).values_list("decision_id", "party_id"))
    victims = list(case.parties.filter(role=PartyRole.VICTIM).values_list("pk", flat=True))
    return any((d.pk, party) not in served for d in made for party in [d.party_id, *victims])


def victim_not_told(case: Case, at: datetime) -> bool:
    """The time for the case has run out without a decision, and the victim wasn't told why."""
    if case.victim_told_at is not None or not case.parties.filter(role=PartyRole.VICTIM).exists():
        return False
    return any(clock.limit_id == "XZ-07" and clock.state(at) == "overdue" for clock in clocks.of(case))


def handled_late(case: Case, at: datetime) -> bool:
    return any(clock.limit_id in ("XZ-07", "XZ-08") and clock.late for clock in clocks.of(case))


def _reports(subject: Report | Case) -> list[Report]:
    return [subject] if isinstance(subject, Report) else list(subject.reports.all())


def _reported(subject: Report | Case) -> list[Report]:
    """Reports that somebody made; what officers found themselves has no reporter to give a receipt to."""
    return [report for report in _reports(subject) if report.way not in (Way.FOUND, Way.TRANSFER)]


CHECKS = [
    Check(
        "cases.receipt", gate=Gate.SOURCE, at_step=("cases.file", "cases.close"), sentence=zh("没有给报案人回执。"),
        how=zh("现在出具回执；拒收或者联系不上的，在回执上注明。"), article=article_in_words(CRIMINAL, 171), fails=no_receipt,
    ),
    Check(
        "cases.evidence_asked", gate=Gate.SOURCE, at_step="cases.file", blocks=False,
        sentence=zh("没有写明报案人当场提交了什么证据。"),
        how=zh("登记接受的证据，或者写明报案人暂时没有证据。"), article=REPORTS, fails=evidence_not_asked,
    ),
    Check(
        "cases.registered_at_once", gate=Gate.SOURCE, at_step="cases.file", blocks=False,
        sentence=zh("接报后没有按时登记。"), how=zh("写明原因；登记时间不得补改。"), article=REPORTS, fails=registered_late,
    ),
    Check(
        "cases.filed_in_time", gate=Gate.SOURCE, at_step="cases.close", blocks=False,
        sentence=zh("立案审查超过了期限。"), how=zh("写明原因，告知报案人。"), article="公通字〔2015〕32号", fails=reviewed_late,
    ),
    Check(
        "cases.two_officers", gate=Gate.PROCESS, at_step=("cases.decide", "cases.close"), sentence=zh("办案民警少于二人。"),
        how=zh("请单位负责人补充指定协办民警；辅警不算。"), article=article_in_words(PSAPL, 108), fails=fewer_than_two,
    ),
    Check(
        "cases.legal_officer", gate=Gate.PROCESS, at_step=("cases.decide", "cases.close"),
        sentence=zh("没有法制员，或者法制员办过本案。"), how=zh("请单位负责人另行指定没有办理过本案的法制员。"),
        article=article_in_words(ADMIN, 171), fails=no_legal_officer,
    ),
    Check(
        "cases.noticed", gate=Gate.PROCESS, at_step="cases.close", sentence=zh("有处罚决定没有事先告知。"),
        how=zh("事后不能补告知；请报法制大队依法纠正决定。"), article=article_in_words(PSAPL, 112), fails=decided_without_notice,
    ),
    Check(
        "cases.reviewed", gate=Gate.PROCESS, at_step="cases.close", sentence=zh("应当法制审核的决定没有经过审核。"),
        how=zh("事后不能补审核；请报法制大队依法纠正决定。"), article=article_in_words(PSAPL, 114), fails=decided_without_review,
    ),
    Check(
        "cases.served", gate=Gate.PROCESS, at_step="cases.close", sentence=zh("有决定书没有送达被处罚人或者被侵害人。"),
        how=zh("现在送达；无法送达的，注明原因或者公告送达。"), article=article_in_words(PSAPL, 116), fails=not_served,
    ),
    Check(
        "cases.victim_told", gate=Gate.PROCESS, at_step="cases.close", blocks=False,
        sentence=zh("超过办案期限，没有向被侵害人说明情况。"), how=zh("现在说明，并登记。"),
        article=article_in_words(ADMIN, 165), fails=victim_not_told,
    ),
    Check(
        "cases.in_time", gate=Gate.PROCESS, at_step="cases.close", blocks=False, sentence=zh("超过了办案期限。"),
        how=zh("写明原因；期限不得补延。"), article=article_in_words(PSAPL, 118), fails=handled_late,
    ),
]  # fmt: skip
