"""Flow charts drawn from data: the same steps that the gates ask are the picture on the wall.

`svg(Flow(steps, arrows))` lays boxes out in layers from top to bottom and draws them. The picture uses attributes
only, no styles, so it stands under a strict content policy, in a PDF and on paper.
"""

from qingkong.web.flowchart.drawing import svg
from qingkong.web.flowchart.flow import BadFlow, Flow, Step

__all__ = ["BadFlow", "Flow", "Step", "svg"]
