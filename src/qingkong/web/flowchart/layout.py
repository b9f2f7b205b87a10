"""Where everything stands: layers from top to bottom, few crossings, straight arrows (after Sugiyama). Pure."""

from dataclasses import dataclass

from qingkong.web.flowchart.flow import Flow
from qingkong.web.flowchart.layering import Link, Point, layers_of, neighbours, order, split, thread
from qingkong.web.flowchart.measure import SMALL, Box, box_of, width

GAP_X = 34.0
THREAD = 26.0  # room for an arrow that passes a layer
STUB = 18.0  # straight piece below a box
TRACK = 14.0  # between two arrows side by side
HEAD = 34.0  # straight piece above a box: label and arrow head
MARGIN = 14.0
NEARLY = 16.0  # an arrow that would step aside by less leaves its box a little off the middle instead
SWEEPS = 24


@dataclass(slots=True)
class Picture:
    boxes: dict[str, Box]
    links: list[Link]
    width: float
    height: float


def lay_out(flow: Flow) -> Picture:
    """Place every box and arrow of a flow."""
    boxes = {step.key: box_of(step) for step in flow.steps}
    forward, back = split(flow)
    layer_of = layers_of(list(boxes), forward)
    links, layers = thread(layer_of, forward)
    order(layers, links)
    x = _spread(layers, links, boxes)
    for key, box in boxes.items():
        box.x = x[key]
    _shift(boxes, x)
    _place(layers, boxes, links, x)
    right = max([box.x + box.width / 2 for box in boxes.values()] + list(x.values()))
    _go_back(back, boxes, links, right)
    wide = max([p[0] for link in links for p in link.points] + [right]) + MARGIN
    wide = max(
        [wide] + [link.label_at[0] + width(link.label, SMALL + 1) / 2 + MARGIN for link in links if link.label_at]
    )
    return Picture(boxes, links, wide, max(box.bottom for box in boxes.values()) + MARGIN)


def _spread(layers: list[list[str]], links: list[Link], boxes: dict[str, Box]) -> dict[str, float]:
    """The x of each node: near the middle of its neighbours, never closer to the next than the gap."""
    above, below = neighbours(links)
    half = {key: boxes[key].width / 2 if key in boxes else THREAD / 2 for layer in layers for key in layer}
    x: dict[str, float] = {}
    for layer in layers:
        at = -sum(half[key] * 2 + GAP_X for key in layer) / 2
        for key in layer:
            x[key] = at + half[key]
            at += half[key] * 2 + GAP_X
    for sweep in range(SWEEPS):
        rows = layers if sweep % 2 == 0 else layers[::-1]
        for layer in rows:
            near = above if sweep % 2 == 0 else below
            wish = {key: _middle_x(key, near, x) for key in layer}
            _settle(layer, wish, half, x)
    _straighten(layers, links, half, x)
    return x


def _straighten(layers: list[list[str]], links: list[Link], half: dict[str, float], x: dict[str, float]) -> None:
    """An arrow over several layers runs in one straight line where its neighbours leave room."""
    beside = {
        key: (layer[i - 1] if i else None, layer[i + 1] if i + 1 < len(layer) else None)
        for layer in layers
        for i, key in enumerate(layer)
    }

    def fits(key: str, at: float) -> bool:
        left, right = beside[key]
        return (left is None or at - x[left] >= half[left] + half[key] + 8) and (
            right is None or x[right] - at >= half[right] + half[key] + 8
        )

    for link in links:
        thread = link.path[1:-1]
        wishes = [x[link.path[-1]], x[link.path[0]], *(x[key] for key in thread)]
        if thread and (at := next((w for w in wishes if all(fits(key, w) for key in thread)), None)) is not None:
            x.update(dict.fromkeys(thread, at))


def _middle_x(key: str, near: dict[str, list[str]], x: dict[str, float]) -> float:
    places = sorted(x[other] for other in near[key])
    if not places:
        return x[key]
    middle = len(places) // 2
    return places[middle] if len(places) % 2 else (places[middle - 1] + places[middle]) / 2


def _settle(layer: list[str], wish: dict[str, float], half: dict[str, float], x: dict[str, float]) -> None:
    """Wishes in one row, made true as far as the gaps allow: pushed right, pushed left, and the mean of both."""
    right, left = dict(wish), dict(wish)
    for one, other in zip(layer, layer[1:], strict=False):
        right[other] = max(right[other], right[one] + half[one] + half[other] + GAP_X)
    for other, one in zip(layer[::-1], layer[::-1][1:], strict=False):
        left[one] = min(left[one], left[other] - half[one] - half[other] - GAP_X)
    for key in layer:
        x[key] = (right[key] + left[key]) / 2


def _shift(boxes: dict[str, Box], x: dict[str, float]) -> None:
    least = min([box.x - box.width / 2 for box in boxes.values()] + [at - THREAD / 2 for at in x.values()])
    for key in x:
        x[key] += MARGIN - least
    for key, box in boxes.items():
        box.x = x[key]


