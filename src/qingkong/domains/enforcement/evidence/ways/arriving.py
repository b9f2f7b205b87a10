"""Files that came in pieces (tus, or whole by PUT): whether one may be sent, and taking it over as evidence."""

from datetime import datetime
from typing import Any
from uuid import UUID

from qingkong.domains.enforcement.evidence import operations, queries
from qingkong.domains.enforcement.evidence.queries import EvidenceItem, Link, Source
from qingkong.kernel import access
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import NotFound, Refusal
from qingkong.kernel.text import zh
from qingkong.web.uploads import operations as uploads
from qingkong.web.uploads import uses
from qingkong.web.uploads.slips import Slip

USE = "evidence"
UNNAMED = "file"
BAD_ID = zh("上传编号不对。")
MOST = 50  # of one submit


def register() -> None:
    """Say to the web room that files are taken for evidence."""
    uses.register(USE, may_send)


def may_send(actor: Actor, reference: str, at: datetime) -> None:
    """Whether the actor may add evidence to this call or case. Raises NotFound, NotPermitted, CannotRegister."""
    link = queries.link_by_number(actor=actor, number=reference)
    access.require(actor, "evidence.register", link)
    operations.require_open(link)


def ids_of(text: str) -> list[UUID]:
    """The ids of a form's hidden field, in the order of the files. Raises Refusal for anything else."""
    try:
        ids = [UUID(word.rpartition("/")[2]) for word in text.split()]
    except ValueError:
        raise Refusal(BAD_ID, field="upload") from None
    if len(ids) > MOST:
        raise Refusal(BAD_ID, field="upload")
    return list(dict.fromkeys(ids))


def register_arrived(
    id: UUID, *, link: Link, source: Source, request: Any, device: str = "", note: str = "", name: str = ""
) -> EvidenceItem:
    """Register a whole upload of the actor's own: the operation of every other way in. Raises what it raises, and NotWhole."""
    if became := uploads.became(id=id, actor=request.actor):
        item = queries.get_item(actor=request.actor, id=UUID(became.rpartition(":")[2]))
        item.already = True
        return item
    ready = uploads.ready(id=id, use=USE, actor=request.actor, at=request.at)
    item = operations.register_evidence(
        file=ready.file, name=name or ready.name or UNNAMED, link=link, source=source, device=device, note=note,
        actor=request.actor, at=request.at,
    )  # fmt: skip
    uploads.used(upload=ready.upload, became=item.subject_key)
    return item


def kept(form: Any, *, request: Any) -> list[str]:
    """What the sender called the files that came before, for a form shown again with errors; none where it is new."""
    names = []
    for id in (form.cleaned_data or {}).get("arrived") or () if form.is_bound and form.errors else ():
        try:
            names.append(uploads.ready(id=id, use=USE, actor=request.actor, at=request.at).name or UNNAMED)
        except (Slip, NotFound):
            continue  # registered by this submit, or gone
    return names
