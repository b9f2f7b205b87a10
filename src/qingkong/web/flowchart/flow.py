"""What a chart says: steps and arrows."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from qingkong.kernel.text import Sentence

KINDS = ("start", "step", "decision", "end")

Words = Sentence | str
Arrow = tuple[str, str, Words]


class BadFlow(ValueError):
    """The chart's data contradicts itself: an unknown step, a kind that isn't one, two steps of one key."""


@dataclass(frozen=True, slots=True)
class Step:
    """A box. `kind`: start, step, decision or end; `article` stands under the text, `role` says who does it."""

    key: str
    text: Words
    kind: str = "step"
    article: Words = ""
    role: Words = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """A chart: `arrows` are (from, to, label); the label of an arrow out of a decision is its answer."""

    steps: Sequence[Step]
    arrows: Sequence[Arrow]
    title: Words = ""
    keys: dict[str, Step] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        keys = {step.key: step for step in self.steps}
        object.__setattr__(self, "keys", keys)
        if len(keys) != len(self.steps):
            raise BadFlow("two steps have one key")
        for step in self.steps:
            if step.kind not in KINDS:
                raise BadFlow(f"step {step.key}: no kind {step.kind!r}")
        for start, end, _ in self.arrows:
            if start not in keys or end not in keys:
                raise BadFlow(f"arrow {start} → {end}: no such step")
