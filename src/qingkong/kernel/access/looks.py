"""A look: one viewing of one subject's personal data, with a purpose and an open reference.

Opening is what writes the ledger entry. One look covers its minutes, so that refreshing a page, seeking in
a video and polling don't flood the ledger.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models, transaction

from qingkong.kernel import ledger
from qingkong.kernel.access.actors import Actor
from qingkong.kernel.access.models import LookGrant
from qingkong.kernel.access.permissions import may, require
from qingkong.kernel.access.purposes import Purpose
from qingkong.kernel.records import subject_key
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh

LASTS = timedelta(minutes=15)

NO_REFERENCE = zh("查阅要有一个正在办理、并且分给您的编号作依据，{reference} 不是。")
GIVE_ONE = zh("请填写您正在办理的警情、报案或案件编号；不是您办理的，请联系主办民警。")


SYSTEM_ONLY_NOTIFIES = zh("系统自己只能为发送通知打开联系方式。")


class CannotLook(Refusal):
    """No reference that is open and assigned to the actor stands behind this look."""

    status = 403


@dataclass(frozen=True, slots=True)
class Look:
    """Leave to open the sealed values of one subject, for a while."""

    subject: str
    purpose: Purpose
    reference: str
    until_at: datetime

    def covers(self, record: models.Model) -> bool:
        return self.subject in (subject_key(record), getattr(record, "sealed_under", ""))


Resolver = Callable[[str, Actor, datetime], bool]
_references: dict[str, Resolver] = {}


def register_reference(prefix: str, resolver: Resolver) -> None:
    """Say how numbers that begin with `prefix` are resolved: `(number, actor, at) -> open and assigned`."""
    _references[prefix] = resolver


@transaction.atomic
def look(*, actor: Actor, subject: models.Model, purpose: Purpose, reference: str, at: datetime) -> Look:
    """Open one subject's personal data to the actor for a quarter of an hour.

    The system itself may look for one purpose alone: to send somebody what is theirs. Raises NotPermitted without the subject's `look_permission`, CannotLook where the reference isn't open and
    assigned to the actor. The entry `access.looked` is written once a look, in this transaction.
    """
    if actor.kind == "system":
        if purpose is not Purpose.NOTIFYING:
            raise CannotLook(SYSTEM_ONLY_NOTIFIES)
    else:
        require(actor, subject.look_permission, subject)  # type: ignore[attr-defined]
    if actor.is_officer and not _assigned(reference, actor, at):
        raise CannotLook(NO_REFERENCE.fill(reference=reference or "—"), how=GIVE_ONE, reference=reference)

    key, who = subject_key(subject), _who(actor)
    running = LookGrant.objects.filter(
        actor_key=who, looked_at=key, purpose=purpose, reference=reference, opened_at__lte=at, until_at__gt=at
    ).first()
    if running is None:
        running = LookGrant.objects.create(
            actor_key=who, looked_at=key, purpose=purpose, reference=reference, opened_at=at, until_at=at + LASTS
        )
        ledger.record(
            actor=actor, at=at, act="access.looked", subject=subject, facts={}, purpose=purpose, reference=reference
        )
    return Look(key, purpose, reference, running.until_at)


def may_look(*, actor: Actor, subject: models.Model, reference: str, at: datetime) -> bool:
    """Whether a look under this reference would be given now, so that a page offers no door that is shut."""
    permitted = may(actor, subject.look_permission, subject)  # type: ignore[attr-defined]
    return permitted and (not actor.is_officer or _assigned(reference, actor, at))


def last_look(*, actor: Actor, subject: models.Model) -> Look | None:
    """The look this actor opened last at a subject, running or over (see `until_at`); for contents that come in parts."""
    grants = LookGrant.objects.filter(actor_key=_who(actor), looked_at=subject_key(subject))
    grant = grants.order_by("-until_at").first()
    return Look(grant.looked_at, Purpose(grant.purpose), grant.reference, grant.until_at) if grant else None


def _who(actor: Actor) -> str:
    return f"{actor.kind}:{actor.officer_id or actor.name}:{actor.post or ''}"


def _assigned(reference: str, actor: Actor, at: datetime) -> bool:
    resolver = _references.get(reference[:1])
    return bool(resolver and resolver(reference, actor, at))
