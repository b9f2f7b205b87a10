"""Evidence for programs: the same operations as at the desk. Uploading the same content again gives the same item."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile

from qingkong.domains.enforcement.evidence import operations, queries
from qingkong.domains.enforcement.evidence.queries import EvidenceItem, Source
from qingkong.kernel import access
from qingkong.web.paging import page_of

router = Router(tags=["evidence"])


class EvidenceOut(Schema):
    """An item without its name and content; `already` where this content was registered before."""

    id: UUID
    number: str
    sha256: str
    size: int
    content_type: str
    kind: str
    state: str
    reason: str
    link: str
    source: str
    device: str
    note: str
    registered_by: str
    received_at: datetime
    derivatives: list[str] = []
    already: bool = False


class EvidenceListOut(Schema):
    """A page of items; `next` is the query string of the following page, empty at the end."""

    items: list[EvidenceOut]
    next: str


@router.get("/", response=EvidenceListOut)
def list_items(request: HttpRequest, link: str = "", after: str = "") -> dict[str, Any]:
    """The caller's evidence, the latest first, fifty a page; or all of one call or case (`link` is its number)."""
    access.require(request.actor, "evidence.see")
    if link:
        found = queries.link_by_number(actor=request.actor, number=link)
        return {"items": [_item(item) for item in queries.of_link(found, actor=request.actor)], "next": ""}
    page = page_of(queries.listed(actor=request.actor), request, order=queries.LATEST_FIRST)
    return {"items": [_item(item) for item in page], "next": page.next_query}


@router.post("/", response={201: EvidenceOut, 200: EvidenceOut})
def register(
    request: HttpRequest,
    file: UploadedFile = File(...),  # noqa: B008  # how ninja declares a part
    link: str = Form(..., max_length=20),
    source: Source = Form(Source.BODY_CAMERA),  # noqa: B008
    device: str = Form("", max_length=40),
    note: str = Form("", max_length=60),
    sha256: str = Form("", max_length=64),
) -> tuple[int, dict[str, Any]]:
    """Register a file for a call or a case. With `sha256` the content must have that digest."""
    item = operations.register_evidence(
        file=file.file, name=file.name or "", link=queries.link_by_number(actor=request.actor, number=link),
        source=source, device=device, note=note, promised_sha256=sha256 or None, promised_size=file.size,
        actor=request.actor, at=request.at,
    )  # fmt: skip
    return (200 if item.already else 201), {**_item(item), "already": item.already}


@router.get("/{number}", response=EvidenceOut)
def get(request: HttpRequest, number: str) -> dict[str, Any]:
    """One item by its number."""
    access.require(request.actor, "evidence.see")
    item = queries.item_by_number(actor=request.actor, number=number)
    made = item.derivatives.filter(blob__isnull=False).order_by("kind").values_list("kind", flat=True)
    return {**_item(item), "derivatives": list(made)}


def _item(item: EvidenceItem) -> dict[str, Any]:
    return {
        "id": item.pk, "number": item.number, "sha256": item.original_id, "size": item.size,
        "content_type": item.content_type, "kind": item.kind, "state": item.state, "reason": str(item.reason or ""),
        "link": item.thread, "source": item.source, "device": item.device, "note": item.note,
        "registered_by": item.registered_by_name, "received_at": item.received_at,
    }  # fmt: skip
