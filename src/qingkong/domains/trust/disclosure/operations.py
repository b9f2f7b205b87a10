"""Asking with a code, sending the digits, opening the page."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from qingkong.domains.enforcement.cases.queries import report_by_code
from qingkong.domains.trust.disclosure import queries, rules
from qingkong.domains.trust.disclosure.models import Challenge
from qingkong.kernel import access, jobs, ledger, notices
from qingkong.kernel.access import Actor, Purpose, limits
from qingkong.kernel.refusals import Refusal, TooMany
from qingkong.kernel.text import zh

TEXT = zh("东平公安：您正在查询办理进展，验证码 {digits}，十分钟内有效。不是您本人操作，请不要告诉别人。")
KEPT = timedelta(days=1)


class NotOpened(Refusal):
    """Wrong digits, a challenge that ended, a code that never fitted: one answer for all."""

    status = 403


def ask(*, code: str, phone: str, address: str, actor: Actor, at: datetime) -> UUID:
    """Make a challenge for a query code and a phone; its id. Says nothing about whether they fit.

    `address` is the network address that asks, counted to an hour and not kept. Raises TooMany.
    """
    access.require(actor, "disclosure.ask")
    _limit(address, at)
    with transaction.atomic():
        report = report_by_code(code=code, phone=phone)
        challenge = Challenge.objects.create(report_id=report.pk if report else None, made_at=at)
        ledger.record(actor=actor, at=at, act="disclosure.challenged", subject=challenge)
        jobs.enqueue("disclosure.send_digits", at=at, challenge_id=str(challenge.pk))
    return challenge.pk


@transaction.atomic
def send_digits(*, challenge_id: UUID, actor: Actor, at: datetime) -> bool:
    """Send the digits where code and phone fitted; whether any went out. Sending twice sends once."""
    access.require(actor, "disclosure.send")
    challenge = Challenge.objects.select_for_update().filter(pk=challenge_id).first()
    if challenge is None or challenge.report_id is None or challenge.digits_digest:
        return False
    report = queries.report(challenge.report_id)
    look = access.look(actor=actor, subject=report, purpose=Purpose.NOTIFYING, reference=report.number, at=at)
    digits = f"{secrets.randbelow(10**rules.DIGITS):0{rules.DIGITS}}"
    challenge.digits_digest = access.digest("digits", f"{challenge.pk}{digits}")
    challenge.save(update_fields=["digits_digest"])
    notices.send(
        to_phone=report.reporter_phone.open(look), kind="digits", text=TEXT.fill(digits=digits), subject=challenge,
        actor=actor, at=at,
    )  # fmt: skip
    return True


def open_page(*, challenge_id: UUID, digits: str, actor: Actor, at: datetime) -> UUID:
    """Open the progress page with the six digits; the report's id. Raises NotOpened.

    A try is counted, and entered, before it is judged and in a transaction of its own, so that it can't be taken back.
    """
    access.require(actor, "disclosure.ask")
    with transaction.atomic():
        challenge = Challenge.objects.select_for_update().filter(pk=challenge_id).first()
        if challenge is None:
            raise NotOpened(rules.NOT_OPENED, how=rules.AGAIN, field="digits")
        holds = rules.holds(queries.standing(challenge), at=at)
        if holds:
            Challenge.objects.filter(pk=challenge.pk).update(tries=F("tries") + 1)
        typed = access.digest("digits", f"{challenge.pk}{digits.strip()}")
        fits = holds and secrets.compare_digest(challenge.digits_digest or "-" * 64, typed)
        if fits:
            Challenge.objects.filter(pk=challenge.pk).update(used_at=at)
        subject = f"cases.report:{challenge.report_id}" if fits else challenge
        ledger.record(
            actor=actor, at=at, act="disclosure.opened" if fits else "disclosure.failed", subject=subject,
            thread=queries.report(challenge.report_id).thread if fits else "",
        )  # fmt: skip
    if not fits:
        raise NotOpened(rules.NOT_OPENED, how=rules.AGAIN, field="digits")
    return challenge.report_id  # type: ignore[return-value]


@transaction.atomic
def forget_challenges(*, actor: Actor, at: datetime) -> int:
    """Delete challenges older than a day; their entries stay. How many."""
    access.require(actor, "disclosure.send")
    return Challenge.objects.filter(made_at__lt=at - KEPT).delete()[0]


def _limit(address: str, at: datetime) -> None:
    key = f"progress:{access.digest('address', address)}:{at:%Y%m%d%H}"
    if limits.over(key, most=rules.CHALLENGES_AN_HOUR, seconds=3600):
        raise TooMany(rules.TOO_OFTEN, how=rules.CALL_US)
