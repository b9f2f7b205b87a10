"""Inviting, answering, releasing."""

import secrets
from datetime import datetime
from random import SystemRandom
from uuid import UUID

from django.db import transaction

from qingkong.domains.trust.satisfaction import rules
from qingkong.domains.trust.satisfaction.models import Answer, Invitation, WaitingAnswer
from qingkong.domains.trust.satisfaction.rules import About, Grade, Told
from qingkong.kernel import access, ledger, notices
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import Invalid, Refusal
from qingkong.kernel.text import local, zh

ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
NOT_USABLE = zh("这个评价码不能用：可能写错了、用过了，或者过期了。")
ASK_FOR_HELP = zh("请对照短信或回执再输一次；仍不行，可拨打监督电话反映。")
TEXT = zh(
    "东平公安：{number} 已办结。请您评一评：在公众网站“评一评”输入评价码 {code}（只能用一次，民警看不到是谁评的）。"
)


class CodeNotUsable(Refusal):
    """Wrong, spent and expired codes get the same answer."""


@transaction.atomic
def invite(*, about: About, number: str, unit_id: UUID, phone: str, actor: Actor, at: datetime) -> Invitation | None:
    """Send one evaluation code for a closed call or case; None where one went out already.

    Without a phone no code is sent; the answer can't be asked for, and nobody may answer in the person's place.
    """
    access.require(actor, "satisfaction.invite")
    if not phone or Invitation.objects.filter(about=about, number=number).exists():
        return None
    code = "".join(secrets.choice(ALPHABET) for _ in range(16))
    invitation = Invitation.objects.create(
        about=about, number=number, unit_id=unit_id, code_digest=access.digest("survey", code),
        issued_at=at, expires_on=(local(at) + rules.INVITATION_LASTS).date(),
    )  # fmt: skip
    ledger.record(actor=actor, at=at, act="satisfaction.invited", subject=invitation)
    notices.send(
        to_phone=phone, kind="survey", text=TEXT.fill(number=number, code=grouped(code)), subject=invitation,
        actor=actor, at=at,
    )  # fmt: skip
    return invitation


@transaction.atomic
def answer(*, code: str, grade: str, told: str, comment: str, actor: Actor, at: datetime) -> None:
    """Keep one answer and spend its code, both or neither. Raises CodeNotUsable or Invalid.

    The entry says that an answer came, not whose and not which: it names neither code nor number.
    """
    access.require(actor, "satisfaction.answer")
    given, pressed = _checked(grade, told, comment)
    today = local(at).date()
    digest = access.digest("survey", code)
    invitation = Invitation.objects.filter(code_digest=digest, spent_on=None, expires_on__gt=today).first()
    if invitation is None or not Invitation.objects.filter(pk=invitation.pk, spent_on=None).update(spent_on=today):
        raise CodeNotUsable(NOT_USABLE, how=ASK_FOR_HELP, field="code")
    WaitingAnswer.objects.create(
        about=invitation.about, unit_id=invitation.unit_id, grade=given, told=pressed, comment=comment.strip()
    )
    ledger.record(actor=actor, at=at, act="satisfaction.answered", subject="satisfaction:answers")


@transaction.atomic
def release(*, actor: Actor, at: datetime) -> int:
    """Release the waiting answers in a random order, with new keys; how many. Fewer than five wait on."""
    access.require(actor, "satisfaction.release")
    waiting = list(WaitingAnswer.objects.select_for_update())
    if len(waiting) < rules.SMALLEST_BATCH:
        return 0
    SystemRandom().shuffle(waiting)
    today = local(at).date()
    Answer.objects.bulk_create(
        Answer(about=w.about, unit_id=w.unit_id, grade=w.grade, told=w.told, comment=w.comment, released_on=today)
        for w in waiting
    )
    WaitingAnswer.objects.filter(pk__in=[w.pk for w in waiting]).delete()
    ledger.record(
        actor=actor, at=at, act="satisfaction.released", subject="satisfaction:answers", facts={"answers": len(waiting)}
    )
    return len(waiting)


def grouped(code: str) -> str:
    """A code as people read it aloud: ABCD-EFGH-JKMN-PQRS."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def _checked(grade: str, told: str, comment: str) -> tuple[Grade, Told]:
    errors = {}
    if grade not in set(Grade):
        errors["grade"] = zh("请选一个等级。")
    if told not in set(Told):
        errors["told"] = zh("请回答有没有人告诉您怎么评。")
    if len(comment.strip()) > rules.COMMENT_LENGTH:
        errors["comment"] = zh("意见最多 {most} 个字。", most=rules.COMMENT_LENGTH)
    if errors:
        raise Invalid(errors)
    return Grade(grade), Told(told)
