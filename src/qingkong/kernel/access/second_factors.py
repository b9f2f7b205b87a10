"""The second factor: a code from an authenticator app, a passkey, or one of the recovery codes.

allauth.mfa keeps and checks them; this module seals its secrets with the instance's key and enters each change.
"""

import io
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime

import segno
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, validate_totp_code
from allauth.mfa.webauthn.internal import auth as webauthn
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import ValidationError
from django.db import transaction

from qingkong.kernel import ledger
from qingkong.kernel.access import keys, limits
from qingkong.kernel.access.actors import Actor
from qingkong.kernel.access.permissions import require
from qingkong.kernel.identity.models import Officer
from qingkong.kernel.refusals import Refusal, TooMany
from qingkong.kernel.text import zh

TRIES, FOR_SECONDS = 5, 15 * 60
WRONG = zh("验证码不对。")
LOOK_AGAIN = zh("请用验证器里最新的六位数字；手机时间要准确。")


class WrongCode(Refusal):
    """The second factor doesn't match."""

    status = 403


@dataclass(frozen=True, slots=True)
class Factors:
    """What an officer has set up."""

    totp: bool
    passkeys: int

    @property
    def any(self) -> bool:
        return self.totp or self.passkeys > 0


class SealingAdapter(DefaultMFAAdapter):
    """allauth's hook: secrets are sealed with the instance's key, and its letters aren't sent."""

    def encrypt(self, text: str) -> str:
        key_id, key = keys.source().active()
        nonce = keys.nonce()
        return f"{key_id}.{b64encode(nonce + AESGCM(key).encrypt(nonce, text.encode(), b'mfa')).decode()}"

    def decrypt(self, encrypted_text: str) -> str:
        key_id, _, body = encrypted_text.partition(".")
        raw = b64decode(body)
        return AESGCM(keys.source().key(key_id)).decrypt(raw[:12], raw[12:], b"mfa").decode()

    def send_notification_mail(self, *args: object, **kwargs: object) -> None:
        return None

    def _get_site_name(self) -> str:
        return "晴空"


def factors_of(officer: Officer) -> Factors:
    kinds = list(Authenticator.objects.filter(user=officer).values_list("type", flat=True))
    return Factors(totp="totp" in kinds, passkeys=kinds.count("webauthn"))


def new_totp(officer: Officer) -> tuple[str, str]:
    """A fresh secret and the QR code (SVG) that an authenticator app reads. Nothing is kept yet."""
    secret = generate_totp_secret()
    return secret, totp_qr(officer, secret)


def totp_qr(officer: Officer, secret: str) -> str:
    """The QR code (SVG text) of an authenticator secret."""
    out = io.BytesIO()
    segno.make(get_adapter().build_totp_url(officer, secret)).save(out, kind="svg", scale=5, xmldecl=False, svgns=True)
    return out.getvalue().decode()


@transaction.atomic
def set_totp(*, officer: Officer, secret: str, code: str, actor: Actor, at: datetime) -> list[str]:
    """Keep the secret once a first code proves it works; the recovery codes, shown this once.

    Raises WrongCode.
    """
    _limit(officer)
    if not validate_totp_code(secret, code):
        raise WrongCode(WRONG, how=LOOK_AGAIN, field="code")
    Authenticator.objects.filter(user=officer, type="totp").delete()
    TOTP.activate(officer, secret)
    return _recovery(officer, "totp", actor, at)


@transaction.atomic
def add_passkey(*, officer: Officer, name: str, credential: dict[str, object], actor: Actor, at: datetime) -> list[str]:
    """Keep a passkey after its ceremony. Raises WrongCode where the browser's answer doesn't fit."""
    try:
        webauthn.complete_registration(credential)
    except (ValidationError, ValueError, KeyError, TypeError):
        raise WrongCode(zh("通行密钥没有登记成功。"), how=zh("请重新插入或靠近密钥，再试一次。")) from None
    webauthn.WebAuthn.add(officer, name or "通行密钥", credential)
    return _recovery(officer, "passkey", actor, at)


def check_code(*, officer: Officer, code: str, at: datetime) -> None:
    """Accept a code from the app or an unused recovery code. Raises WrongCode or TooMany."""
    _limit(officer)
    for authenticator in Authenticator.objects.filter(user=officer, type__in=("totp", "recovery_codes")):
        if authenticator.wrap().validate_code(code.strip()):
            limits.forget(_tries(officer))
            Authenticator.objects.filter(pk=authenticator.pk).update(last_used_at=at)
            return
    raise WrongCode(WRONG, how=LOOK_AGAIN, field="code")


def check_passkey(*, officer: Officer, credential: dict[str, object], at: datetime) -> None:
    """Accept a passkey's answer to this session's challenge. Raises WrongCode or TooMany."""
    _limit(officer)
    try:
        authenticator = webauthn.complete_authentication(officer, credential)
    except (ValidationError, ValueError, KeyError, TypeError):
        raise WrongCode(zh("通行密钥没有通过。"), how=zh("请再试一次，或改用验证码。")) from None
    Authenticator.objects.filter(pk=authenticator.pk).update(last_used_at=at)
    limits.forget(_tries(officer))


@transaction.atomic
def reset(*, officer: Officer, actor: Actor, at: datetime) -> None:
    """Take an officer's factors away (a lost phone); the next sign-in must set one up anew."""
    require(actor, "accounts.manage")
    if actor.officer_id == officer.pk:
        raise Refusal(zh("不能重置自己的第二因素。"), how=zh("请另一名账号管理员办理。"))
    Authenticator.objects.filter(user=officer).delete()
    ledger.record(actor=actor, at=at, act="identity.second_factor_reset", subject=officer)


def _recovery(officer: Officer, kind: str, actor: Actor, at: datetime) -> list[str]:
    ledger.record(actor=actor, at=at, act="identity.second_factor_set", subject=officer, facts={"kind": kind})
    return RecoveryCodes.activate(officer).get_unused_codes()


def _limit(officer: Officer) -> None:
    if limits.over(_tries(officer), most=TRIES, seconds=FOR_SECONDS):
        raise TooMany(zh("试错太多次，请十五分钟后再来。"), how=zh("急需登录，请联系账号管理员。"))


def _tries(officer: Officer) -> str:
    return f"second-factor:{officer.pk}"
