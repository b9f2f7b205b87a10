"""Signing in: password, second factor, choice of post; and, in a demo on loopback, the role picker.

A session counts as signed in only when it holds a running appointment, which these pages alone put there.
"""

import json
from datetime import datetime
from typing import Any

from allauth.core import context as allauth_context
from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings
from django.contrib import auth
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from qingkong.kernel import access, ledger
from qingkong.kernel.access import second_factors
from qingkong.kernel.identity import queries
from qingkong.kernel.identity.models import Appointment, Officer
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import local, zh
from qingkong.web import demo, desk, visits
from qingkong.web.desk import DeskRequest
from qingkong.web.forms import Form, PasswordField, TextField

APPOINTMENT = "appointment"
PENDING, SECRET, NEXT = "pending officer", "pending totp", "next"

WRONG = zh("警号或密码不对。")
LOCKED = zh("连错五次，这个警号在这台电脑上停用十五分钟。")


class SignInForm(Form):
    username = TextField(label=zh("警号"), max_length=20, attributes={"autocomplete": "username", "autofocus": True})
    password = PasswordField(label=zh("密码"), attributes={"autocomplete": "current-password"})


class CodeForm(Form):
    code = TextField(
        label=zh("验证码"), max_length=20,
        attributes={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True},
    )  # fmt: skip


@desk.page("sign-in/", needs="public", name="web.sign_in")
def sign_in(request: DeskRequest) -> HttpResponse:
    """Police number and password."""
    form = SignInForm(request.POST or None)
    _remember_where_to(request)
    if form.is_valid():
        officer = auth.authenticate(
            request, username=form.cleaned_data["username"], password=form.cleaned_data["password"]
        )
        if officer is not None:
            return _after_password(request, officer)
        locked = getattr(request, "axes_locked_out", False)
        _enter(None, "identity.sign_in_failed", "identity:sign-in", request.at)
        if locked:
            return render(
                request, "identity/locked.html", {"how": zh("十五分钟后再试，或请账号管理员重设密码。")}, status=429
            )
        form.add_error(None, str(WRONG))
    status = 200 if request.method == "GET" else 422
    return render(request, "identity/sign_in.html", {"form": form, "demo": demo.shown_to(request)}, status=status)


def locked_out(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any] | None) -> HttpResponse:
    """What a locked number is answered: our page, not the middleware's. Named in settings as AXES_LOCKOUT_CALLABLE."""
    return response


@desk.page("sign-in/second/", needs="public", name="web.second_factor")
def second_factor(request: DeskRequest) -> HttpResponse:
    """A code from the app, a recovery code, or a passkey."""
    officer = _pending(request)
    if officer is None:
        return HttpResponseRedirect(reverse("desk:web.sign_in"))
    credential = _credential(request)
    form = CodeForm(request.POST or None)
    if credential is not None or (request.method == "POST" and form.is_valid()):
        with allauth_context.request_context(request):
            if credential is not None:
                second_factors.check_passkey(officer=officer, credential=credential, at=request.at)
            else:
                second_factors.check_code(officer=officer, code=form.cleaned_data["code"], at=request.at)
        return _signed_in(request, officer)
    factors = second_factors.factors_of(officer)
    with allauth_context.request_context(request):
        options = json.dumps(webauthn.begin_authentication(officer)) if factors.passkeys else ""
    page: dict[str, Any] = {"form": form, "factors": factors, "passkey_options": options, "officer": officer}
    return desk.render(request, "identity/second_factor.html", **page)


@desk.page("sign-in/set-up/", needs="public", name="web.set_up_second_factor")
def set_up_second_factor(request: DeskRequest) -> HttpResponse:
    """Scan the code with an authenticator app, or register a passkey; then the recovery codes, once."""
    signed_in = _signed_in_officer(request)
    if signed_in and not visits.is_confirmed(request.session, at=request.at):
        return HttpResponseRedirect(reverse("desk:web.own_second_factor"))
    officer = signed_in or _pending(request)
    if officer is None:
        return HttpResponseRedirect(reverse("desk:web.sign_in"))
    if officer.pk != getattr(request.user, "pk", None) and second_factors.factors_of(officer).any:
        return HttpResponseRedirect(reverse("desk:web.second_factor"))
    secret = request.session.get(SECRET)
    if not secret:
        secret, _ = second_factors.new_totp(officer)
        request.session[SECRET] = secret
    form, credential = CodeForm(request.POST or None), _credential(request)
    if credential is not None or (request.method == "POST" and form.is_valid()):
        actor = access.Actor("officer", officer.pk, officer.name, None, None, "", "", None)
        with allauth_context.request_context(request):
            if credential is not None:
                codes = second_factors.add_passkey(
                    officer=officer,
                    name=request.POST.get("name", "")[:40],
                    credential=credential,
                    actor=actor,
                    at=request.at,
                )
            else:
                codes = second_factors.set_totp(
                    officer=officer, secret=secret, code=form.cleaned_data["code"], actor=actor, at=request.at
                )
        request.session.pop(SECRET, None)
        onward = _signed_in(request, officer)
        return render(request, "identity/recovery_codes.html", {"codes": codes, "onward": onward.url})
    with allauth_context.request_context(request):
        options = json.dumps(webauthn.begin_registration(officer, False))
    page: dict[str, Any] = {
        "form": form,
        "qr": second_factors.totp_qr(officer, secret),
        "secret": secret,
        "passkey_options": options,
    }
    return desk.render(request, "identity/set_up_second_factor.html", **page)


