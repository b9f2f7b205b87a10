"""The scene flow chart for the wall and the desk, from data/scene.toml."""

from qingkong.domains.enforcement.calls import queries
from qingkong.kernel.text import zh
from qingkong.web.flowchart import Flow, Step


def scene_chart() -> Flow:
    """The chart in the reader's language."""
    scene, english = queries.scene(), queries.in_english()
    return Flow(
        steps=[Step(step.key, str(step), step.kind, step.article, step.who) for step in scene.steps],
        arrows=[(start, end, label_en if english else label) for start, end, label, label_en in scene.arrows],
        title=zh("现场取证流程图"),
    )
