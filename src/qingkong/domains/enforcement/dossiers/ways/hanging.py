"""What dossiers hang on the frames: menu, the case's tab, what is due."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from qingkong.domains.enforcement.dossiers import queries, rules, tables
from qingkong.kernel import access
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.posts import HANDLING, Post
from qingkong.kernel.text import zh
from qingkong.web import desk


def hang() -> None:
    """Called once by the project's wiring."""
    desk.hang_menu(
        "closing", zh("卷宗"), "desk:dossiers.list", "dossiers.see", icon="folder-open", count=queries.to_check_count
    )
    desk.hang_tab(
        "cases.case", key="dossier", label=zh("卷宗"), template="dossiers/tab.html", context=tab, count=queries.count_in,
        needs="dossiers.see",
    )  # fmt: skip
    desk.hang_subject("dossiers.dossier", route="desk:dossiers.dossier", arg="dossier_id")
    desk.hang_due(due)
    desk.hang_waiting(waiting)


def tab(request: Any, case: Any) -> dict[str, Any]:
    """The file of a case in short, or the way to begin one."""
    one = queries.dossier_of(case)
    return {
        "dossier": one,
        "pieces": queries.pieces(one) if one else [],
        "state_label": rules.State(one.state).label if one else None,
        "missing": len(queries.missing(one, actor=request.actor)) if one else 0,
        "can_open": one is None and access.may(request.actor, "dossiers.compile", case),
    }


def due(actor: Actor, at: datetime) -> Iterable[desk.DueRow]:
    """Files to check, for a legal officer; what was returned, for who handles the case."""
    if actor.post in (Post.LEGAL_OFFICER, Post.LEGAL_SECTION):
        for row in queries.to_check(actor)[:20]:
            yield desk.DueRow(
                sentence=zh("最后一次检查卷宗"), url=desk.url("desk:dossiers.check", dossier_id=row.id),
                reference=row.case_number, basis=tables.points_article(), note=row.submitted_by,
            )  # fmt: skip
    if actor.post in HANDLING:
        for fault in queries.returned_to(actor)[:20]:
            point = tables.points()[fault.point]
            yield desk.DueRow(
                sentence=zh("法制员退回（{ask}）：{reason}", reason=fault.reason, ask=rules.ReturnAsk(fault.ask).label),
                url=desk.url("desk:dossiers.answer", fault_id=fault.pk), reference=fault.check_made.dossier.case.number,
                basis=zh("卷宗检查：{point}", point=point.label),
            )  # fmt: skip


def waiting(actor: Actor, at: datetime) -> Iterable[desk.DueRow]:
    """Files that wait for the legal officer."""
    if actor.post not in HANDLING:
        return
    for one in queries.submitted_by(actor)[:10]:
        yield desk.DueRow(
            sentence=zh("法制员检查卷宗"), url=desk.url("desk:dossiers.dossier", dossier_id=one.pk),
            reference=one.case.number, basis=tables.points_article(),
        )  # fmt: skip