def _place(layers: list[list[str]], boxes: dict[str, Box], links: list[Link], x: dict[str, float]) -> None:
    """The y of each layer, wide enough for the arrows between; then the arrows' points and labels."""
    runs = [_runs(n, layers, links, x) for n in range(len(layers) - 1)]
    y = MARGIN
    middle: list[float] = []
    tall = [max((boxes[key].height for key in layer if key in boxes), default=0.0) for layer in layers]
    gaps: list[float] = []
    for n, layer in enumerate(layers):
        middle.append(y + tall[n] / 2)
        for key in layer:
            if key in boxes:
                boxes[key].y = middle[n]
        gaps.append(y + tall[n] + STUB)
        if n < len(runs):
            tracks = max(runs[n].values(), default=0) + 1
            y += tall[n] + STUB + (tracks - 1) * TRACK + HEAD
    depth = {key: n for n, layer in enumerate(layers) for key in layer}
    for number, link in enumerate(links):
        link.points = _points(number, link, depth, boxes, x, gaps, runs)
    _label(links, boxes, depth, gaps, runs, x)


def _runs(n: int, layers: list[list[str]], links: list[Link], x: dict[str, float]) -> dict[int, int]:
    """Which track each arrow takes between two layers: those of one box may share, others keep apart."""
    pieces = []
    for number, link in enumerate(links):
        for one, other in zip(link.path, link.path[1:], strict=False):
            if one in layers[n] and not _straight(one, other, x):
                pieces.append((min(x[one], x[other]), max(x[one], x[other]), one, other, number))
    taken: list[list[tuple[float, float, str, str]]] = []
    tracks: dict[int, int] = {}
    for low, high, one, other, number in sorted(pieces, key=lambda p: (p[1] - p[0], p[0])):
        free = [all(high < a - 4 or low > b + 4 or one == o or other == e for a, b, o, e in others) for others in taken]
        if not any(free):
            taken.append([])
        track = free.index(True) if any(free) else len(taken) - 1
        taken[track].append((low, high, one, other))
        tracks[number] = track
    return tracks


def _straight(one: str, other: str, x: dict[str, float]) -> bool:
    """Whether an arrow runs straight down: at once, or from a box wide enough to leave it off the middle."""
    return abs(x[one] - x[other]) <= (1 if one.startswith("~") else NEARLY)


def _points(
    number: int, link: Link, depth: dict[str, int], boxes: dict[str, Box], x: dict[str, float],
    gaps: list[float], runs: list[dict[int, int]],
) -> list[Point]:  # fmt: skip
    first, second = link.path[:2]
    points: list[Point] = [(x[second if _straight(first, second, x) else first], boxes[first].bottom)]
    for one, other in zip(link.path, link.path[1:], strict=False):
        if not _straight(one, other, x):
            y = gaps[depth[one]] + runs[depth[one]].get(number, 0) * TRACK
            points += [(x[one], y), (x[other], y)]
    last = boxes[link.path[-1]]
    return [*points, (x[link.path[-1]], last.top)]


def _label(
    links: list[Link], boxes: dict[str, Box], depth: dict[str, int], gaps: list[float], runs: list[dict[int, int]],
    x: dict[str, float],
) -> None:  # fmt: skip
    """An answer stands where its arrow comes down after the turn; where that is taken, on the arrow's level piece."""
    placed: list[tuple[float, float, float]] = []
    for number, link in enumerate(links):
        if not link.label:
            continue
        n, (one, other) = depth[link.path[0]], link.path[:2]
        tracks = max(runs[n].values(), default=0) if n < len(runs) else 0
        level = gaps[n] + runs[n].get(number, 0) * TRACK if n < len(runs) else gaps[n]
        wide = width(link.label, SMALL + 1) / 2 + 6
        below = gaps[n] + tracks * TRACK + 12
        choices = [
            (x[other], below),
            ((x[one] + x[other]) / 2, level),
            (x[one], boxes[one].bottom + 9),
            (x[other], below + 16),
        ]
        link.label_at = next(
            (c for c in choices if all(abs(c[0] - p[0]) > wide + p[2] or abs(c[1] - p[1]) > 18 for p in placed)),
            choices[0],
        )
        placed.append((*link.label_at, wide))


def _go_back(back: list[tuple[str, str, str]], boxes: dict[str, Box], links: list[Link], right: float) -> None:
    """Arrows that lead back run outside on the right, one lane each."""
    for n, (start, end, label) in enumerate(back):
        a, b, lane = boxes[start], boxes[end], right + 24 + n * 22
        lane += width(label, SMALL + 1) / 2 if label else 0
        points = [(a.x + a.width / 2, a.y), (lane, a.y), (lane, b.y), (b.x + b.width / 2, b.y)]
        links.append(
            Link([start, end], label, back=True, points=points, label_at=(lane, (a.y + b.y) / 2) if label else None)
        )
