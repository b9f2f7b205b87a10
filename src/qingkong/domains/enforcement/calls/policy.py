"""Who may do and see what with a call, and what is checked when one is closed."""

from datetime import datetime
from typing import Any

from qingkong.domains.enforcement.calls import queries, rules
from qingkong.domains.enforcement.calls.models import Call, Caller, Response
from qingkong.kernel import access, gates, ledger
from qingkong.kernel.access import Actor, anyone_on_duty, own_unit, post, predicate, the_system
from qingkong.kernel.access.retention import retain
from qingkong.kernel.gates import Check, Gate
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.text import zh


@predicate
def in_sight(actor: Actor, subject: Any) -> bool:
    """The county's calls for the command centre and who supervises; the own unit's for everybody else."""
    return subject is None or queries.may_see(actor, subject)


@predicate
def in_the_crew(actor: Actor, subject: Any) -> bool:
    """The actor rides in this response, or in one to this call; true while only the page is asked for."""
    if isinstance(subject, Response):
        return queries.rides_in(subject, actor)
    if isinstance(subject, Caller):
        subject = subject.call
    return subject is None or queries.rides_to(subject, actor)


police = post(Post.OFFICER, Post.WINDOW, Post.STATION_HEAD, Post.BRIGADE_HEAD)
heads = post(Post.STATION_HEAD, Post.BRIGADE_HEAD)
dispatcher = post(Post.DISPATCHER)
rides = (police | post(Post.AUXILIARY)) & in_the_crew

MAY = {
    "calls.see": (anyone_on_duty & in_sight) | the_system,
    "calls.take": dispatcher | police | the_system,
    "calls.dispatch": dispatcher | (heads & own_unit) | the_system,
    "calls.stamp": dispatcher | rides | the_system,
    "calls.report": dispatcher | (police & in_the_crew) | the_system,
    "calls.close": dispatcher | (police & (own_unit | in_the_crew)) | the_system,
    "calls.look": dispatcher | (heads & own_unit) | (police & in_the_crew) | the_system,
    "calls.board": anyone_on_duty,
    "calls.import": the_system,
}
LABELS = {
    "calls.see": zh("查看警情"),
    "calls.take": zh("接警"),
    "calls.dispatch": zh("派警"),
    "calls.stamp": zh("登记签收、出警、到场"),
    "calls.report": zh("反馈处置情况"),
    "calls.close": zh("结警"),
    "calls.look": zh("查阅报警人"),
    "calls.board": zh("查看警情大屏"),
    "calls.import": zh("批量导入警情"),
}
ACTS = {
    "calls.taken": zh("接警登记"),
    "calls.dispatched": zh("派警：{unit}，{lead}"),
    "calls.stood_down": zh("撤回派警：{unit}。{reason}"),
    "calls.acknowledged": zh("签收：{unit}"),
    "calls.departed": zh("出警：{unit}"),
    "calls.arrived": zh("到场：{unit}"),
    "calls.reported": zh("反馈：{report}"),
    "calls.scene_step": zh("完成现场取证步骤"),
    "calls.linked": zh("关联到 {to}"),
    "calls.closed": zh("结警"),
    "calls.imported": zh("导入警情"),
    "calls.kinds_loaded": zh("更新警情种类"),
}


def _result(subject: Call, at: datetime) -> bool:
    return rules.lacks_result(queries.closing_of(subject))


def _report(subject: Call, at: datetime) -> bool:
    return rules.lacks_report(queries.closing_of(subject))


def _scene(subject: Call, at: datetime) -> bool:
    return rules.lacks_scene(queries.closing_of(subject))


def _reason(subject: Call, at: datetime) -> bool:
    return rules.lacks_reason(queries.closing_of(subject))


def _stamps(subject: Call, at: datetime) -> str | bool:
    missing = rules.lacks_stamps(queries.closing_of(subject))
    return f"没有按：{'、'.join(stamp.label.in_chinese() for stamp in missing)}。" if missing else False


WORK_RULES = "110接处警工作规则（公通字〔2003〕31号）"
CHECKS = [
    Check(
        "calls.result", gate=Gate.SOURCE, at_step="calls.close", article=WORK_RULES, fails=_result,
        sentence=zh("没有处警结果，不能结警。"), how=zh("选择一个结果：应当受案立案、现场处结、不属公安职责、无效警情。"),
    ),
    Check(
        "calls.reported", gate=Gate.SOURCE, at_step="calls.close", article=WORK_RULES, fails=_report,
        waivable_by=Post.BUREAU_LEADER,
        sentence=zh("派出的单位还没有反馈。"), how=zh("请处警民警反馈处置情况；没有到场的，撤回派警并写明原因。"),
    ),
    Check(
        "calls.scene", gate=Gate.SOURCE, at_step="calls.close", article=WORK_RULES, fails=_scene,
        sentence=zh("没有人到过现场，不能按这个结果结警。"), how=zh("派警到场；重复警情先关联到原警情。"),
    ),
    Check(
        "calls.reason", gate=Gate.SOURCE, at_step="calls.close", article="国办发〔2022〕12号", fails=_reason,
        sentence=zh("没有写明理由，也没有写明告诉报警人找谁办。"), how=zh("在说明里写清楚：为什么，转给了哪里（如12345、120、119）。"),
    ),
    Check(
        "calls.stamps", gate=Gate.SOURCE, at_step="calls.close", article=WORK_RULES, fails=_stamps, blocks=False,
        waivable_by=Post.STATION_HEAD,
        sentence=zh("处警时间不全：有一步没有按。"), how=zh("不能补登时间；写明漏按的原因，由本单位负责人核实。"),
    ),
]  # fmt: skip


def register() -> None:
    """Hang permissions, acts, checks and the J number into the kernel."""
    retain("calls.caller", zh("报警人"), holds=queries.holds_caller)
    access.register(MAY, labels=LABELS)
    access.register_reference("J", queries.is_reference)
    ledger.register_acts(ACTS)
    gates.register(CHECKS)
