"""The six points and the order of papers: rows of `data/`. Pure; each packaged file is read once."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from qingkong.kernel.clocks.wording import Bilingual
from qingkong.kernel.text import article_in_words


@dataclass(frozen=True, slots=True)
class Point:
    """One of the six points, with what the legal officer asks themselves."""

    id: str
    label: str
    label_en: str
    ask: str
    ask_en: str

    @property
    def said(self) -> Bilingual:
        """The label in the reader's language, whenever it is shown."""
        return Bilingual(self.label, self.label_en)


@dataclass(frozen=True, slots=True)
class Group:
    """One part of the file, in its place, and the kinds of papers that belong there."""

    id: str
    label: str
    label_en: str
    kinds: tuple[str, ...]


@lru_cache(maxsize=1)
def points() -> dict[str, Point]:
    """The six points by id, in the order of the article."""
    return {row["id"]: Point(**row) for row in _file("points")["point"]}


@lru_cache(maxsize=1)
def points_article() -> str:
    """公安机关办理行政案件程序规定第一百七十条."""
    facts = _file("points")
    return article_in_words(facts["law"], facts["article"])


@lru_cache(maxsize=1)
def groups() -> dict[str, Group]:
    """The parts of a file by id, in their order; the last takes what no other names."""
    return {row["id"]: Group(**{**row, "kinds": tuple(row["kinds"])}) for row in _file("order")["group"]}


def group_of(kind: str) -> Group:
    """The part a kind of paper belongs to."""
    every = list(groups().values())
    return next((group for group in every if kind in group.kinds), every[-1])


def place_of(kind: str) -> tuple[int, int]:
    """Sorting key of a kind: its part, and its place within the part."""
    every = list(groups().values())
    group = group_of(kind)
    return every.index(group), group.kinds.index(kind) if kind in group.kinds else len(group.kinds)


def _file(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(f"data/{name}.toml").read_text(encoding="utf-8"))
