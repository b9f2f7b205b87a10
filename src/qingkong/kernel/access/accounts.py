"""Accounts, posts and units: what the administrator does, and nothing about any case."""

from datetime import date, datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from qingkong.kernel import ledger
from qingkong.kernel.access import limits
from qingkong.kernel.access.actors import Actor
from qingkong.kernel.access.permissions import require
from qingkong.kernel.identity.models import Appointment, Officer, Unit
from qingkong.kernel.identity.posts import Post, UnitKind
from qingkong.kernel.refusals import Invalid, Refusal, TooMany
from qingkong.kernel.text import local, zh

TRIES, FOR_SECONDS = 5, 15 * 60


class WrongPassword(Refusal):
    """The officer's own password doesn't match."""

    status = 403


class CannotChangeAccount(Refusal):
    """The account stays as it is; the message says why."""


@transaction.atomic
def make_unit(
    *, code: str, name: str, short: str, kind: UnitKind, division_code: str = "", phone: str = "",
    parent: Unit | None = None, actor: Actor, at: datetime,
) -> Unit:  # fmt: skip
    """Set up a unit. Raises Invalid where the code is taken."""
    require(actor, "accounts.manage")
    if Unit.objects.filter(code=code).exists():
        raise Invalid({"code": zh("单位代码 {code} 已被使用。", code=code)})
    unit = Unit.objects.create(
        code=code, name=name, short=short, kind=kind, division_code=division_code, phone=phone, parent=parent
    )
    ledger.record(actor=actor, at=at, act="identity.unit_made", subject=unit, facts={"code": code, "name": name})
    return unit


@transaction.atomic
def make_account(*, username: str, name: str, password: str | None = None, actor: Actor, at: datetime) -> Officer:
    """Open an account; without a password it can't sign in until one is set. Raises Invalid."""
    require(actor, "accounts.manage")
    if not username.isalnum():
        raise Invalid({"username": zh("警号只能有字母和数字。")})
    if not name.strip():
        raise Invalid({"name": zh("请填写姓名。")})
    if Officer.objects.filter(username=username).exists():
        raise Invalid({"username": zh("警号 {username} 已有账号。", username=username)})
    officer = Officer(username=username, name=name.strip())
    _give_password(officer, password)
    officer.save(force_insert=True)
    ledger.record(
        actor=actor, at=at, act="identity.account_made", subject=officer, facts={"username": username, "name": name}
    )
    return officer


@transaction.atomic
def appoint(
    *, officer: Officer, unit: Unit, post: Post, actor: Actor, at: datetime, since: date | None = None
) -> Appointment:
    """Give an officer a post in a unit from a day (default: today). Raises CannotChangeAccount."""
    require(actor, "accounts.manage")
    if actor.officer_id == officer.pk:
        raise CannotChangeAccount(zh("不能给自己任用岗位。"), how=zh("请另一名账号管理员办理。"))
    if Appointment.objects.filter(officer=officer, unit=unit, post=post, until_on=None).exists():
        raise CannotChangeAccount(
            zh("{name} 已在 {unit} 任 {post}。", name=officer.name, unit=unit.name, post=post.label)
        )
    appointment = Appointment.objects.create(officer=officer, unit=unit, post=post, since_on=since or local(at).date())
    ledger.record(
        actor=actor, at=at, act="identity.appointed", subject=officer,
        facts={"unit": unit.name, "post": post.value, "since": appointment.since_on},
    )  # fmt: skip
    return appointment


@transaction.atomic
def end_appointment(*, appointment: Appointment, actor: Actor, at: datetime) -> None:
    """End a post today; the officer acts in it no more. Ending it twice changes nothing."""
    require(actor, "accounts.manage")
    day = max(local(at).date(), appointment.since_on)
    if Appointment.objects.filter(pk=appointment.pk, until_on=None).update(until_on=day):
        ledger.record(
            actor=actor, at=at, act="identity.appointment_ended", subject=appointment.officer,
            facts={"unit": appointment.unit.name, "post": appointment.post},
        )  # fmt: skip


@transaction.atomic
def set_password(*, officer: Officer, password: str, actor: Actor, at: datetime) -> None:
    """Set a new password for an officer. Raises Invalid where it is too weak."""
    if actor.officer_id != officer.pk:
        require(actor, "accounts.manage")
    _give_password(officer, password)
    officer.save(update_fields=["password"])
    ledger.record(actor=actor, at=at, act="identity.password_set", subject=officer)


def confirm(*, officer: Officer, password: str) -> None:
    """Make sure that it is the officer who sits there. Raises WrongPassword, or TooMany after five wrong ones."""
    if limits.over(f"password:{officer.pk}", most=TRIES, seconds=FOR_SECONDS):
        raise TooMany(zh("试错太多次，请十五分钟后再来。"), how=zh("忘记密码的，请账号管理员更换。"))
    if not officer.check_password(password):
        raise WrongPassword(zh("现在的密码不对。"), how=zh("忘记密码的，请账号管理员更换。"), field="old")
    limits.forget(f"password:{officer.pk}")


@transaction.atomic
def close_account(*, officer: Officer, actor: Actor, at: datetime) -> None:
    """The officer can't sign in any more; running sessions end at their next request."""
    require(actor, "accounts.manage")
    if actor.officer_id == officer.pk:
        raise CannotChangeAccount(zh("不能停用自己的账号。"), how=zh("请另一名账号管理员办理。"))
    if Officer.objects.filter(pk=officer.pk, is_active=True).update(is_active=False):
        ledger.record(actor=actor, at=at, act="identity.account_closed", subject=officer)


@transaction.atomic
def reopen_account(*, officer: Officer, actor: Actor, at: datetime) -> None:
    """Let a closed account sign in again."""
    require(actor, "accounts.manage")
    if Officer.objects.filter(pk=officer.pk, is_active=False).update(is_active=True):
        ledger.record(actor=actor, at=at, act="identity.account_reopened", subject=officer)


def _give_password(officer: Officer, password: str | None) -> None:
    if password is None:
        officer.set_unusable_password()
        return
    try:
        validate_password(password, officer)
    except ValidationError as weak:
        raise Invalid({"password": zh("密码不合要求：{why}", why=" ".join(weak.messages))}) from None
    officer.set_password(password)