@desk.page("role/", needs="public", name="web.choose_role")
def choose_role(request: DeskRequest) -> HttpResponse:
    """Which of your posts do you act in now?"""
    officer = _signed_in_officer(request)
    if officer is None:
        return HttpResponseRedirect(reverse("desk:web.sign_in"))
    posts = queries.appointments_of(officer.pk, on=local(request.at).date())
    if request.method == "POST":
        chosen = next((a for a in posts if str(a.pk) == request.POST.get("appointment")), None)
        if chosen is None:
            raise Refusal(zh("您没有这个岗位。"), how=zh("请从列出的岗位里选。"), field="appointment")
        return act_as(request, chosen)
    if len(posts) == 1:
        return act_as(request, posts[0])
    return desk.render(request, "identity/choose_role.html", appointments=posts, officer=officer)


@desk.page("sign-out/", needs="public", name="web.sign_out")
@require_POST
def sign_out(request: DeskRequest) -> HttpResponse:
    """End the session."""
    if request.actor.is_officer:
        _enter(request.actor, "identity.signed_out", f"identity.officer:{request.actor.officer_id}", request.at)
    auth.logout(request)
    # What a phone has typed and not sent stays: it is cleared when it has arrived, not when its officer goes.
    return HttpResponseRedirect(reverse("desk:web.sign_in"), headers={"Clear-Site-Data": '"cache"'})


def _after_password(request: DeskRequest, officer: Officer) -> HttpResponse:
    factors = second_factors.factors_of(officer)
    if not factors.any and settings.QINGKONG_DEMO:
        return _signed_in(request, officer)
    request.session.cycle_key()
    request.session[PENDING] = str(officer.pk)
    return HttpResponseRedirect(reverse("desk:web.second_factor" if factors.any else "desk:web.set_up_second_factor"))


def _signed_in(request: DeskRequest, officer: Officer) -> HttpResponseRedirect:
    onward = request.session.get(NEXT, "")
    running = request.session.get(APPOINTMENT) if getattr(request.user, "pk", None) == officer.pk else None
    auth.login(request, officer, backend="django.contrib.auth.backends.ModelBackend")
    request.session.pop(PENDING, None)
    if onward:
        request.session[NEXT] = onward
    if running:
        return HttpResponseRedirect(reverse("desk:web.my_day"))
    actor = access.Actor("officer", officer.pk, officer.name, None, None, "", "", None)
    _enter(actor, "identity.signed_in", f"identity.officer:{officer.pk}", request.at)
    return HttpResponseRedirect(reverse("desk:web.choose_role"))


def act_as(request: DeskRequest, appointment: Appointment) -> HttpResponseRedirect:
    request.session.cycle_key()  # another post, another session: who knew the old one's name has nothing
    request.session[APPOINTMENT] = str(appointment.pk)
    _enter(
        access.actor_for(appointment), "identity.role_chosen", f"identity.officer:{appointment.officer_id}", request.at
    )
    return HttpResponseRedirect(request.session.pop(NEXT, "") or reverse("desk:web.my_day"))


@transaction.atomic
def _enter(actor: access.Actor | None, act: str, subject: str, at: datetime) -> None:
    ledger.record(actor=actor or access.person("sign-in"), at=at, act=act, subject=subject)


def _remember_where_to(request: DeskRequest) -> None:
    where = request.GET.get("next", "")
    if where and url_has_allowed_host_and_scheme(where, {request.get_host()}, require_https=request.is_secure()):
        request.session[NEXT] = where


def _pending(request: DeskRequest) -> Officer | None:
    return Officer.objects.filter(pk=request.session.get(PENDING), is_active=True).first()


def _signed_in_officer(request: DeskRequest) -> Officer | None:
    return request.user if request.user.is_authenticated and request.user.is_active else None


def _credential(request: DeskRequest) -> dict[str, object] | None:
    """The passkey's answer that the page's script put into the form, if any."""
    text = request.POST.get("credential", "")
    if not text:
        return None
    try:
        credential = json.loads(text)
    except ValueError:
        raise Refusal(zh("通行密钥的回答读不懂。"), how=zh("请再试一次，或改用验证码。")) from None
    return credential if isinstance(credential, dict) else None
