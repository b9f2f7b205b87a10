"""What property hangs on the frames: menu, the case's tab, what is due, the finder, the phone's home."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from qingkong.domains.enforcement.cases import queries as cases
from qingkong.domains.enforcement.property import queries
from qingkong.kernel import access
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.posts import HANDLING, Post
from qingkong.kernel.text import zh
from qingkong.web import desk, field


def hang() -> None:
    """Called once by the project's wiring."""
    desk.hang_menu(
        "closing", zh("涉案财物"), "desk:property.list", "property.see", icon="package", count=queries.offered_count
    )
    desk.hang_tab(
        "cases.case", key="property", label=zh("涉案财物"), template="property/tab.html", context=tab,
        count=queries.counts, needs="cases.see",
    )  # fmt: skip
    desk.hang_subject("property.exhibit", route="desk:property.exhibit", arg="exhibit_id")
    desk.hang_subject("property.seizureapproval", route="desk:property.approve", arg="approval_id")
    desk.hang_due(due)
    desk.hang_finder(find)
    field.hang_panel("home", "field/property/home.html", my_cases, needs="property.seize")


def tab(request: Any, case: Any) -> dict[str, Any]:
    """Exhibits and lists of a case, with what the reader may start."""
    return {
        "exhibits": queries.exhibits_of(case),
        "lists": queries.lists_of(case),
        "can_seize": case.is_open and access.may(request.actor, "property.seize", case),
    }


def due(actor: Actor, at: datetime) -> Iterable[desk.DueRow]:
    """Things to accept, for a custodian; requests to answer, for a head."""
    if actor.post is Post.CUSTODIAN:
        for one in queries.offered(actor)[:20]:
            yield desk.DueRow(
                sentence=zh("接收：{name} {amount}", name=one.name, amount=one.amount),
                url=desk.url("desk:property.accept", exhibit_id=one.pk), reference=f"{one.number} · {one.case.number}",
                basis="公安机关办理行政案件程序规定第一百九十条",
            )  # fmt: skip
    for asked in queries.approvals_waiting(actor)[:20]:
        yield desk.DueRow(
            sentence=zh("答复扣押申请：{what}", what=asked.what), url=desk.url("desk:property.approve", approval_id=asked.pk),
            reference=asked.case.number, basis="公安机关办理行政案件程序规定第五十六条" if asked.event_at else "",
        )  # fmt: skip


def find(actor: Actor, text: str, at: datetime) -> Iterable[desk.Hit]:
    """Exhibits by the number on their label."""
    for one in queries.find(actor=actor, text=text):
        yield desk.Hit(
            label=f"{one.number} {one.name}", note=f"{one.case.number} · {one.state_label}",
            url=desk.url("desk:property.exhibit", exhibit_id=one.pk), icon="package",
        )  # fmt: skip


def my_cases(request: Any) -> dict[str, Any] | None:
    """The officer's open cases in which something may be seized at the scene."""
    if request.actor.post not in HANDLING:
        return None
    mine = [case for case in cases.own_cases(request.actor).order_by("-filed_at")[:10] if case.is_open]
    return {"cases": mine} if mine else None
