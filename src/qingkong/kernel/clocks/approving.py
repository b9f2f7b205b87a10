"""Who may approve an extension: a body of the law, and the posts that act for it here."""

from qingkong.kernel.access import Actor
from qingkong.kernel.clocks.limits import Body, Extension
from qingkong.kernel.clocks.models import Clock
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.refusals import NotPermitted, Refusal
from qingkong.kernel.text import zh

UNIT_HEADS = frozenset({Post.STATION_HEAD, Post.BRIGADE_HEAD})
COUNTY = frozenset({Post.BUREAU_LEADER})
# A body outside the county bureau decides on paper; these posts enter its paper here.
ENTER_A_PAPER = frozenset({Post.BUREAU_LEADER, Post.LEGAL_SECTION, Post.CASE_OFFICE})


class ApprovalMissing(Refusal):
    """A body outside the bureau approves, and the number of its paper wasn't given."""


def require_approver(option: Extension, clock: Clock, *, actor: Actor, approval: str) -> Body:
    """The body that approves this extension of this clock, if the actor may act for it.

    Raises NotPermitted, and ApprovalMissing where a paper from outside is needed.
    """
    body = option.approver_for(clock.unit.kind if clock.unit else "")
    if body is None:
        raise NotPermitted(zh("没有规定这类单位的案件由谁批准延长。"), limit=clock.code)
    if body is Body.UNIT_HEAD:
        allowed = actor.post in UNIT_HEADS and actor.unit_id == clock.unit_id or actor.post in COUNTY
    elif body is Body.COUNTY_BUREAU:
        allowed = actor.post in COUNTY
    else:
        allowed = actor.post in ENTER_A_PAPER
    if not allowed:
        raise NotPermitted(
            zh("“{name}”的延长由{body}批准。", name=clock.limit.name, body=body.label),
            how=zh("请提交给有权批准的岗位。"),
            limit=clock.code,
        )
    if body not in (Body.UNIT_HEAD, Body.COUNTY_BUREAU) and not approval.strip():
        raise ApprovalMissing(
            zh("由{body}批准，请填批准文书的文号。", body=body.label),
            how=zh("收到批准文书后再登记延长。"),
            field="approval",
        )
    return body
