"""Findings of the gates: every one ends as put right, waived or upheld. And an officer's inbox, one press to read."""

from dataclasses import replace
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from qingkong.kernel import access, gates, notices
from qingkong.kernel.access import Actor
from qingkong.kernel.gates import FindingState, FindingView
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import Labelled, Sentence, zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest
from qingkong.web.forms import Form, RadioField, TextArea
from qingkong.web.paging import page_of

INBOX_SHOWN = 8
ORDER = ("-blocks", "-found_at", "-id")


class End(Labelled):
    """How a finding ends."""

    PUT_RIGHT = "put_right", zh("已经改正")
    WAIVE = "waive", zh("放行")
    UPHOLD = "uphold", zh("认定成立，转责任追究")


ENDS = {End.PUT_RIGHT: gates.put_right, End.WAIVE: gates.waive, End.UPHOLD: gates.uphold}
DONE: dict[End, Sentence] = {
    End.PUT_RIGHT: zh("已登记为改正。"),
    End.WAIVE: zh("已放行，理由已存证。"),
    End.UPHOLD: zh("已认定成立。"),
}


class EndForm(Form):
    end = RadioField(
        label=zh("怎么结束这个问题"),
        choices=End,
        hints={
            "put_right": zh("系统会再核对一次；还没有改正的，登记不了。"),
            "waive": zh("只有这一项写明可以放行、并且由写明的岗位。"),
            "uphold": zh("确是过错，不能改正，也不放行。"),
        },
    )
    reason = TextArea(label=zh("理由"), rows=3, max_length=500)

    def offer(self, ends: list[End]) -> None:
        """Offer these; one that was asked for all the same is put to the kernel, whose refusal is shown and entered."""
        asked = self.data.get("end") if self.is_bound else None
        offered = [(end.value, end.label) for end in End if end in ends or end.value == asked]
        cast(RadioField, self.fields["end"]).choices = offered


@desk.page("findings/", needs="gates.see", name="web.findings")
def list_findings(request: DeskRequest) -> HttpResponse:
    """Open findings of the own unit, or of all for those who review; the blocking ones first, then the newest."""
    page = page_of(gates.in_sight(actor=request.actor, at=request.at), request, order=ORDER)
    return desk.render(
        request,
        "desk/findings.html",
        title=zh("待处理的问题"),
        page=replace(page, rows=[gates.view(row) for row in page]),
        empty_sentence=zh("没有待处理的问题。"),
    )


def waiting(actor: Actor, at: datetime) -> int:
    """How many findings wait in the actor's sight, for the menu."""
    return gates.in_sight(actor=actor, at=at).count()


@desk.page("findings/<uuid:finding_id>/", needs="gates.see", name="web.finding")
def finding(request: DeskRequest, finding_id: UUID) -> HttpResponse:
    """One finding: what, by which article, how to put it right, and how it ended or may end."""
    found = _get(finding_id, request.actor)
    ends = ends_for(found, request.actor)
    form = EndForm(request.POST or None) if found.state is FindingState.OPEN else None
    if form is not None:
        form.offer(ends)
        if form.is_valid():
            end = End(form.cleaned_data["end"])
            with transaction.atomic():
                ENDS[end](found, actor=request.actor, reason=form.cleaned_data["reason"], at=request.at)
            return desk.done(request, "desk:web.finding", DONE[end], finding_id=found.id)
    return desk.render(
        request,
        "desk/finding.html",
        title=found.sentence,
        f=found,
        form=form if ends or request.method == "POST" else None,
        judges=bool({End.WAIVE, End.UPHOLD} & set(ends)),
        about=desk.subject_url(found.subject_key),
        history=[one for one in gates.findings(found.subject_key) if one.check_id == found.check_id],
    )


def ends_for(found: FindingView, actor: Actor) -> list[End]:
    """How this post may end this finding. Whether it was the actor's own work, the kernel asks when it is done."""
    if found.state is not FindingState.OPEN:
        return []
    may = {
        End.PUT_RIGHT: access.may(actor, "gates.put_right", found),
        End.WAIVE: bool(found.waivable_by) and actor.post is not None and found.waivable_by == actor.post.label,
        End.UPHOLD: access.may(actor, "gates.uphold", found),
    }
    return [end for end, allowed in may.items() if allowed]


@desk.page("inbox/<uuid:line_id>/read/", needs="web.sign_in", name="web.inbox_read")
@require_POST
def inbox_read(request: DeskRequest, line_id: UUID) -> HttpResponse:
    """One line of the inbox has been read."""
    notices.mark_read(line_id=line_id, actor=request.actor, at=request.at)
    return desk.done(request, "desk:web.my_day")


def inbox(request: DeskRequest) -> dict[str, object] | None:
    """For My day: what the officer was told and hasn't read; nothing where there is nothing."""
    lines = [(line, desk.subject_url(line.subject_key)) for line in notices.inbox_of(request.actor, INBOX_SHOWN)]
    if not lines:
        return None
    more = notices.unread_count(request.actor) - len(lines) if len(lines) == INBOX_SHOWN else 0
    return {"lines": lines, "more": more}


def _get(finding_id: UUID, actor: Actor) -> FindingView:
    """A finding the actor's post looks after. Raises NotFound, alike for none and for another unit's."""
    found = gates.get_finding(id=finding_id, actor=actor)
    if found is None or not (found.unit_id == actor.unit_id or access.may(actor, "gates.see_all")):
        raise NotFound()
    return found
