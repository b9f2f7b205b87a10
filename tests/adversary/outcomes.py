"""What became of an attack, and how the table of all of them reads."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attack: what it is, on what, and who saw it. `note` says what was impossible or what else sees it."""

    family: str
    attack: str
    target: str
    verify: bool
    cosigner: bool
    note: str = ""
    possible: bool = True

    @property
    def seen(self) -> bool:
        return self.verify or self.cosigner or not self.possible

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "seen": self.seen}


@dataclass(frozen=True, slots=True)
class Line:
    """All attacks of one kind."""

    family: str
    attack: str
    tried: int
    verify: int
    cosigner: int
    unseen: int


def lines(outcomes: Iterable[Outcome]) -> list[Line]:
    """The outcomes counted by family and attack, in the order they were tried."""
    kinds: dict[tuple[str, str], list[Outcome]] = {}
    for one in outcomes:
        if one.possible:
            kinds.setdefault((one.family, one.attack), []).append(one)
    return [
        Line(
            family, attack, len(group), sum(one.verify for one in group), sum(one.cosigner for one in group),
            sum(not one.seen for one in group),
        )
        for (family, attack), group in kinds.items()
    ]  # fmt: skip


HEAD = ("attack", "tried", "ledger verify", "cosigner", "unseen")


def plain(outcomes: list[Outcome]) -> str:
    rows = [(line.attack, *_figures(line)) for line in lines(outcomes)]
    width = max(len(row[0]) for row in rows)
    text = [f"{HEAD[0]:{width}}  {HEAD[1]:>6}  {HEAD[2]:>13}  {HEAD[3]:>8}  {HEAD[4]:>6}"]
    families = groupby(lines(outcomes), key=lambda line: line.family)
    for family, group in families:
        text.append(f"-- {family}")
        text += [
            f"{line.attack:{width}}  {line.tried:>6}  {_of(line.verify, line.tried):>13}"
            f"  {_of(line.cosigner, line.tried):>8}  {line.unseen:>6}"
            for line in group
        ]
    return "\n".join(text)


def markdown(outcomes: list[Outcome]) -> str:
    text = []
    for family, group in groupby(lines(outcomes), key=lambda line: line.family):
        text += [f"### {family}", "", f"| {' | '.join(HEAD)} |", "|---|---:|---:|---:|---:|"]
        text += [f"| {line.attack} | {' | '.join(_figures(line))} |" for line in group]
        text.append("")
    return "\n".join(text)


def _figures(line: Line) -> tuple[str, str, str, str]:
    return str(line.tried), _of(line.verify, line.tried), _of(line.cosigner, line.tried), str(line.unseen)


def _of(seen: int, tried: int) -> str:
    return "all" if seen == tried else "no" if not seen else f"{seen} of {tried}"
