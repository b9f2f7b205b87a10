"""The administrator's pages: accounts, posts, passwords, second factors. No case, no call, no person."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from qingkong.kernel.access import accounts, second_factors
from qingkong.kernel.identity import queries
from qingkong.kernel.identity.models import Appointment, Officer, Unit
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import local, zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest
from qingkong.web.forms import ChoiceField, Form, PasswordField, TextField

SHOWN = 100


class AccountForm(Form):
    username = TextField(label=zh("警号"), max_length=20)
    name = TextField(label=zh("姓名"), max_length=40)
    password = PasswordField(label=zh("初始密码"), hint=zh("至少十位；本人第一次登录要设置第二因素。"))


class AppointForm(Form):
    unit = ChoiceField(label=zh("单位"), choices=lambda: [(unit.code, unit.name) for unit in queries.units()])
    post = ChoiceField(label=zh("岗位"), choices=Post)


class PasswordForm(Form):
    password = PasswordField(label=zh("新密码"), hint=zh("至少十位。"))


@desk.page("accounts/", needs="accounts.manage", name="web.accounts")
def list_accounts(request: DeskRequest) -> HttpResponse:
    """Officers by police number or name, a hundred at most, with their running posts."""
    wanted = request.GET.get("q", "").strip()[:40]
    found = Officer.objects.order_by("username")
    if wanted:
        found = found.filter(username__startswith=wanted) | found.filter(name__startswith=wanted)
    running = Prefetch(
        "appointments", Appointment.objects.filter(until_on=None).select_related("unit"), to_attr="running"
    )
    officers = list(found.prefetch_related(running)[: SHOWN + 1])
    return desk.render(
        request,
        "identity/accounts.html",
        title=zh("账号和岗位"),
        officers=officers[:SHOWN],
        more=len(officers) > SHOWN,
        wanted=wanted,
    )


@desk.page("accounts/new/", needs="accounts.manage", name="web.new_account")
def new_account(request: DeskRequest) -> HttpResponse:
    """Open an account."""
    form = AccountForm(request.POST or None)
    if form.is_valid():
        officer = accounts.make_account(**form.cleaned_data, actor=request.actor, at=request.at)
        return desk.done(request, "desk:web.account", zh("账号已开立，请任用岗位。"), officer_id=officer.pk)
    return desk.render(request, "identity/new_account.html", form=form, title=zh("开立账号"), submit=zh("开立"))


@desk.page("accounts/<uuid:officer_id>/", needs="accounts.manage", name="web.account")
def account(request: DeskRequest, officer_id: UUID) -> HttpResponse:
    """One account: its posts, and what can be done with it."""
    officer = _officer(officer_id)
    form = AppointForm(request.POST or None)
    if form.is_valid():
        unit, post = Unit.objects.get(code=form.cleaned_data["unit"]), Post(form.cleaned_data["post"])
        accounts.appoint(officer=officer, unit=unit, post=post, actor=request.actor, at=request.at)
        return desk.done(request, "desk:web.account", zh("已任用。"), officer_id=officer.pk)
    return desk.render(
        request,
        "identity/account.html",
        title=officer.name,
        officer=officer,
        appointments=queries.appointments_of(officer.pk, on=local(request.at).date()),
        factors=second_factors.factors_of(officer),
        form=form,
    )


@desk.page("accounts/<uuid:officer_id>/password/", needs="accounts.manage", name="web.account_password")
def account_password(request: DeskRequest, officer_id: UUID) -> HttpResponse:
    """Give an officer a new password."""
    officer = _officer(officer_id)
    form = PasswordForm(request.POST or None)
    if form.is_valid():
        accounts.set_password(
            officer=officer, password=form.cleaned_data["password"], actor=request.actor, at=request.at
        )
        return desk.done(request, "desk:web.account", zh("密码已更换。"), officer_id=officer.pk)
    return desk.render(
        request, "identity/account_password.html", officer=officer, form=form, title=zh("更换密码"), submit=zh("更换")
    )


@desk.page("accounts/<uuid:officer_id>/do/", needs="accounts.manage", name="web.account_do")
@require_POST
def account_do(request: DeskRequest, officer_id: UUID) -> HttpResponse:
    """The one-press acts: close, reopen, reset the second factor, end a post."""
    officer = _officer(officer_id)
    who: dict[str, Any] = {"actor": request.actor, "at": request.at}
    match request.POST.get("act"):
        case "close":
            accounts.close_account(officer=officer, **who)
            said = zh("账号已停用。")
        case "reopen":
            accounts.reopen_account(officer=officer, **who)
            said = zh("账号已恢复。")
        case "reset":
            second_factors.reset(officer=officer, **who)
            said = zh("第二因素已重置，本人下次登录时重新设置。")
        case "end":
            ended = (
                officer.appointments.filter(pk=str(request.POST.get("appointment", "")))
                .select_related("unit", "officer")
                .first()
            )
            if ended is None:
                raise NotFound()
            accounts.end_appointment(appointment=ended, **who)
            said = zh("任用已结束。")
        case _:
            raise NotFound()
    return desk.done(request, "desk:web.account", said, officer_id=officer.pk)


def _officer(officer_id: UUID) -> Officer:
    officer = Officer.objects.filter(pk=officer_id).first()
    if officer is None:
        raise NotFound()
    return officer
