"""The scene flow chart for the wall and the desk, from data/scene.toml."""

from typing import Any

from qingkong.domains.enforcement.calls import queries


def scene_chart() -> Any:
    """The chart (`web.flowchart.Flow`) in the reader's language."""
    from qingkong.web.flowchart import Flow, Step

    scene, english = queries.scene(), queries.in_english()
    return Flow(
        steps=[Step(step.key, str(step), step.kind, step.article, step.role) for step in scene.steps],
        arrows=[(start, end, label_en if english else label) for start, end, label, label_en in scene.arrows],
    )
