"""What hangs where: every menu line, tab, tile, panel and subscription that crosses a room, on one page."""

from collections.abc import Callable, Iterable
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings

from qingkong.domains.enforcement.calls import auditing as calls_auditing
from qingkong.domains.enforcement.calls.queries import REGISTER_WITHIN, Call, caller_of
from qingkong.domains.enforcement.cases import auditing as cases_auditing
from qingkong.domains.enforcement.cases.queries import Case, Report
from qingkong.domains.enforcement.dossiers import auditing as dossiers_auditing
from qingkong.domains.enforcement.evidence import auditing as evidence_auditing
from qingkong.domains.enforcement.property import auditing as property_auditing
from qingkong.domains.trust.disclosure import auditing as disclosure_auditing
from qingkong.domains.trust.disclosure.ways.portal import opened
from qingkong.domains.trust.satisfaction import auditing as satisfaction_auditing
from qingkong.domains.trust.satisfaction.operations import invite
from qingkong.domains.trust.satisfaction.rules import About
from qingkong.domains.trust.satisfaction.ways import desk as satisfaction
from qingkong.kernel import access, clocks, events
from qingkong.kernel.access import Actor, Purpose
from qingkong.kernel.access import auditing as access_auditing
from qingkong.kernel.clocks import auditing as clocks_auditing
from qingkong.kernel.gates import auditing as gates_auditing
from qingkong.kernel.jobs import auditing as jobs_auditing
from qingkong.kernel.notices import auditing as notices_auditing
from qingkong.kernel.papers import auditing as papers_auditing
from qingkong.kernel.text import Sentence, zh
from qingkong.project import live, proofs, tasks
from qingkong.project.backup import standing
from qingkong.web import desk, findings, portal, status


def hang() -> None:
    """Called once, when all apps are loaded."""
    _menus()
    _portal()
    _surveys()
    proofs.hang()
    events.on("reports.registered", registered)
    clocks.on_ring(tasks.tell)
    live.start()


def _menus() -> None:
    for domain in ("calls", "cases", "evidence", "property", "dossiers"):
        name = f"qingkong.domains.enforcement.{domain}.ways"
        if find_spec(name) and find_spec(f"{name}.hanging"):
            import_module(f"{name}.hanging").hang()
    desk.hang_panel("myday", "desk/inbox.html", findings.inbox, needs="web.sign_in")
    desk.hang_menu(
        "accountability", zh("待处理的问题"), "desk:web.findings", "gates.see", icon="triangle-alert",
        count=findings.waiting,
    )  # fmt: skip
    desk.hang_menu("accountability", zh("存证"), "desk:web.ledger", "ledger.read", icon="scroll-text")
    desk.hang_menu("people", zh("满意度"), "desk:satisfaction.results", "satisfaction.see", icon="smile")
    desk.hang_panel("myday", "satisfaction/panel.html", satisfaction.panel, needs="satisfaction.see")
    if settings.QINGKONG_DEMO:
        desk.hang_menu("house", zh("演示短信"), "desk:web.messages", "public", icon="mail")
    desk.hang_menu("house", zh("系统状态"), "desk:web.status", "web.status", icon="shield-check")
    desk.hang_status("ledger", zh("存证"), status.of_ledger)
    desk.hang_status("jobs", zh("后台任务"), status.of_jobs)
    desk.hang_status("backup", standing.TITLE, standing.lines)
    desk.hang_menu("house", zh("账号和岗位"), "desk:web.accounts", "accounts.manage", icon="users")


