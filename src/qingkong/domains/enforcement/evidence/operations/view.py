"""Open evidence, which is a look; take a copy of the original, which is entered each time."""

from datetime import datetime, timedelta

from django.db import transaction

from qingkong.domains.enforcement.evidence import queries
from qingkong.domains.enforcement.evidence.models import EvidenceItem
from qingkong.domains.enforcement.evidence.queries import Content
from qingkong.domains.enforcement.evidence.queries.content import original_of
from qingkong.kernel import access, ledger
from qingkong.kernel.access import Actor, Look, Purpose
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh

NO_REASON = zh("{number} 现在没有您可以引用的警情或案件，不能打开。")
OPEN_FIRST = zh("请先在证据页打开查看，登记后再看内容。")
GOES_ON = timedelta(hours=4)  # a film that runs longer than one look is looked at again, and entered again
ASK_LEAD = zh("请联系主办民警，由他在办理的案件里查看，或把您加入办案组。")


class CannotOpen(Refusal):
    """The content stays closed: nothing that is open and assigned to the actor stands behind it."""

    status = 403


@transaction.atomic
def open_evidence(
    *, item: EvidenceItem, actor: Actor, at: datetime, purpose: Purpose | None = None, reference: str = ""
) -> Look:
    """Open an item's content to the actor for a quarter of an hour; the entry is written once.

    Without purpose and reference, those that fit are taken: the case's number, the call's, or the item's own for who
    must check it. Raises CannotOpen, access.CannotLook, NotPermitted.
    """
    if not reference:
        access.require(actor, "evidence.look", item)
        reasons = queries.reasons_for(item, actor=actor, at=at)
        if not reasons:
            raise CannotOpen(NO_REASON.fill(number=item.number), how=ASK_LEAD)
        reference, purpose = reasons[0].reference, purpose or reasons[0].purpose
    return access.look(actor=actor, subject=item, purpose=purpose or Purpose.HANDLING, reference=reference, at=at)


def keep_looking(*, item: EvidenceItem, actor: Actor, at: datetime) -> Look:
    """The look under which a part of the content goes out. Raises CannotOpen where none was opened before.

    A look that has run out while a film goes on is opened anew on the same reference, with its entry.
    """
    access.require(actor, "evidence.look", item)
    last = access.last_look(actor=actor, subject=item)
    if last is None or at - last.until_at > GOES_ON:
        raise CannotOpen(OPEN_FIRST)
    if at < last.until_at:
        return last
    return open_evidence(item=item, actor=actor, at=at, purpose=last.purpose, reference=last.reference)


def running_look(*, item: EvidenceItem, actor: Actor, at: datetime) -> Look | None:
    """The look that is open now, if any; a page shows the content under it."""
    last = access.last_look(actor=actor, subject=item)
    return last if last is not None and at < last.until_at else None


@transaction.atomic
def download_original(*, item: EvidenceItem, actor: Actor, at: datetime) -> tuple[Content, str]:
    """The original and the name a copy of it gets. Each copy that goes out is entered. Raises NotPermitted, CannotOpen."""
    access.require(actor, "evidence.download", item)
    look = open_evidence(item=item, actor=actor, at=at)
    ledger.record(
        actor=actor, at=at, act="evidence.downloaded", subject=item, purpose=look.purpose, reference=look.reference,
        facts={"number": item.number, "sha256": item.original_id},
    )  # fmt: skip
    return original_of(item), queries.original_name(item, look)
