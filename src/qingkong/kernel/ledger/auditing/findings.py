"""What a verification found. Pure."""

from dataclasses import dataclass, field
from typing import Any, Literal

from qingkong.kernel.text import Sentence

MOST_NAMED = 1000

Kind = Literal["altered", "missing", "inserted", "swapped", "unsigned", "disagrees", "unsealed"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One row that isn't what it was: which table, which row, which column where that can be said."""

    kind: Kind
    table: str
    row: str
    column: str
    sentence: Sentence

    def __str__(self) -> str:
        return str(self.sentence)

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind, "table": self.table, "row": self.row, "column": self.column,
            "sentence": str(self.sentence),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict on a ledger: how many entries were read, and what is wrong. `unnamed` more were only counted."""

    ok: bool
    entries: int
    problems: list[Problem]
    unnamed: int = 0


@dataclass(slots=True)
class Findings:
    """Problems as they are found; past MOST_NAMED they are counted."""

    problems: list[Problem] = field(default_factory=list)
    unnamed: int = 0
    entries: int = 0

    def add(self, kind: Kind, table: str, row: object, column: str, sentence: Sentence) -> None:
        if len(self.problems) < MOST_NAMED:
            self.problems.append(Problem(kind, table, str(row), column, sentence))
        else:
            self.unnamed += 1

    def report(self) -> Report:
        return Report(not self.problems, self.entries, self.problems, self.unnamed)