def _portal() -> None:
    portal.hang_tile(
        zh("查进展"), zh("报案、案件，凭回执上的查询码和手机验证码"), "portal:disclosure.ask", icon="search"
    )
    portal.hang_tile(
        zh("评一评"), zh("凭短信里的一次性评价码，民警看不到是谁评的"), "portal:satisfaction.evaluate", icon="star"
    )
    portal.hang_tile(zh("谁看过我的信息"), zh("每一次查阅都有时间、单位和事由"), "portal:disclosure.looks", icon="eye")
    for label, note, route in (
        (zh("办案依据和期限"), zh("每一项期限，附条文"), "portal:disclosure.limits"),
        (zh("办案流程图"), zh("与办公端同一份数据"), "portal:disclosure.course"),
        (zh("群众评出来的结果"), zh("全县，带区间，不排名"), "portal:satisfaction.results"),
        (zh("监督渠道"), zh("对办理不满意，找谁"), "portal:disclosure.supervision"),
        (zh("核验我们"), zh("不用相信我们，自己核对存证"), "portal:web.check"),
    ):
        portal.hang_tile(label, note, route, group="disclosure")
    portal.hang_figures(opened.figures)


def registered(*, report: Report, actor: Actor, at: datetime, **_: object) -> None:
    """A case-worthy call has become a report: the limit for that (JCJ-07) is met."""
    if report.call is not None and clocks.runs(REGISTER_WITHIN, subject=report.call):
        clocks.stop(REGISTER_WITHIN, subject=report.call, at=at, actor=actor)


# --- a survey for each closed call and each ended case ----------------------------------------------------------

ENDINGS = ("cases.closed", "cases.stopped", "cases.prosecuted", "cases.withdrawn")


def _surveys() -> None:
    events.on("calls.closed", ask_the_caller)
    for ending in ENDINGS:
        events.on(ending, ask_the_reporter)


def ask_the_caller(*, call: Call, actor: Actor, at: datetime, **_: object) -> None:
    """The system invites whoever called; the phone is opened for that alone, and entered."""
    caller = caller_of(call)
    if caller is None or not caller.phone:
        return
    system = access.system("satisfaction")
    look = access.look(actor=system, subject=caller, purpose=Purpose.NOTIFYING, reference=call.number, at=at)
    invite(
        about=About.CALL, number=call.number, unit_id=call.unit_id, phone=caller.phone.open(look), actor=system, at=at
    )


def ask_the_reporter(*, case: Case, actor: Actor, at: datetime, **_: object) -> None:
    """The system invites whoever reported the case, if they left a phone."""
    system = access.system("satisfaction")
    for report in case.reports.all():
        if not report.reporter_phone:
            continue
        look = access.look(actor=system, subject=report, purpose=Purpose.NOTIFYING, reference=report.number, at=at)
        invite(
            about=About.CASE, number=case.number, unit_id=case.unit_id, phone=report.reporter_phone.open(look),
            actor=system, at=at,
        )  # fmt: skip
        return


# --- what `qingkong check --deep` asks ----------------------------------------------------------------------------

AUDITS = (
    (zh("账号与机构"), access_auditing.disagreements),
    (zh("期限"), clocks_auditing.disagreements),
    (zh("关口"), gates_auditing.disagreements),
    (zh("文书"), papers_auditing.disagreements),
    (zh("消息"), notices_auditing.disagreements),
    (zh("警情"), calls_auditing.disagreements),
    (zh("报案与案件"), cases_auditing.disagreements),
    (zh("证据"), evidence_auditing.disagreements),
    (zh("涉案财物"), property_auditing.disagreements),
    (zh("卷宗"), dossiers_auditing.disagreements),
    (zh("满意度"), satisfaction_auditing.disagreements),
    (zh("公众查询"), disclosure_auditing.disagreements),
)


def audits() -> list[tuple[Sentence, Callable[[datetime], Iterable[Sentence]], bool]]:
    """What each room asks of its rows and entries: its name, the question, and whether a problem is grave."""
    asked = [(what, _whenever(question), True) for what, question in AUDITS]
    return [*asked, (zh("后台任务"), lambda at: jobs_auditing.stuck(at=at), False)]


def _whenever(question: Callable[[], Iterable[Sentence]]) -> Callable[[datetime], Iterable[Sentence]]:
    return lambda at: question()
