"""Messages to phones: queued in the caller's transaction, delivered by a job, tried again when refused."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from django.conf import settings
from django.db import models, transaction

from qingkong.kernel import access, jobs, ledger
from qingkong.kernel.access.actors import Actor
from qingkong.kernel.access.sealed import normal_form
from qingkong.kernel.jobs.faults import TRIES
from qingkong.kernel.notices.gateways import GatewayFault, gateway
from qingkong.kernel.notices.models import Message
from qingkong.kernel.notices.states import State, takes_messages
from qingkong.kernel.records import subject_key, thread_of
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import Sentence, local

GROUND = "中华人民共和国个人信息保护法第十三条第一款第三项"
PURPOSE = "告知当事人办理情况"
KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as the outbox shows it. The phone stays sealed."""

    id: UUID
    kind: str
    text: str
    subject_key: str
    thread: str
    state: State
    queued_at: datetime


@transaction.atomic
def send(
    *, to_phone: str, kind: str, text: Sentence, subject: models.Model | str, at: datetime, actor: Actor
) -> Message:
    """Queue a short message, in Chinese, about a subject.

    A number that can't take messages is kept as UNREACHABLE, so that somebody telephones; it doesn't stop the
    operation. Raises ValueError without a number.
    """
    if not to_phone.strip():
        raise ValueError("a message needs a phone number")
    outward = gateway().leaves_the_house
    reachable = takes_messages(normal_form(to_phone))
    message = Message.objects.create(
        to_phone=normal_form(to_phone), kind=kind, text=text.in_chinese(), about=subject_key(subject),
        thread=thread_of(subject), queued_at=at,
        state=(State.QUEUED if outward else State.KEPT) if reachable else State.UNREACHABLE,
        **access.kept(ground=GROUND, purpose=PURPOSE, until=(local(at) + KEPT_FOR).date()),
    )  # fmt: skip
    if message.state == State.QUEUED:
        jobs.enqueue("notices.deliver", at=at, message=str(message.pk))
    ledger.record(
        actor=actor, at=at, act="notices.queued", subject=subject,
        facts={"message": message.pk, "kind": kind, "state": message.state},
    )  # fmt: skip
    return message


@jobs.job("notices.deliver")
def deliver(*, at: datetime, message: str) -> None:
    """Hand one message to the gateway. Raises GatewayFault, so that the job is tried again.

    Killed between the gateway's yes and ours, it is sent again under the same reference.
    """
    waiting = Message.objects.filter(pk=message, state=State.QUEUED).first()
    if waiting is None:
        return
    actor = access.system("notices")
    opened = access.look(
        actor=actor, subject=waiting, purpose=access.Purpose.NOTIFYING, reference=waiting.thread, at=at
    )
    phone = cast(access.Sealed, waiting.to_phone)
    try:
        gateway().send(to_phone=phone.open(opened), text=waiting.text, reference=str(waiting.pk))
    except GatewayFault:
        _note_failure(waiting, actor=actor, at=at)
        raise
    with transaction.atomic():
        Message.objects.filter(pk=waiting.pk).update(state=State.SENT, sent_at=at, text="", tries=waiting.tries + 1)
        ledger.record(
            actor=actor, at=at, act="notices.sent", subject=waiting.about, thread=waiting.thread,
            facts={"message": waiting.pk, "kind": waiting.kind},
        )  # fmt: skip


@transaction.atomic
def _note_failure(message: Message, *, actor: Actor, at: datetime) -> None:
    tries = message.tries + 1
    given_up = tries >= TRIES
    Message.objects.filter(pk=message.pk).update(tries=tries, state=State.FAILED if given_up else State.QUEUED)
    if given_up:
        ledger.record(
            actor=actor, at=at, act="notices.failed", subject=message.about, thread=message.thread,
            facts={"message": message.pk, "kind": message.kind, "tries": tries},
        )  # fmt: skip


def outbox(*, limit: int = 50) -> list[Sent]:
    """The latest messages with their text; only in a demo, where nobody real is written to. Raises NotFound."""
    if not settings.QINGKONG_DEMO:
        raise NotFound()
    return _shown(Message.objects.order_by("-queued_at", "-id")[:limit])


def undelivered(*, limit: int = 100) -> list[Sent]:
    """Messages that reached nobody, the latest first, without their text: somebody should telephone."""
    rows = Message.objects.filter(state__in=[State.UNREACHABLE, State.FAILED]).order_by("-queued_at", "-id")
    return _shown(rows.defer("text")[:limit], text=False)


def _shown(rows: models.QuerySet[Message], *, text: bool = True) -> list[Sent]:
    return [Sent(m.pk, m.kind, m.text if text else "", m.about, m.thread, State(m.state), m.queued_at) for m in rows]


@jobs.job("notices.sweep", every=timedelta(days=1))
def sweep(*, at: datetime) -> None:
    """Messages go after a month; what stays is the entry that one was sent."""
    Message.objects.filter(expires_on__lt=local(at).date()).delete()
