"""End a finding: put right, waived or upheld, by the post the law or the check names, with a reason."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from qingkong.kernel import access, ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.gates import checks
from qingkong.kernel.gates.models import Finding, FindingState
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.refusals import NotFound, NotPermitted, Refusal
from qingkong.kernel.text import zh


class CannotSettle(Refusal):
    """The finding is settled already, can't be waived, still stands, or no reason was given."""


@transaction.atomic
def put_right(finding: Any, *, actor: Actor, reason: str, at: datetime) -> Finding:
    """Enter that a finding was put right, after asking its check again. `finding` is a Finding, its view or its id.

    Raises NotPermitted, and CannotSettle while the check still fails: what can't be put right is waived or upheld.
    """
    row = _open(finding)
    access.require(actor, "gates.put_right", row)
    check, subject = checks.known(row.check_id), subject_of(row)
    if check is None or subject is None:  # nothing can ask again, so nobody's own word is enough
        _not_their_own(row, actor)
    elif check.fails(subject, at):
        raise CannotSettle(zh("还没有改正：{sentence}", sentence=zh(row.sentence)), how=zh(row.how), check=row.check_id)
    return settle(row, FindingState.PUT_RIGHT, actor=actor, at=at, reason=reason)


@transaction.atomic
def waive(finding: Any, *, actor: Actor, reason: str, at: datetime) -> Finding:
    """Let a subject pass although a check fails, by the post the check names, never by whoever failed it.

    Raises NotPermitted, CannotSettle.
    """
    row = _open(finding)
    access.require(actor, "gates.waive", row)
    if not row.waivable_by:
        raise CannotSettle(
            zh("这一项不能放行：{sentence}", sentence=zh(row.sentence)), how=zh(row.how), check=row.check_id
        )
    named = Post(row.waivable_by)
    if actor.post is not named:
        raise NotPermitted(zh("只有{post}可以批准放行。", post=named.label), check=row.check_id)
    _not_their_own(row, actor)
    return settle(row, FindingState.WAIVED, actor=actor, at=at, reason=reason)


@transaction.atomic
def uphold(finding: Any, *, actor: Actor, reason: str, at: datetime) -> Finding:
    """Find that it was a fault, which goes on to accountability. Raises NotPermitted, CannotSettle."""
    row = _open(finding)
    access.require(actor, "gates.uphold", row)
    _not_their_own(row, actor)
    return settle(row, FindingState.UPHELD, actor=actor, at=at, reason=reason)


def settle(finding: Finding, state: FindingState, *, actor: Actor, at: datetime, reason: str) -> Finding:
    """End an open finding in the caller's transaction. Permission is the caller's matter."""
    if not reason.strip():
        raise CannotSettle(zh("请写明理由。"), field="reason", check=finding.check_id)
    if at < finding.found_at:
        raise CannotSettle(zh("处理不能早于发现。"), check=finding.check_id)
    finding.state = state
    finding.settled_at = at
    finding.settled_by = actor.name
    finding.reason = reason.strip()[:500]
    finding.save(update_fields=["state", "settled_at", "settled_by", "reason"])
    ledger.record(
        actor=actor,
        at=at,
        act=f"gates.{state.value}",
        subject=finding.subject_key,
        thread=finding.thread,
        facts={"check": finding.check_id, "gate": finding.gate, "finding": finding.pk, "reason": finding.reason},
    )
    return finding


def subject_of(finding: Finding) -> Any:
    """The record a finding is about, or None if it is gone."""
    label, _, pk = finding.subject_key.rpartition(":")
    try:
        return apps.get_model(label)._default_manager.get(pk=pk)
    except (LookupError, ValueError, ObjectDoesNotExist):
        return None


def _open(finding: Any) -> Finding:
    pk: UUID = getattr(finding, "id", finding)
    row = Finding.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        raise NotFound(zh("没有这个问题。"))
    if row.state != FindingState.OPEN:
        state = FindingState(row.state).label
        raise CannotSettle(zh("这个问题已经处理：{state}。", state=state), check=row.check_id)
    return row


def _not_their_own(finding: Finding, actor: Actor) -> None:
    if finding.found_by_id is not None and finding.found_by_id == actor.officer_id:
        raise NotPermitted(zh("不能处理自己办理时出现的问题。"), check=finding.check_id)
