"""Refusals are recorded too: in a transaction of their own, after the refused one has rolled back."""

from typing import Any

from django.db import transaction

from qingkong.kernel import gates, ledger
from qingkong.kernel.records import Record, subject_key, thread_of
from qingkong.kernel.refusals import Invalid, NotFound, Refusal, TooMany

UNRECORDED = (Invalid, NotFound, TooMany)
"""A slip of the pen, a wrong address, and what a rate limit already holds back: no entry, or the log could be flooded."""


def record(request: Any) -> None:
    """Enter each refusal of this request and the findings of a gate that stayed shut."""
    for refusal in request.refusals:
        if isinstance(refusal, UNRECORDED):
            continue
        with transaction.atomic():
            enter(refusal, request)
    request.refusals.clear()


def enter(refusal: Refusal, request: Any) -> None:
    """One entry `access.refused`: what was refused, why, on which page. Needs a transaction."""
    subject = refusal.facts.get("subject")
    subject = subject if isinstance(subject, Record) else getattr(refusal, "subject", None)
    facts = {key: str(value) for key, value in refusal.facts.items() if key != "subject"}
    route = f"{request.route.face}:{request.route.name}" if request.route else request.path[:200]
    ledger.record(
        actor=request.actor,
        at=request.at,
        act="access.refused",
        subject=subject_key(subject) if subject else f"web.page:{route}",
        facts={"reason": refusal.reason.in_chinese(), "page": route, "kind": type(refusal).__name__, **facts},
        thread=thread_of(subject) or None,
    )
    if isinstance(refusal, gates.GateClosed):
        gates.record_findings(refusal, request.actor, request.at)
