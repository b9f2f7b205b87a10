"""查进展: code and phone, six digits, the page; and who looked."""

from datetime import datetime
from uuid import UUID

from django.http import HttpResponse

from qingkong.domains.trust.disclosure import operations, queries, rules
from qingkong.kernel.text import zh
from qingkong.web import portal
from qingkong.web.forms import Form, PhoneField, TextField
from qingkong.web.portal import PortalRequest

CHALLENGE, VISIT, UNTIL = "progress challenge", "progress report", "progress until"


class AskForm(Form):
    code = TextField(label=zh("查询码"), max_length=40, hint=zh("在回执上，四组四位，例如 7K3M-9QXA-…"))
    phone = PhoneField(label=zh("报案时留的手机号"))


class DigitsForm(Form):
    digits = TextField(label=zh("六位验证码"), max_length=10)


@portal.page("progress/", name="disclosure.ask")
def ask(request: PortalRequest) -> HttpResponse:
    """Where is my matter? Whatever is typed, the next page is the same."""
    form = AskForm(request.POST or None)
    if form.is_valid():
        challenge = operations.ask(
            code=form.cleaned_data["code"], phone=form.cleaned_data["phone"],
            address=request.META.get("REMOTE_ADDR", ""), actor=request.actor, at=request.at,
        )  # fmt: skip
        request.session[CHALLENGE] = str(challenge)
        return portal.done(request, "disclosure.digits")
    return portal.render(request, "disclosure/ask.html", form=form, title=zh("查进展"), submit=zh("下一步"))


@portal.page("progress/code/", name="disclosure.digits")
def digits(request: PortalRequest) -> HttpResponse:
    """The six digits from the message."""
    challenge = request.session.get(CHALLENGE)
    if not challenge:
        return portal.done(request, "disclosure.ask")
    form = DigitsForm(request.POST or None)
    if form.is_valid():
        report_id = operations.open_page(
            challenge_id=UUID(challenge), digits=form.cleaned_data["digits"], actor=request.actor, at=request.at
        )
        request.session.cycle_key()
        del request.session[CHALLENGE]
        request.session[VISIT] = str(report_id)
        request.session[UNTIL] = (request.at + rules.VISIT_LASTS).isoformat()
        return portal.done(request, "disclosure.progress")
    return portal.render(
        request, "disclosure/digits.html", form=form, sent=rules.SENT, title=zh("输入验证码"), submit=zh("查看进展")
    )


@portal.page("progress/mine/", name="disclosure.progress")
def progress(request: PortalRequest) -> HttpResponse:
    """How far it is, the lawful date, whom to ask."""
    report_id = _visit(request)
    if report_id is None:
        return portal.done(request, "disclosure.ask")
    return portal.render(
        request, "disclosure/progress.html", page=queries.progress_page(report_id), title=zh("您的事办到哪一步")
    )


@portal.page("progress/looks/", name="disclosure.looks")
def looks(request: PortalRequest) -> HttpResponse:
    """Who looked at my data, when and why."""
    report_id = _visit(request)
    if report_id is None:
        return portal.render(request, "disclosure/looks_how.html", title=zh("谁看过我的信息"))
    return portal.render(
        request, "disclosure/looks.html", looks=queries.looks_at_me(report_id), title=zh("谁看过我的信息")
    )


@portal.page("progress/leave/", name="disclosure.leave")
def leave(request: PortalRequest) -> HttpResponse:
    """Close the page on this device."""
    for key in (CHALLENGE, VISIT, UNTIL):
        request.session.pop(key, None)
    return portal.done(request, "disclosure.ask")


def _visit(request: PortalRequest) -> UUID | None:
    until = request.session.get(UNTIL)
    if not until or datetime.fromisoformat(until) <= request.at:
        return None
    return UUID(request.session[VISIT])
