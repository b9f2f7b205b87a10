"""The bureau's own lists: kinds, standards, how long a caller is kept, the scene chart. Data files, edited without code."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

from qingkong.domains.enforcement.calls import rules
from qingkong.domains.enforcement.calls.models import Caller, Kind
from qingkong.kernel import places
from qingkong.kernel.text import Sentence, local, zh

DATA = Path(__file__).parents[1] / "data"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Known:
    """What a call may name: kinds by key, and (township, village) of the places asked about, by code."""

    kinds: dict[str, Kind]
    places: dict[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SceneStep:
    """A step of the scene chart; with `check` it stands on the phone's checklist too."""

    key: str
    text: str
    text_en: str
    kind: str
    role: str
    role_en: str
    article: str = ""
    why: str = ""
    why_en: str = ""
    check: bool = False
    scenes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text_en if in_english() else self.text

    @property
    def reason(self) -> str:
        return self.why_en if in_english() else self.why

    @property
    def who(self) -> str:
        return self.role_en if in_english() else self.role


@dataclass(frozen=True, slots=True)
class Scene:
    """The scene flow chart: its steps, and the arrows (from, to, label, English label) between them."""

    version: str
    steps: tuple[SceneStep, ...]
    arrows: tuple[tuple[str, str, str, str], ...]

    def checklist(self, scene: str) -> list[SceneStep]:
        """The steps of a phone's checklist for one kind of scene, in the chart's order."""
        return [step for step in self.steps if step.check and (not step.scenes or scene in step.scenes)]

    def checklist_keys(self, scene: str) -> set[str]:
        return {step.key for step in self.checklist(scene)}


def in_english() -> bool:
    return (get_language() or "").startswith("en")


def kinds() -> dict[str, Kind]:
    """Every kind by its key, retired ones too, in the order of the list."""
    return {kind.key: kind for kind in Kind.objects.order_by("position")}


def known(codes: Iterable[str]) -> Known:
    """The kinds there are, and which of these codes are townships or villages of the county."""
    wanted = {code for code in codes if len(code) in (9, 12)}
    names = places.full_names(wanted | {code[:9] for code in wanted})
    return Known(
        kinds(),
        {code: (names[code[:9]], names[code].removeprefix(names[code[:9]])) for code in wanted if names[code] != code},
    )


@lru_cache(maxsize=1)
def scene() -> Scene:
    """The scene flow chart of data/scene.toml."""
    data = _read("scene.toml")
    steps = tuple(SceneStep(**{**row, "scenes": tuple(row.get("scenes", ()))}) for row in data["step"])
    arrows = tuple((row["from"], row["to"], row.get("label", ""), row.get("label_en", "")) for row in data["arrow"])
    return Scene(data["version"], steps, arrows)


@lru_cache(maxsize=1)
def standards() -> dict[rules.Stamp, rules.LocalStandard]:
    """The bureau's own standards for the stamps. None of them is a limit of law."""
    return {
        rules.Stamp(row["stamp"]): rules.LocalStandard(
            rules.Stamp(row["stamp"]), timedelta(seconds=row["seconds"]), row["label"], row["label_en"]
        )
        for row in _read("standards.toml")["standard"]
    }


def standard_in_words(standard: rules.LocalStandard) -> str:
    return standard.label_en if in_english() else standard.label


def caller_kept(at: datetime) -> dict[str, Any]:
    """Ground, purpose and last day of a caller's row made at `at`, for `access.kept`."""
    row = _read_caller()
    months = local(at).month - 1 + row["months"]
    day = local(at).date()
    until = date(day.year + months // 12, months % 12 + 1, min(day.day, 28))
    return {"ground": row["ground"], "purpose": row["purpose"], "until": until}


CALL_OPEN = zh("警情还没有结警。")


def holds_caller(caller: Caller) -> Sentence | None:
    """An open call keeps who called beyond the last day."""
    return CALL_OPEN if caller.call.closed_at is None else None


@lru_cache(maxsize=1)
def _read_caller() -> dict[str, Any]:
    return dict(_read("standards.toml")["caller"])


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


def moment_of(at: datetime) -> int:
    """An instant as whole microseconds since 1970-01-01 UTC, exact."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def instant_of(moment: int) -> datetime:
    return _EPOCH + timedelta(microseconds=moment)
