"""What this room hangs on the frames: menu lines, what waits, the finder, pages of its subjects."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.queries import Case
from qingkong.kernel import access, clocks
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.text import zh
from qingkong.web import desk, field


def hang() -> None:
    """Called once by the project's wiring."""
    desk.hang_menu(
        "source",
        zh("接报案"),
        "desk:cases.reports",
        "cases.see_reports",
        icon="clipboard-list",
        count=queries.open_reports_count,
    )
    desk.hang_menu(
        "process", zh("案件"), "desk:cases.list", "cases.see", icon="folder-open", count=queries.open_cases_count
    )
    desk.hang_menu(
        "process", zh("待我审批"), "desk:cases.waiting", "cases.decides", icon="stamp", count=queries.waiting_count
    )
    desk.hang_menu("process", zh("串并案"), "desk:cases.all_series", "cases.see", icon="link")
    desk.hang_menu("process", zh("办案流程图"), "desk:cases.flow", "cases.flow", icon="route")
    desk.hang_tab(
        "calls.call", key="report", label=zh("接报案"), template="cases/call_tab.html", context=call_tab,
        needs="cases.follow_calls",
    )  # fmt: skip
    desk.hang_tab(
        "cases.case", key="papers", label=zh("文书"), template="cases/papers_tab.html", context=papers_tab,
        needs="cases.see",
    )  # fmt: skip
    desk.hang_subject("cases.case", route="desk:cases.case", arg="case_id")
    desk.hang_subject("cases.report", route="desk:cases.report", arg="report_id")
    desk.hang_subject("cases.decision", route="desk:cases.decision", arg="decision_id")
    desk.hang_subject("cases.series", route="desk:cases.series", arg="series_id")
    desk.hang_due(due)
    desk.hang_waiting(waiting)
    desk.hang_finder(find)
    field.hang_panel("home", "field/cases/register.html", lambda request: {}, needs="cases.register")


def call_tab(request: Any, call: Any) -> dict[str, Any]:
    """What became of a call: its report, or the way to register one with nothing typed twice."""
    reports = queries.reports_of_call(call, actor=request.actor)
    return {"reports": reports, "may_register": not reports and access.may(request.actor, "cases.register")}


def papers_tab(request: Any, case: Any) -> dict[str, Any]:
    """The papers of a case and of its reports; who may look at the people in it may open them."""
    may_read = access.may_look(actor=request.actor, subject=case, reference=case.number, at=request.at)
    return {"papers": queries.papers_of_case(case), "may_read": may_read}


def due(actor: Actor, at: datetime) -> Iterable[desk.DueRow]:
    """What waits for the actor to approve, decide or review; and reports of theirs without a receipt."""
    if actor.post is Post.LEGAL_OFFICER:  # follows the time of cases that others handle
        followed = {case.subject_key: case for case in queries.cases(actor=actor, state="open", mine=True)[:100]}
        for clock in clocks.due_of(followed, at=at):
            yield desk.DueRow(
                sentence=clock.clock.name, url=desk.subject_url(clock.subject_key), reference=clock.thread,
                basis=clock.clock.article, due_at=clock.due_at,
            )  # fmt: skip
    for approval in queries.approvals_waiting(actor=actor, at=at)[:20]:
        about = approval.case or approval.report
        yield desk.DueRow(
            sentence=zh("审批：{matter}", matter=approval.matter_label),
            url=desk.url("desk:cases.approval", approval_id=approval.pk),
            reference=about.number if about else "", basis="", note=approval.asked_by_name,
        )  # fmt: skip
    for decision in queries.decisions_waiting(actor=actor)[:20]:
        yield desk.DueRow(
            sentence=zh("决定：{title}", title=decision.case.title), url=desk.subject_url(decision.subject_key),
            reference=decision.case.number, basis="", note=decision.proposed_by_name,
        )  # fmt: skip
    for review in queries.reviews_waiting(actor=actor)[:20]:
        case = review.decision.case
        yield desk.DueRow(
            sentence=zh("法制审核：{title}", title=case.title), url=desk.subject_url(review.decision.subject_key),
            reference=case.number, basis=zh("治安管理处罚法第一百一十四条"),
        )  # fmt: skip
    for report in queries.without_receipt(actor=actor)[:20]:
        yield desk.DueRow(
            sentence=zh("出具回执：{subject}", subject=report.subject), url=desk.subject_url(report.subject_key),
            reference=report.number, basis=zh("公安机关接报案与立案工作规定第四条"),
        )  # fmt: skip


def waiting(actor: Actor, at: datetime) -> Iterable[desk.DueRow]:
    """What the actor asked for and others have yet to answer."""
    for approval in queries.asked_by(actor=actor)[:20]:
        about = approval.case or approval.report
        yield desk.DueRow(
            sentence=zh("{matter}，待批", matter=approval.matter_label),
            url=desk.url("desk:cases.approval", approval_id=approval.pk), reference=about.number if about else "", basis="",
        )  # fmt: skip


def find(actor: Actor, text: str, at: datetime) -> Iterable[desk.Hit]:
    """Reports and cases by number, cases by title, for the command bar."""
    for found in queries.find(actor=actor, text=text):
        is_case = isinstance(found, Case)
        yield desk.Hit(
            label=found.number, note=found.title if isinstance(found, Case) else found.subject,
            url=desk.subject_url(found.subject_key), icon="folder-open" if is_case else "clipboard-list",
        )  # fmt: skip
