"""Several files in one submit: each is registered by itself; those that can't be are named, the others stay."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from qingkong.domains.enforcement.evidence import operations
from qingkong.domains.enforcement.evidence.queries import EvidenceItem, Link, Source
from qingkong.domains.enforcement.evidence.ways import arriving
from qingkong.kernel.refusals import NotFound, Refusal
from qingkong.kernel.text import Sentence, zh
from qingkong.kernel.vault import CannotReceive, StoreAway
from qingkong.web.uploads.slips import Slip

NAMED = zh("{name}：{why}")


@dataclass(slots=True)
class Uploaded:
    """What came of a submit. Submitting it again doubles nothing: the same content is the same item."""

    items: list[EvidenceItem] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    def said(self) -> Sentence:
        """One sentence about what was registered."""
        held = [item for item in self.items if item.is_quarantined]
        if held:
            return zh("已收存 {count} 份，其中 {held} 份已隔离。", count=len(self.items), held=len(held))
        if len(self.items) == 1:
            return zh("已登记：{number}。", number=self.items[0].number)
        return zh("已登记 {count} 份证据。", count=len(self.items))


def register_all(
    files: list[Any], *, link: Link, source: Source, request: Any, device: str = "", note: str = "",
    arrived: Sequence[UUID] = (),
) -> Uploaded:  # fmt: skip
    """Register each uploaded file, those that came in pieces first. What concerns all (no permission, case over) is raised."""
    done = Uploaded()
    for id in arrived:
        try:
            done.items.append(
                arriving.register_arrived(
                    id, link=link, source=source, device=device, note=note, request=request
                )  # fmt: skip
            )
        except (Slip, NotFound, CannotReceive) as refusal:
            done.refused.append(CannotReceive(refusal.reason, how=refusal.how, field="upload"))
    for file in files:
        try:
            item = operations.register_evidence(
                file=file.file, name=file.name, link=link, source=source, device=device, note=note,
                promised_size=file.size, actor=request.actor, at=request.at,
            )  # fmt: skip
        except (CannotReceive, StoreAway) as refusal:  # the others still come in, or wait
            done.refused.append(
                type(refusal)(NAMED.fill(name=file.name, why=refusal.reason), how=refusal.how, field="upload")
            )
            continue
        done.items.append(item)
    return done
