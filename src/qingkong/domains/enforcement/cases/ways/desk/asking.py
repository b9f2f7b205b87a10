"""Do a thing where the actor has the power, ask the approver where not: one form, two outcomes."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse

from qingkong.domains.enforcement.cases import operations, queries
from qingkong.domains.enforcement.cases.queries import Case, Report
from qingkong.domains.enforcement.cases.rules.matters import Matter
from qingkong.kernel.text import Sentence, zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest

SUBMITTED = zh("已报请审批：{matter}。")
ASK = zh("报请{matter}")


def has_power(request: DeskRequest, matter: Matter, subject: Case | Report) -> bool:
    """Whether the actor does it at once: the law gives the power, and they don't stand in the team."""
    able = operations.has_power(matter, unit=subject.unit, actor=request.actor, at=request.at)
    return able and not (isinstance(subject, Case) and queries.in_team(request.actor, subject))


def do_or_ask(
    request: DeskRequest,
    matter: Matter,
    *,
    operation: Callable[..., Any],
    done: Sentence,
    asks: dict[str, Any],
    reason: str,
    report: Report | None = None,
    case: Case | None = None,
) -> HttpResponse:
    """Do it, or hand it to whoever may; then back to the report or case."""
    subject = case or report
    assert subject is not None  # one of the two
    named = {"case": case} if case is not None else {"report": report}
    if has_power(request, matter, subject):
        operation(**named, **asks, actor=request.actor, at=request.at)
        return back(request, subject, done)
    operations.ask_approval(matter=matter, asks=asks, reason=reason, actor=request.actor, at=request.at, **named)
    return back(request, subject, SUBMITTED.fill(matter=matter.label))


def back(request: DeskRequest, subject: Case | Report, said: Sentence | None = None) -> HttpResponse:
    if isinstance(subject, Case):
        return desk.done(request, "desk:cases.case", said, case_id=subject.pk)
    return desk.done(request, "desk:cases.report", said, report_id=subject.pk)


def form_page(request: DeskRequest, subject: Any, form: Any, *, back_to: str = "", **words: Any) -> HttpResponse:
    """A page that is one form about a case or a report."""
    name, arg = ("desk:cases.case", "case_id") if isinstance(subject, Case) else ("desk:cases.report", "report_id")
    return desk.render(
        request, "cases/form.html", about=subject, is_case=isinstance(subject, Case), form=form,
        home=desk.url(name, **{arg: subject.pk}), cancel=back_to or desk.url(name, **{arg: subject.pk}), **words,
    )  # fmt: skip


def submit_word(request: DeskRequest, matter: Matter, subject: Case | Report) -> Sentence:
    """What the button says: the thing itself, or that it is asked for."""
    return matter.label if has_power(request, matter, subject) else ASK.fill(matter=matter.label)
