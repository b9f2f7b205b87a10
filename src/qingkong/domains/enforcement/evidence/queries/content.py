"""What of an item can be shown or downloaded, as contents of the vault."""

from dataclasses import dataclass

from qingkong.domains.enforcement.evidence import rules
from qingkong.domains.enforcement.evidence.models import EvidenceItem
from qingkong.domains.enforcement.evidence.rules import DerivativeKind, Kind
from qingkong.kernel.access import Look
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import zh

ORIGINAL = "original"
NOT_MADE = zh("还没有可以查看的内容，正在制作或制作不了；原件可以下载。")


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes in the vault: their digest, size, type, and whether it is the original."""

    sha256: str
    size: int
    content_type: str
    is_original: bool


def content_of(item: EvidenceItem, what: str) -> Content:
    """The original or a derivative to show in a browser. Raises NotFound for what isn't made or can't be shown."""
    if item.is_quarantined:
        raise NotFound(NOT_MADE)
    if what == ORIGINAL and plays(item):
        return original_of(item)
    made = item.derivatives.select_related("blob").filter(kind=what).first()
    if made is None or made.blob is None:
        raise NotFound(NOT_MADE)
    return Content(made.blob.sha256, made.blob.size, made.content_type, is_original=False)


def original_of(item: EvidenceItem) -> Content:
    return Content(item.original_id, item.size, item.content_type, is_original=True)


def plays(item: EvidenceItem) -> bool:
    """Whether browsers play the original itself."""
    reading = getattr(item, "reading", None)
    codecs = frozenset(reading.codecs.split()) if reading else frozenset()
    playable = item.kind in (Kind.VIDEO, Kind.AUDIO) and bool(codecs)
    return playable and rules.plays_in_browser(item.content_type, codecs)


def shown_as(item: EvidenceItem) -> dict[str, object]:
    """How the page shows an item: `picture`, `film`, `sound`, `poster` name contents; `why` what can't be made."""
    if item.is_quarantined:
        return {"quarantined": item.reason}
    derivatives = {d.kind: d for d in item.derivatives.all()}
    made = {kind for kind, d in derivatives.items() if d.blob_id}
    shown: dict[str, object] = {"pending": bool(rules.wanted(Kind(item.kind), rules.State(item.state)))}
    if DerivativeKind.VIEW in made:
        shown = {"picture": DerivativeKind.VIEW.value}
    elif plays(item) or DerivativeKind.PREVIEW in made:
        what = ORIGINAL if plays(item) else DerivativeKind.PREVIEW.value
        shown = {"film" if item.kind == Kind.VIDEO else "sound": what, "is_original": what == ORIGINAL}
        if DerivativeKind.POSTER in made:
            shown["poster"] = DerivativeKind.POSTER.value
    elif reasons := [d for d in derivatives.values() if d.why_not]:
        shown = {"why": reasons[0].why}
    return shown


def original_name(item: EvidenceItem, look: Look) -> str:
    """The name a downloaded original gets: its number, and the ending it came with; harmless where quarantined."""
    if item.is_quarantined:
        return f"{item.number}.quarantined"
    _, dot, ending = item.declared_name.open(look).rpartition(".")  # type: ignore[attr-defined]
    return f"{item.number}.{ending.lower()}" if dot and ending.isalnum() and len(ending) <= 5 else item.number
