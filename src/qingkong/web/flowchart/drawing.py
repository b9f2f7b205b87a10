"""The picture of a laid-out flow, in SVG. Attributes only: no style, no script."""

import hashlib

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from qingkong.kernel.text import Sentence, zh
from qingkong.web.flowchart.flow import Flow
from qingkong.web.flowchart.layering import Link, Point
from qingkong.web.flowchart.layout import Picture, lay_out
from qingkong.web.flowchart.measure import LINE, POINT, SMALL, SMALL_LINE, TEXT, Box, width

FONT = "PingFang SC, Noto Sans CJK SC, Microsoft YaHei, system-ui, sans-serif"
CORNER = 9.0
LOOKS = {  # fill, edge, words, role, article
    "start": ("#0a2a4a", "#0a2a4a", "#ffffff", "#f6b73c", "#bcd0e4"),
    "end": ("#0a2a4a", "#0a2a4a", "#ffffff", "#f6b73c", "#bcd0e4"),
    "step": ("#ffffff", "#8797a7", "#0b1720", "#0b5cab", "#4a5b6a"),
    "decision": ("#fff3e0", "#c9770f", "#0b1720", "#8a4400", "#5d5040"),
}
ARROW, BACK = "#5b6d7e", "#0b5cab"
LEADS = zh("{start}，然后：{end}")
ANSWERS = zh("{start}，{label}：{end}")


def svg(flow: Flow) -> SafeString:
    """The chart as markup for a page. Readers aloud get its title and every arrow in words."""
    picture = lay_out(flow)
    name = hashlib.sha256(repr((flow.steps, flow.arrows)).encode()).hexdigest()[:8]
    parts = [
        f'<svg class="qk-flow" xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="f{name}-t f{name}-d" '
        f'viewBox="0 0 {_n(picture.width)} {_n(picture.height)}" width="{_n(picture.width)}" height="{_n(picture.height)}" '
        f'font-family="{FONT}" text-anchor="middle">',
        f'<title id="f{name}-t">{escape(str(flow.title or zh("流程图")))}</title>',
        f'<desc id="f{name}-d">{escape(in_words(flow))}</desc>',
        "<defs>", _head(f"h{name}", ARROW), _head(f"b{name}", BACK), "</defs>",
        *(_arrow(link, name) for link in picture.links),
        *(_box(box) for box in picture.boxes.values()),
        *_labels(picture),
        "</svg>",
    ]  # fmt: skip
    return mark_safe("".join(parts))  # noqa: S308  every word of it is escaped above and below


def in_words(flow: Flow) -> str:
    """Every arrow as a sentence."""
    sentences: list[Sentence] = []
    for start, end, label in flow.arrows:
        words = {"start": flow.keys[start].text, "end": flow.keys[end].text}
        sentences.append(ANSWERS.fill(label=label, **words) if str(label) else LEADS.fill(**words))
    return "；".join(str(sentence) for sentence in sentences)


def _n(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")


def _head(name: str, colour: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 10 10" refX="8.5" refY="5" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path d="M0 1 9 5 0 9Z" fill="{colour}"/></marker>'
    )


def _arrow(link: Link, name: str) -> str:
    colour, head = (BACK, "b") if link.back else (ARROW, "h")
    dashes = ' stroke-dasharray="5 4"' if link.back else ""
    return (
        f'<path d="{_rounded(link.points)}" fill="none" stroke="{colour}" stroke-width="1.6"{dashes} '
        f'marker-end="url(#{head}{name})"/>'
    )


def _rounded(points: list[Point]) -> str:
    """A path through points with round corners."""
    path = f"M{_n(points[0][0])} {_n(points[0][1])}"
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        one, other = _towards(here, before), _towards(here, after)
        path += f"L{_n(one[0])} {_n(one[1])}Q{_n(here[0])} {_n(here[1])} {_n(other[0])} {_n(other[1])}"
    return f"{path}L{_n(points[-1][0])} {_n(points[-1][1])}"


def _towards(here: Point, there: Point) -> Point:
    """A corner's radius away from a point on the way to another, or half the way."""
    dx, dy = there[0] - here[0], there[1] - here[1]
    length = abs(dx) + abs(dy)
    share = min(CORNER / length, 0.5) if length else 0
    return here[0] + dx * share, here[1] + dy * share


def _box(box: Box) -> str:
    fill, edge, words, role, article = LOOKS[box.step.kind]
    shape = _shape(box, f'fill="{fill}" stroke="{edge}" stroke-width="1.4"')
    y = box.y - (len(box.text) * LINE + (len(box.role) + len(box.article)) * SMALL_LINE) / 2
    lines = []
    for text, size, height, colour, weight in (
        *((line, SMALL, SMALL_LINE, role, 600) for line in box.role),
        *((line, TEXT, LINE, words, 600) for line in box.text),
        *((line, SMALL, SMALL_LINE, article, 400) for line in box.article),
    ):
        y += height
        lines.append(
            f'<text x="{_n(box.x)}" y="{_n(y - height * 0.28)}" font-size="{_n(size)}" font-weight="{weight}" '
            f'fill="{colour}">{escape(text)}</text>'
        )
    return f"<g>{shape}{''.join(lines)}</g>"


def _shape(box: Box, look: str) -> str:
    left, top, right, bottom = box.x - box.width / 2, box.top, box.x + box.width / 2, box.bottom
    if box.step.kind == "decision":
        tips = [
            (left, box.y), (left + POINT, top), (right - POINT, top), (right, box.y), (right - POINT, bottom), (left + POINT, bottom),
        ]  # fmt: skip
        return f'<polygon points="{" ".join(f"{_n(x)},{_n(y)}" for x, y in tips)}" stroke-linejoin="round" {look}/>'
    radius = box.height / 2 if box.step.kind in ("start", "end") else 8
    return f'<rect x="{_n(left)}" y="{_n(top)}" width="{_n(box.width)}" height="{_n(box.height)}" rx="{_n(min(radius, 26))}" {look}/>'


def _labels(picture: Picture) -> list[str]:
    made = []
    for link in picture.links:
        if link.label_at is None:
            continue
        x, y = link.label_at
        wide = width(link.label, SMALL + 1) + 10
        made.append(
            f'<rect x="{_n(x - wide / 2)}" y="{_n(y - 10)}" width="{_n(wide)}" height="20" rx="4" fill="#ffffff"/>'
            f'<text x="{_n(x)}" y="{_n(y + 4.5)}" font-size="{_n(SMALL + 1)}" font-weight="600" fill="#0a2a4a">{escape(link.label)}</text>'
        )
    return made
