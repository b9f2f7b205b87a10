"""An officer's own account: another password, another second factor. Both ask for the password that holds now."""

from typing import cast

from django.contrib import auth
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from qingkong.kernel.access import accounts
from qingkong.kernel.identity.models import Officer
from qingkong.kernel.refusals import Invalid
from qingkong.kernel.text import zh
from qingkong.web import desk, visits
from qingkong.web.desk import DeskRequest
from qingkong.web.forms import Form, PasswordField

NOW, NEW = {"autocomplete": "current-password"}, {"autocomplete": "new-password"}


class OwnPasswordForm(Form):
    old = PasswordField(label=zh("现在的密码"), attributes=NOW)
    password = PasswordField(label=zh("新密码"), hint=zh("至少十位，越长越好，不限字符。"), attributes=NEW)


class ConfirmForm(Form):
    old = PasswordField(label=zh("现在的密码"), attributes=NOW)


@desk.page("account/password/", needs="web.sign_in", name="web.own_password")
def own_password(request: DeskRequest) -> HttpResponse:
    """Give oneself another password. What is open elsewhere under this number ends."""
    form = OwnPasswordForm(request.POST or None)
    if form.is_valid():
        officer = _self(request)
        accounts.confirm(officer=officer, password=form.cleaned_data["old"])
        if form.cleaned_data["old"] == form.cleaned_data["password"]:
            raise Invalid({"password": zh("新密码和现在的一样。")})
        accounts.set_password(
            officer=officer, password=form.cleaned_data["password"], actor=request.actor, at=request.at
        )
        auth.update_session_auth_hash(request, officer)
        return desk.done(request, "desk:web.my_day", zh("密码已更换，别处的登录已经退出。"))
    return desk.render(
        request, "identity/own_account.html", form=form, title=zh("更换密码"), submit=zh("更换"),
        note=zh("不用定期更换。怀疑别人知道了，就马上换。"),
    )  # fmt: skip


@desk.page("account/second-factor/", needs="web.sign_in", name="web.own_second_factor")
def own_second_factor(request: DeskRequest) -> HttpResponse:
    """Say the password again before a second factor is set up."""
    form = ConfirmForm(request.POST or None)
    if form.is_valid():
        accounts.confirm(officer=_self(request), password=form.cleaned_data["old"])
        request.session[visits.CONFIRMED] = request.at.isoformat()
        return HttpResponseRedirect(reverse("desk:web.set_up_second_factor"), status=303)
    return desk.render(
        request, "identity/own_account.html", form=form, title=zh("换第二因素"), submit=zh("下一步"),
        note=zh("换手机、加一把通行密钥之前，再输一次密码。"),
    )  # fmt: skip


def _self(request: DeskRequest) -> Officer:
    """The account that is signed in: these pages open to nobody else."""
    return cast(Officer, request.user)
