"""Which kinds of paper there are: a template, a title, and whether the law prescribes its form."""

from dataclasses import dataclass
from pathlib import Path

from qingkong.kernel.text import Sentence

SOURCE = Path(__file__).resolve().parents[2]  # the root that templates import from: /kernel/papers/typst/base.typ
SHARED = SOURCE / "kernel" / "papers" / "typst"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of paper. A statutory one carries no QR code and nothing that its form doesn't have."""

    name: str
    template: Path
    title: Sentence
    statutory: bool = False


_kinds: dict[str, Kind] = {}


def register(kind: str, template: Path | str, title: Sentence, *, statutory: bool = False) -> None:
    """Add a kind of paper. `template` is a path, or the name of a shared one: "receipt", "statutory", "list",
    "label", "cover". Raises ValueError where it lies outside the source tree or another kind has the name."""
    path = SHARED / f"{template}.typ" if isinstance(template, str) and "/" not in template else Path(template).resolve()
    if SOURCE not in path.parents:
        raise ValueError(f"{path} is not under {SOURCE}")
    made = Kind(kind, path, title, statutory)
    if _kinds.setdefault(kind, made) != made:
        raise ValueError(f"paper {kind} is registered twice")


def find(kind: str) -> Kind:
    """Raises KeyError."""
    return _kinds[kind]


def titles() -> dict[str, Sentence]:
    return {name: kind.title for name, kind in sorted(_kinds.items())}
