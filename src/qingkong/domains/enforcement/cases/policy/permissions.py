"""One table of permissions. With no subject a predicate answers for the page; with one, for that report or case."""

from typing import Any

from qingkong.domains.enforcement.cases.queries import scope
from qingkong.domains.enforcement.cases.rules.teams import HANDLERS
from qingkong.kernel.access import Actor, Predicate, anyone_on_duty, post, predicate, the_system
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.text import zh


@predicate
def sees(actor: Actor, subject: Any) -> bool:
    """The team, the unit's head, legal section, case office, leaders, inspector. Not another station."""
    case = _case(subject)
    return actor.post in scope.SEES_CASES if case is None else scope.sees_case(actor, case)


@predicate
def sees_report(actor: Actor, subject: Any) -> bool:
    """The unit that registered it, the team of its case, and those who see all cases."""
    if subject is None:
        return actor.post in scope.SEES_CASES
    return scope.sees_report(actor, subject)


@predicate
def follows_calls(actor: Actor, subject: Any) -> bool:
    """Posts that may be shown what became of a call; which report they see is asked again."""
    return actor.post in scope.SEES_CASES


@predicate
def looks(actor: Actor, subject: Any) -> bool:
    """Who may open persons of a case: the case office sees the case and no person."""
    return sees(actor, subject) and actor.post is not Post.CASE_OFFICE


@predicate
def looks_at_report(actor: Actor, subject: Any) -> bool:
    """As a case; a reporter who wants to stay unnamed opens only to who registered it, the team, heads and leaders."""
    if not sees_report(actor, subject) or actor.post is Post.CASE_OFFICE:
        return False
    if subject is None or not subject.wants_anonymity:
        return True
    close = subject.registered_by_id == actor.officer_id or scope.heads(actor, subject.unit_id)
    in_team = bool(subject.case_id and scope.in_team(actor, subject.case))
    return close or in_team or actor.post in (Post.BUREAU_LEADER, Post.INSPECTOR)


@predicate
def handles(actor: Actor, subject: Any) -> bool:
    """Lead or second of the case."""
    case = _case(subject)
    if case is None:
        return actor.post in scope.REGISTERS
    return any(m.officer_id == actor.officer_id and m.role in HANDLERS for m in case.team)


@predicate
def own_report(actor: Actor, subject: Any) -> bool:
    """An officer of the unit that registered the report."""
    return subject is None or actor.unit_id == subject.unit_id


@predicate
def over_the_unit(actor: Actor, subject: Any) -> bool:
    """The head of the unit, or a bureau leader."""
    case = _case(subject)
    return case is None or actor.post is Post.BUREAU_LEADER or scope.heads(actor, case.unit_id)


def _case(subject: Any) -> Any:
    """The case a subject belongs to: itself, or the one of a decision, a party, a report."""
    return subject if subject is None or hasattr(subject, "over_ground") else subject.case


officers = post(*scope.REGISTERS)
heads = post(Post.STATION_HEAD, Post.BRIGADE_HEAD, Post.BUREAU_LEADER)
powers = officers | heads  # which of them, data/powers.toml says

MAY: dict[str, Predicate] = {
    "cases.see": sees,
    "cases.look": looks,
    "cases.see_reports": sees_report,
    "cases.follow_calls": follows_calls,
    "cases.look_report": looks_at_report | the_system,
    "cases.register": officers,
    "cases.receipt": officers & own_report,
    "cases.file": powers & sees_report,
    "cases.decline": heads & sees_report,
    "cases.transfer": heads,
    "cases.ask": officers,
    "cases.approve": heads,
    "cases.convert": post(Post.BUREAU_LEADER),
    "cases.name_team": heads & over_the_unit,
    "cases.handle": officers & handles,
    "cases.hear": post(Post.LEGAL_SECTION),
    "cases.review": post(Post.LEGAL_SECTION),
    "cases.decides": heads | post(Post.LEGAL_SECTION),
    "cases.decide": heads & over_the_unit,
    "cases.close": heads & over_the_unit,
    "cases.extend": heads | post(Post.LEGAL_SECTION, Post.CASE_OFFICE),
    "cases.series": (officers | heads) & sees,
    "cases.flow": anyone_on_duty,
    "cases.import": the_system,
}

LABELS = {
    "cases.see": zh("查看案件"),
    "cases.look": zh("查阅案件当事人"),
    "cases.see_reports": zh("查看接报案"),
    "cases.follow_calls": zh("查看警情后来的接报案"),
    "cases.look_report": zh("查阅报案人"),
    "cases.register": zh("登记接报案"),
    "cases.receipt": zh("出具回执"),
    "cases.file": zh("立案"),
    "cases.decline": zh("不予立案"),
    "cases.transfer": zh("移送"),
    "cases.ask": zh("报请审批"),
    "cases.approve": zh("审批"),
    "cases.convert": zh("行政与刑事转换"),
    "cases.name_team": zh("指定办案组"),
    "cases.handle": zh("办理案件"),
    "cases.hear": zh("主持听证"),
    "cases.review": zh("法制审核"),
    "cases.decides": zh("查看待审批事项"),
    "cases.decide": zh("作出决定"),
    "cases.close": zh("结束案件"),
    "cases.extend": zh("延长期限"),
    "cases.series": zh("串并案"),
    "cases.flow": zh("查看办案流程图"),
    "cases.import": zh("批量导入案件"),
}
