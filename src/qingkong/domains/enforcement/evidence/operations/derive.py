"""Make what can be shown of an original: small copies, a poster, a preview. The original is only read."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from django.db import transaction

from qingkong.domains.enforcement.evidence import rules
from qingkong.domains.enforcement.evidence.media import films, pictures, process
from qingkong.domains.enforcement.evidence.models import Derivative, EvidenceItem, Reading
from qingkong.domains.enforcement.evidence.rules import DerivativeKind, Kind, State, WhyNot
from qingkong.kernel import access, ledger, vault
from qingkong.kernel.access import Actor
from qingkong.kernel.text import TZ

JPEG, MP4 = "image/jpeg", "video/mp4"


@dataclass(slots=True)
class Made:
    """What the tools gave: files by kind, reasons where there is none, what the file says about itself."""

    with_what: str
    files: dict[DerivativeKind, tuple[Path, str]] = field(default_factory=dict)
    why_not: dict[DerivativeKind, WhyNot] = field(default_factory=dict)
    reading: dict[str, object] | None = None


def make_derivatives(*, item: EvidenceItem, actor: Actor, at: datetime, again: bool = False) -> list[Derivative]:
    """Make an item's derivatives, or note why they can't be made; what stands already isn't made anew.

    `again` tries once more what couldn't be made, after ffmpeg was installed, say. Long work: not in a transaction.
    """
    access.require(actor, "evidence.derive", item)
    there = list(item.derivatives.all())
    tried = bool(there) or hasattr(item, "reading")
    if rules.wanted(Kind(item.kind), State(item.state)) and (not tried or again and any(d.why_not for d in there)):
        with _workplace() as folder:
            with vault.local(item.original_id) as original:
                made = _make(item, original, folder)
            with transaction.atomic():  # the files' rows and what is said of them stand or fall together
                stored = {kind: vault.receive(path).sha256 for kind, (path, _) in made.files.items()}
                _keep(item, made, stored, actor, at)
    return list(item.derivatives.order_by("kind"))


@contextmanager
def _workplace() -> Iterator[Path]:
    """A folder on the vault's disk that only this process reads, gone afterwards."""
    root = vault.store().root / "making"
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sweep(root)
    folder = Path(tempfile.mkdtemp(dir=root, prefix=f"{os.getpid()}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(root: Path) -> None:
    """Remove the folders of processes that were killed at their work."""
    for folder in root.iterdir():
        try:
            os.kill(int(folder.name.partition("-")[0]), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except (PermissionError, ValueError):
            continue  # it lives, or the folder isn't one of ours


def _make(item: EvidenceItem, file: Path, folder: Path) -> Made:
    parent = item.original_id
    return _photo(file, parent, folder) if item.kind == Kind.PHOTO else _film(item, file, parent, folder)


def _photo(file: Path, parent: str, folder: Path) -> Made:
    made = Made(f"Pillow {version('pillow')}")
    try:
        command: list[str | Path] = [sys.executable, "-I", str(pictures.__file__), file, parent, folder]
        said = json.loads(process.run(command, folder=folder))
    except process.Failed as fault:
        made.why_not = dict.fromkeys((DerivativeKind.THUMBNAIL, DerivativeKind.VIEW), _why(fault))
        return made
    made.reading = {
        "width": said["width"], "height": said["height"], "codecs": str(said["codec"]).lower(),
        "claimed_at": _instant(said["claimed"]),
    }  # fmt: skip
    made.files = {kind: (folder / f"{kind}.jpg", JPEG) for kind in (DerivativeKind.THUMBNAIL, DerivativeKind.VIEW)}
    return made


def _film(item: EvidenceItem, file: Path, parent: str, folder: Path) -> Made:
    ffmpeg, ffprobe = films.tool("ffmpeg"), films.tool("ffprobe")
    wanted = rules.wanted(Kind(item.kind), State(item.state))
    if ffmpeg is None or ffprobe is None:
        return Made("", why_not=dict.fromkeys(wanted, WhyNot.NO_TOOL))
    made = Made(films.version(ffmpeg, folder=folder))
    try:
        probe = films.probe(file, ffprobe=ffprobe, folder=folder)
    except process.Failed as fault:
        made.why_not = dict.fromkeys(wanted, _why(fault))
        return made
    made.reading = {
        "width": probe.width, "height": probe.height, "duration_ms": probe.duration_ms,
        "codecs": " ".join(probe.codecs)[:80], "claimed_at": _instant(probe.claimed),
    }  # fmt: skip
    for kind in wanted:
        if kind is DerivativeKind.PREVIEW and rules.plays_in_browser(item.content_type, frozenset(probe.codecs)):
            continue
        try:
            made.files[kind] = _draw(kind, probe, file, parent, ffmpeg, folder)
        except process.Failed as fault:
            made.why_not[kind] = _why(fault)
    return made


def _draw(
    kind: DerivativeKind, probe: films.Probe, file: Path, parent: str, ffmpeg: str, folder: Path
) -> tuple[Path, str]:
    if kind is DerivativeKind.POSTER:
        target = folder / "poster.jpg"
        films.make_poster(file, target, parent=parent, ffmpeg=ffmpeg, folder=folder)
        return target, JPEG
    target = folder / "preview.mp4"
    films.make_preview(file, target, picture=probe.has_picture, parent=parent, ffmpeg=ffmpeg, folder=folder)
    return target, MP4 if probe.has_picture else "audio/mp4"


def _keep(item: EvidenceItem, made: Made, stored: dict[DerivativeKind, str], actor: Actor, at: datetime) -> None:
    EvidenceItem.objects.locked(item.pk)
    if made.reading and not Reading.objects.filter(item=item).exists():
        item.reading = Reading.objects.create(item=item, read_at=at, read_with=made.with_what, **made.reading)
    for kind in (*stored, *made.why_not):
        known = Derivative.objects.filter(item=item, kind=kind).first()
        if known and (known.blob_id or kind not in stored):
            continue
        if known:
            known.delete()  # it was only the reason why there was none
        why, sha256 = made.why_not.get(kind), stored.get(kind)
        Derivative.objects.create(
            item=item, kind=kind, parent_sha256=item.original_id, blob_id=sha256, why_not=why or "", made_at=at,
            content_type=made.files[kind][1] if sha256 else "", made_with=made.with_what,
        )  # fmt: skip
        ledger.record(
            actor=actor, at=at, act="evidence.derived" if sha256 else "evidence.not_derived", subject=item,
            facts={
                "number": item.number, "kind": kind.label.in_chinese(), "parent": item.original_id,
                "sha256": sha256 or "", "why_not": why or "", "with": made.with_what,
            },
        )  # fmt: skip


def _why(fault: process.Failed) -> WhyNot:
    return WhyNot.TOO_HEAVY if isinstance(fault, process.TooHeavy) else WhyNot.UNREADABLE


def _instant(claimed: object) -> datetime | None:
    """A claimed time; without an offset it is taken as the county's. Nonsense is no time."""
    try:
        at = datetime.fromisoformat(str(claimed))
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=TZ)
    return at if 1990 <= at.year <= 2100 else None
