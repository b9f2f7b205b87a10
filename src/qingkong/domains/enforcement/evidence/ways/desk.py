"""Evidence at the desk: the list, registering, an item's page with its content behind a look, its original."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from qingkong.domains.enforcement.cases.queries import Case
from qingkong.domains.enforcement.evidence import operations, queries, rules
from qingkong.domains.enforcement.evidence.queries import EvidenceItem, Kind
from qingkong.domains.enforcement.evidence.ways import arriving, forms, streaming, uploading
from qingkong.kernel import access
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest
from qingkong.web.paging import page_of

ONLY_CASES = zh("请填写案件编号（A、X 开头）。")


@desk.page("evidence/", needs="evidence.see", name="evidence.list")
def list_items(request: DeskRequest) -> HttpResponse:
    """The actor's evidence, the latest first: numbers, never pictures."""
    show = request.GET.get("show", "")
    items = queries.listed(actor=request.actor, kind=show, mine=show == "mine")
    page = page_of(items, request, order=queries.LATEST_FIRST)
    return desk.render(
        request, "evidence/list.html", page=page, show=show, kinds=list(Kind),
        may_register=access.may(request.actor, "evidence.register"),
        empty_sentence=zh("没有这样的证据。"),
    )  # fmt: skip


@desk.page("evidence/register/", needs="evidence.register", once=False)
def register(request: DeskRequest) -> HttpResponse:
    """Register files for a call or a case. Submitting twice doubles nothing, so it needs no key."""
    initial = {"link": request.GET.get("for", "")[:20]}
    form = forms.RegisterForm(request.POST or None, request.FILES or None, actor=request.actor, initial=initial)
    if form.is_valid():
        done = uploading.register_all(
            form.upload, link=form.link, source=form.source, device=form.device, note=form.note, request=request,
            arrived=form.arrived,
        )  # fmt: skip
        if not done.refused:
            return _to(request, done, form.link)
        request.refusals.extend(done.refused)
        for refusal in done.refused:
            form.refuse(refusal)
    status = 422 if form.is_bound and form.errors else 200
    return desk.render(
        request, "evidence/register.html", form=form, status=status, arrived=arriving.kept(form, request=request)
    )


def _to(request: DeskRequest, done: uploading.Uploaded, link: queries.Link) -> HttpResponse:
    if len(done.items) == 1:
        return desk.done(request, "desk:evidence.item", done.said(), item_id=done.items[0].pk)
    target = desk.subject_url(link.subject_key)
    return desk.done(request, "desk:evidence.list", done.said()) if not target else _said(request, done, target)


def _said(request: DeskRequest, done: uploading.Uploaded, target: str) -> HttpResponse:
    messages.success(request, str(done.said()))
    return desk.go(request, f"{target}?tab=evidence")


@desk.page("evidence/<uuid:item_id>/", needs="evidence.see")
def item(request: DeskRequest, item_id: UUID) -> HttpResponse:
    return _page(request, queries.get_item(actor=request.actor, id=item_id))


@desk.page("evidence/<uuid:item_id>/open/", needs="evidence.look", name="evidence.open")
def open_item(request: DeskRequest, item_id: UUID) -> HttpResponse:
    """Open the content: a look, entered, for a quarter of an hour."""
    item = queries.get_item(actor=request.actor, id=item_id)
    form = forms.OpenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        operations.open_evidence(item=item, reference=form.reference.upper(), actor=request.actor, at=request.at)
        return desk.go(request, f"{desk.url('evidence.item', item_id=item.pk)}#content")
    return _page(request, item, form=form)


def _page(request: DeskRequest, item: EvidenceItem, form: forms.OpenForm | None = None) -> HttpResponse:
    look = operations.running_look(item=item, actor=request.actor, at=request.at)
    reading = queries.Reading.objects.filter(item=item).first()
    may_look = access.may(request.actor, "evidence.look", item)
    return desk.render(
        request,
        "evidence/item.html",
        subject=item,
        item=item,
        form=form or forms.OpenForm(),
        look=look,
        declared_name=item.declared_name.open(look) if look else item.declared_name,
        shown=queries.shown_as(item) if look else {},
        reading=reading,
        doubt=rules.doubt_about_time(reading.claimed_at, item.received_at) if reading else None,
        derivatives=list(item.derivatives.select_related("blob").order_by("kind")),
        may_look=may_look,
        reasons=queries.reasons_for(item, actor=request.actor, at=request.at) if may_look and not look else [],
        may_download=access.may(request.actor, "evidence.download", item),
        may_link=not item.case_id and access.may(request.actor, "evidence.link", item),
    )


@desk.page("evidence/<uuid:item_id>/content/<slug:what>/", needs="evidence.look")
def content(request: DeskRequest, item_id: UUID, what: str) -> HttpResponseBase:
    """Bytes to show, under a look that was opened on the page before."""
    item = queries.get_item(actor=request.actor, id=item_id)
    operations.keep_looking(item=item, actor=request.actor, at=request.at)
    return streaming.stream(request, queries.content_of(item, what))


@desk.page("evidence/<uuid:item_id>/download/", needs="evidence.download", once=False)
def download(request: DeskRequest, item_id: UUID) -> HttpResponseBase:
    """A copy of the original, entered each time; by POST, so that no link fetches one unasked."""
    item = queries.get_item(actor=request.actor, id=item_id)
    if request.method != "POST":
        return _page(request, item)
    content, name = operations.download_original(item=item, actor=request.actor, at=request.at)
    return streaming.attachment(content, name)


@desk.page("evidence/<uuid:item_id>/link/", needs="evidence.link")
def link(request: DeskRequest, item_id: UUID) -> HttpResponse:
    """Put evidence of a call into the case that came of it."""
    item = queries.get_item(actor=request.actor, id=item_id)
    form = forms.CaseForm(request.POST or None, actor=request.actor)
    if form.is_valid():
        if not isinstance(form.link, Case):
            raise Refusal(ONLY_CASES, field="link")
        operations.link_evidence(item=item, case=form.link, actor=request.actor, at=request.at)
        said = zh("{number} 已归入案件 {case}。", number=item.number, case=form.link.number)
        return desk.done(request, "desk:evidence.item", said, item_id=item.pk)
    return desk.render(request, "evidence/link.html", item=item, form=form)


def tab(request: Any, subject: Any) -> dict[str, Any]:
    """Context of the tab on a call's and a case's page."""
    return {
        "items": queries.of_link(subject, actor=request.actor),
        "link": subject,
        "may_register": access.may(request.actor, "evidence.register", subject),
    }
