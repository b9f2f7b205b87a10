"""出具证明包: on the page of any subject, all that the ledger holds about it, to be checked by somebody outside.

Which subjects there are, who may see them and under which look their contents stand is hung by `project/proofs.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse

from qingkong.kernel import access, papers
from qingkong.kernel.access import Actor, Purpose
from qingkong.kernel.ledger import bundling, packing
from qingkong.kernel.ledger.bundle_scope import Attached, Scope
from qingkong.kernel.records import thread_of
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import Labelled, zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest
from qingkong.web.forms import Form, RadioField, TextField


@dataclass(frozen=True, slots=True)
class Provable:
    """A kind of subject. `find(actor, id)` raises NotFound; `under(subject)` is the record whose look covers it."""

    needs: str
    find: Callable[[Actor, UUID], Any]
    under: Callable[[Any], Any]
    label: Callable[[Any], Any]


_provable: dict[str, Provable] = {}


def hang(kind: str, provable: Provable) -> None:
    """Let subjects of a kind (`calls.call`) be proved from their page."""
    _provable[kind] = provable


def address_of(key: str, actor: Actor) -> str:
    """Where a bundle of this subject is made, or nothing where the reader can't make one."""
    kind, _, pk = key.partition(":")
    known = _provable.get(kind)
    if known is None or not (access.may(actor, "ledger.prove") and access.may(actor, known.needs)):
        return ""
    return desk.url("desk:web.prove", kind=kind, key=pk)


class Content(Labelled):
    """What of the contents goes out."""

    COMMITMENTS = "commitments", zh("不出示内容，只证明有哪些记录")
    FACTS = "facts", zh("连同内容一并出示")
    PAPERS = "papers", zh("连同内容和我出具的文书")


HINTS: dict[str, Any] = {
    Content.COMMITMENTS: zh("谁、什么岗位、何时、做了哪一类事。没有案情。"),
    Content.FACTS: zh("查阅个人信息的记录除外。会记一次查阅，要有正在办理的编号作依据。"),
    Content.PAPERS: zh("同上，再附上您自己出具的、存证里写明摘要的文书。"),
}


class ProveForm(Form):
    content = RadioField(zh("内容"), Content, hints=HINTS)
    purpose = TextField(
        zh("交给谁，作什么用"), max_length=60, hint=zh("会记进存证，例如“提交法院，某某案庭审质证”。不要写人名。")
    )
    reference = TextField(
        zh("依据"), required=False, max_length=20, width=20, hint=zh("出示内容时必填：您正在办理的警情或案件编号。")
    )


@desk.page("prove/<str:kind>/<uuid:key>/", needs="ledger.prove", name="web.prove", once=False)
def prove(request: DeskRequest, kind: str, key: UUID) -> HttpResponse:
    """What a bundle of the subject would hold; and on asking, the bundle as a zip."""
    known = _provable.get(kind)
    if known is None:
        raise NotFound()
    access.require(request.actor, known.needs)
    subject = known.find(request.actor, key)
    scope = scope_of(subject)
    form = ProveForm(request.POST or None, initial={"content": Content.COMMITMENTS, "reference": thread_of(subject)})
    if form.is_valid():
        return _sent(make(known, subject, scope, form, request))
    return desk.render(
        request, "desk/prove.html", title=zh("出具证明包"), form=form, submit=zh("制作并下载"), label=known.label(subject),
        back=desk.subject_url(scope.subject), counted=bundling.count(scope),
    )  # fmt: skip


def scope_of(subject: Any) -> Scope:
    """The whole thread where the subject is what the thread is named after; else its own entries."""
    thread = thread_of(subject)
    return Scope(subject.subject_key, thread if getattr(subject, "number", None) == thread else "")


@transaction.atomic
def _look(known: Provable, subject: Any, form: ProveForm, request: DeskRequest) -> None:
    """Contents are personal data: showing them outside is a look, entered as one. Raises CannotLook."""
    access.look(
        actor=request.actor, subject=known.under(subject), purpose=Purpose.HANDLING,
        reference=form.cleaned_data["reference"],
        at=request.at,
    )  # fmt: skip


def make(known: Provable, subject: Any, scope: Scope, form: ProveForm, request: DeskRequest) -> bundling.Bundle:
    """The bundle, with what the form asks for and the reader may show."""
    shows = form.content is not Content.COMMITMENTS
    if shows:
        _look(known, subject, form, request)
    attached: list[Attached] = _own_papers(scope, request.actor) if form.content is Content.PAPERS else []
    return bundling.make(
        scope, actor=request.actor, at=request.at, discloses=lambda act: shows, attached=attached, purpose=form.cleaned_data["purpose"],
        reference=form.cleaned_data["reference"],
    )  # fmt: skip


def _own_papers(scope: Scope, actor: Actor) -> list[Attached]:
    """The papers about the subject that this officer issued."""
    return [
        Attached(papers.bytes_of(paper), ".pdf")
        for paper in papers.of(scope.subject)
        if paper.issued_by_id == actor.officer_id
    ]


def _sent(made: bundling.Bundle) -> HttpResponse:
    response = HttpResponse(packing.zipped(made), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{made.name}.zip"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
