"""Which step stands in which layer, and in which order: few crossings, arrows that go on going down. Pure."""

from collections import defaultdict
from dataclasses import dataclass, field

from qingkong.web.flowchart.flow import Flow

SWEEPS = 12

Point = tuple[float, float]


@dataclass(slots=True)
class Link:
    """An arrow as it runs: the nodes it passes, then its points and its label's place."""

    path: list[str]
    label: str
    back: bool = False
    points: list[Point] = field(default_factory=list)
    label_at: Point | None = None


def split(flow: Flow) -> tuple[list[tuple[str, str, str]], list[tuple[str, str, str]]]:
    """Arrows that go on, and those that lead back to where the chart came from."""
    out = defaultdict(list)
    for start, end, label in flow.arrows:
        out[start].append((start, end, str(label)))
    state: dict[str, int] = {}
    back = []

    def visit(key: str) -> None:
        state[key] = 1
        for arrow in out[key]:
            if state.get(arrow[1]) == 1:
                back.append(arrow)
            elif arrow[1] not in state:
                visit(arrow[1])
        state[key] = 2

    for step in flow.steps:
        if step.key not in state:
            visit(step.key)
    forward = [(a, b, str(label)) for a, b, label in flow.arrows if (a, b, str(label)) not in back]
    return forward, back


def layers_of(keys: list[str], arrows: list[tuple[str, str, str]]) -> dict[str, int]:
    """Each step as deep as its longest way from the top."""
    before = defaultdict(list)
    for start, end, _ in arrows:
        before[end].append(start)
    depth: dict[str, int] = {}

    def deep(key: str) -> int:
        if key not in depth:
            depth[key] = max((deep(other) + 1 for other in before[key]), default=0)
        return depth[key]

    for key in keys:
        deep(key)
    return depth


def thread(layer_of: dict[str, int], arrows: list[tuple[str, str, str]]) -> tuple[list[Link], list[list[str]]]:
    """Arrows over several layers pass a small node in each; the layers with steps and such nodes."""
    layers: list[list[str]] = [[] for _ in range(max(layer_of.values()) + 1)]
    for key, layer in layer_of.items():
        layers[layer].append(key)
    links = []
    for n, (start, end, label) in enumerate(arrows):
        path = [start]
        for layer in range(layer_of[start] + 1, layer_of[end]):
            path.append(f"~{n}.{layer}")
            layers[layer].append(path[-1])
        links.append(Link([*path, end], label))
    return links, layers


def neighbours(links: list[Link]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    above, below = defaultdict(list), defaultdict(list)
    for link in links:
        for one, other in zip(link.path, link.path[1:], strict=False):
            below[one].append(other)
            above[other].append(one)
    return above, below


def order(layers: list[list[str]], links: list[Link]) -> None:
    """Sort each layer by the middle of its neighbours, up and down, and keep the order with the fewest crossings."""
    above, below = neighbours(links)
    best, fewest = [list(layer) for layer in layers], _crossings(layers, below)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        rows = range(1, len(layers)) if down else range(len(layers) - 2, -1, -1)
        for n in rows:
            beside = layers[n - 1] if down else layers[n + 1]
            rank = {key: i for i, key in enumerate(beside)}
            known = above if down else below
            here = {key: i for i, key in enumerate(layers[n])}
            layers[n].sort(key=lambda key: _middle([rank[o] for o in known[key]], here[key]))  # noqa: B023
        count = _crossings(layers, below)
        if count < fewest:
            best, fewest = [list(layer) for layer in layers], count
    layers[:] = best


def _middle(ranks: list[int], otherwise: float) -> float:
    return sum(ranks) / len(ranks) if ranks else otherwise


def _crossings(layers: list[list[str]], below: dict[str, list[str]]) -> int:
    count = 0
    for upper, lower in zip(layers, layers[1:], strict=False):
        rank = {key: i for i, key in enumerate(lower)}
        ends = [rank[o] for key in upper for o in sorted(below[key], key=rank.__getitem__)]
        count += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return count
