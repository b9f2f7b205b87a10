"""How an exhibit may end and who decides it: rows of `data/dispositions.toml`. Pure; reads the packaged file once."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from qingkong.kernel.text import article_in_words

ADMINISTRATIVE, CRIMINAL = "administrative", "criminal"


@dataclass(frozen=True, slots=True)
class Disposition:
    """One way to end, with its article and its approvers by kind of case."""

    id: str
    label: str
    label_en: str
    basis: dict[str, str]  # kind of case → law and article in words
    approvers: dict[str, tuple[str, ...]]  # kind of case → posts; empty: not open to that kind
    states: tuple[str, ...]
    station_limit: tuple[str, str] | None  # id and figure of the limit up to which a station decides
    sure: str


@lru_cache(maxsize=1)
def table() -> dict[str, Disposition]:
    """Every disposition by id, in the order of the file."""
    return {row["id"]: _read(row) for row in _file()["disposition"]}


def keep_years() -> int:
    """How long personal data of an exhibit is kept: a local standard, in years."""
    return int(_file()["keep_years"])


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("data/dispositions.toml").read_text(encoding="utf-8"))


def _read(row: dict[str, Any]) -> Disposition:
    usual = _basis(row["law"], row.get("article"))
    criminal = _basis(row["law_criminal"], row.get("article_criminal")) if "law_criminal" in row else usual
    return Disposition(
        id=row["id"],
        label=row["label"],
        label_en=row["label_en"],
        basis={ADMINISTRATIVE: usual, CRIMINAL: criminal},
        approvers={kind: tuple(posts) for kind, posts in row["approvers"].items()},
        states=tuple(row["from"]),
        station_limit=tuple(row["station_limit"]) if "station_limit" in row else None,
        sure=row["sure"],
    )


def _basis(law: str, article: int | None) -> str:
    return article_in_words(law, article) if article else law
