"""How wide words are and where they break, without a font at hand: a Chinese character is one em, a Latin one about half."""

import re
from dataclasses import dataclass

from qingkong.web.flowchart.flow import Step

TEXT, SMALL = 15.0, 12.0  # font sizes
LINE, SMALL_LINE = 21.0, 17.0
WIDEST = 13.5 * TEXT  # of a line of text
NARROWEST = 92.0
PAD_X, PAD_Y = 18.0, 12.0
POINT = 20.0  # how far a decision's two tips stand out

_NEVER_FIRST = set("，。；：、！？）》”’」』%,.;:!?)]}")


def width(text: str, size: float) -> float:
    """Width in pixels."""
    return sum(size if ord(c) > 0x2E7F else size * 0.34 if c in " .,:;'il|!()" else size * 0.57 for c in text)


def wrap(text: str, size: float, widest: float) -> list[str]:
    """Lines no wider than `widest`, of about one length; no line begins with a closing mark."""
    pieces = re.findall(r"[A-Za-z0-9\-–/.'’%]+ ?|.", text)
    if width(text, size) <= widest:
        return [text] if text else []
    if halves := _at_a_mark(text, size, widest):
        return halves
    count = -(-int(width(text, size)) // int(widest))
    aim = min(widest, width(text, size) / count + size)
    lines, line = [], ""
    for piece in pieces:
        if line and width(line + piece.rstrip(), size) > aim and piece not in _NEVER_FIRST:
            lines.append(line.strip())
            line = ""
        line += piece
    return [line for line in [*lines, line.strip()] if line]


def _at_a_mark(text: str, size: float, widest: float) -> list[str]:
    """Two lines that break after a punctuation mark, the most even pair; nothing where none fits."""
    pairs = [
        (text[: m.end()].rstrip(), text[m.end() :].lstrip()) for m in re.finditer(r"[，；、。：？,;:?] ?", text[:-1])
    ]
    fits = [
        pair
        for pair in pairs
        if max(width(half, size) for half in pair) <= widest
        and min(width(half, size) for half in pair) >= width(text, size) / 3
    ]
    return list(min(fits, key=lambda pair: max(width(half, size) for half in pair))) if fits else []


@dataclass(slots=True)
class Box:
    """A step with its lines and its place. `x`, `y` are the centre."""

    step: Step
    role: list[str]
    text: list[str]
    article: list[str]
    width: float
    height: float
    x: float = 0.0
    y: float = 0.0

    @property
    def top(self) -> float:
        return self.y - self.height / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height / 2


def box_of(step: Step) -> Box:
    """A step measured."""
    role = wrap(str(step.role), SMALL, WIDEST)
    text = wrap(str(step.text), TEXT, WIDEST)
    article = wrap(str(step.article), SMALL, WIDEST * 1.1)
    inner = max([width(line, TEXT) for line in text] + [width(line, SMALL) for line in [*role, *article]] + [0])
    pad = PAD_X + (POINT if step.kind == "decision" else 6 if step.kind in ("start", "end") else 0)
    height = len(text) * LINE + (len(role) + len(article)) * SMALL_LINE + 2 * PAD_Y
    return Box(step, role, text, article, max(inner + 2 * pad, NARROWEST), height)
