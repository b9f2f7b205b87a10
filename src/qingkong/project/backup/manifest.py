"""What one backup holds: the files of its database cut into pieces, and the checkpoint it stands at. Pure."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

FORMAT = "qingkong-backup/1"
ID = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the database: its name, its size in bytes, its SHA-256, and the SHA-256 of each piece in order."""

    name: str
    size: int
    sha256: str
    pieces: list[str]


@dataclass(frozen=True, slots=True)
class Point:
    """Where the ledger stood: entries in the tree, its root in hex, the signed checkpoint, what was cosigned."""

    size: int
    root: str
    note: str
    cosigned: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """One backup. `vendor` is sqlite or postgresql; `blobs` counts originals, `missing` names those already lost.

    `journal` is how many lines the journal of erasures had, and the hash of the last: a shorter one is an old one.
    """

    id: str
    taken_at: str
    version: str
    vendor: str
    demo: bool
    division: str
    vkeys: list[str]
    parts: list[Part]
    point: Point
    serials: dict[str, int]
    blobs: int
    blob_bytes: int
    journal: tuple[int, str]
    missing: list[str] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        return moment(self.id)

    @property
    def database_bytes(self) -> int:
        return sum(part.size for part in self.parts)


def id_of(at: datetime) -> str:
    """The name of a backup that is taken at this instant, to the microsecond in UTC."""
    return at.astimezone(UTC).strftime(ID)


def moment(backup_id: str) -> datetime:
    """The instant of a backup. Raises ValueError for what is no backup's name."""
    return datetime.strptime(backup_id, ID).replace(tzinfo=UTC)


def written(manifest: Manifest) -> bytes:
    content = {"format": FORMAT, **asdict(manifest)}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def parse(data: bytes) -> Manifest:
    """Raises ValueError for another format."""
    content: dict[str, Any] = json.loads(data)
    if content.pop("format") != FORMAT:
        raise ValueError("not a manifest of this format")
    parts = [Part(**part) for part in content.pop("parts")]
    point, (lines, head) = Point(**content.pop("point")), content.pop("journal")
    return Manifest(**content, parts=parts, point=point, journal=(lines, head))
