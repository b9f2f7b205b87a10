"""Who may do and see what with an exhibit, and what its gates ask."""

from datetime import datetime
from typing import Any

from qingkong.domains.enforcement.cases import queries as cases
from qingkong.domains.enforcement.property import queries, rules
from qingkong.domains.enforcement.property.models import Exhibit, SeizureList
from qingkong.kernel import access, gates, ledger
from qingkong.kernel.access import Actor, anyone_on_duty, own_unit, post, predicate
from qingkong.kernel.access.retention import retain
from qingkong.kernel.gates import Check, Gate
from qingkong.kernel.identity.posts import HANDLING, Post
from qingkong.kernel.text import Sentence, zh


@predicate
def in_sight(actor: Actor, subject: Any) -> bool:
    """The team, the unit's head, the room that keeps it, the supervisors; true while only the page is asked for."""
    return subject is None or queries.sees(actor, subject)


@predicate
def of_the_case(actor: Actor, subject: Any) -> bool:
    """The actor handles the case of the subject, or took the thing; true while only the page is asked for."""
    if subject is None:
        return True
    case = subject if isinstance(subject, cases.Case) else subject.case
    took = actor.officer_id in (getattr(subject, "first_officer_id", 0), getattr(subject, "second_officer_id", 0))
    return took or cases.in_team(actor, case)


@predicate
def in_the_room(actor: Actor, subject: Any) -> bool:
    """The thing was handed to the custodian's own room; true while only the page is asked for."""
    return subject is None or getattr(subject, "room_id", None) == actor.unit_id


police = post(*HANDLING)
heads = post(Post.STATION_HEAD, Post.BRIGADE_HEAD) & own_unit
custodian = post(Post.CUSTODIAN) & in_the_room

MAY = {
    "property.see": anyone_on_duty & in_sight,
    "property.seize": police & (of_the_case | own_unit),
    "property.approve": heads | post(Post.BUREAU_LEADER),
    "property.hand_over": police & of_the_case,
    "property.keep": custodian,
    "property.appraise": custodian | (police & of_the_case),
    "property.decide": heads | post(Post.BUREAU_LEADER),
    "property.return": custodian | (police & of_the_case),
    "property.label": anyone_on_duty & in_sight,
}
LABELS = {
    "property.see": zh("查看涉案财物"),
    "property.seize": zh("扣押、登记财物"),
    "property.approve": zh("批准扣押"),
    "property.hand_over": zh("移交财物"),
    "property.keep": zh("接收、保管财物"),
    "property.appraise": zh("登记估价和照片"),
    "property.decide": zh("决定财物的处理"),
    "property.return": zh("返还和处理财物"),
    "property.label": zh("打印物品标签"),
}
ACTS = {
    "property.approval_asked": zh("提请批准扣押"),
    "property.approval_answered": zh("答复扣押申请"),
    "property.list_made": zh("制作扣押清单"),
    "property.seized": zh("扣押"),
    "property.registered": zh("登记财物，不扣押"),
    "property.handed_over": zh("移交保管"),
    "property.accepted": zh("接收入库"),
    "property.refused": zh("拒收"),
    "property.noted": zh("登记信息交保管员"),
    "property.appraised": zh("登记估价和照片"),
    "property.decided": zh("决定财物的处理"),
    "property.handed_back": zh("制作发还清单"),
    "property.returned": zh("返还"),
    "property.disposed": zh("处理财物"),
    "property.transferred": zh("随案移送"),
    "property.lifted": zh("解除登记"),
    "property.labelled": zh("打印物品标签"),
}


def _numbers(numbers: list[str]) -> str | bool:
    return "、".join(numbers) if numbers else False


def _undecided(subject: Any, at: datetime) -> str | bool:
    return _numbers(queries.undecided(subject))


def _still_here(subject: Any, at: datetime) -> str | bool:
    """Decided, but not carried out."""
    found = Exhibit.objects.open().filter(case=subject).exclude(disposition="")
    return _numbers(list(found.order_by("number").values_list("number", flat=True)))


def _late(subject: Any, at: datetime) -> str | bool:
    return _numbers(queries.late_ones(subject, at=at))


def _unapproved(subject: Any, at: datetime) -> str | bool:
    """Seizures on the spot whose approval is still to be made up."""
    waiting = SeizureList.objects.filter(case=subject, approval__state=rules.ApprovalState.ASKED)
    return _numbers(list(waiting.order_by("number").values_list("number", flat=True)))


def _unrecorded(subject: Any, at: datetime) -> str | bool:
    found = SeizureList.objects.filter(case=subject, on_the_spot=True, recording="")
    return _numbers(list(found.order_by("number").values_list("number", flat=True)))


def _not_valued(subject: Exhibit, at: datetime) -> bool:
    return rules.not_valued(subject.value_fen)


def _not_photographed(subject: Exhibit, at: datetime) -> bool:
    return rules.not_photographed(subject.photographed_at)


def _check(
    id: str, gate: Gate, step: str, fails: Any, sentence: Sentence, how: Sentence, article: str, *, blocks: bool = True
) -> Check:
    return Check(id, gate=gate, at_step=step, sentence=sentence, how=how, article=article, blocks=blocks, fails=fails)


CLOSE, RETURN = "cases.close", "property.return"
RULES, CRIMINAL_RULES = "公安机关办理行政案件程序规定", "公安机关办理刑事案件程序规定"
CHECKS = [
    _check(
        "property.decided", Gate.CLOSING, CLOSE, _undecided,
        zh("还有涉案财物没有决定怎样处理。"), zh("由有权的负责人决定返还、收缴或者随案移送。"), f"{RULES}第一百九十三条",
    ),
    _check(
        "property.carried_out", Gate.CLOSING, CLOSE, _still_here,
        zh("涉案财物已经决定处理，还没有办完。"), zh("办完返还、收缴手续；所有人暂时不能来的，照常结案，财物继续保管。"),
        f"{RULES}第一百九十二条", blocks=False,
    ),
    _check(
        "property.in_time", Gate.PROCESS, CLOSE, _late,
        zh("扣押物品未在二十四小时内移交保管员。"), zh("现在移交，并写明原因；不得补改时间。"),
        f"{RULES}第一百九十条", blocks=False,
    ),
    _check(
        "property.approved", Gate.PROCESS, CLOSE, _unapproved,
        zh("当场扣押还没有补办批准。"), zh("请负责人现在批准或者不批准；不批准的立即退还。批准的时间就是批准当时。"),
        f"{RULES}第五十六条",
    ),
    _check(
        "property.recorded", Gate.PROCESS, CLOSE, _unrecorded,
        zh("当场扣押没有登记全程录音录像。"), zh("把现场录像登记为证据，再填到清单上；没有录的，由民警书面说明，不能补录。"),
        "治安管理处罚法第一百零五条", blocks=False,
    ),
    _check(
        "property.valued", Gate.PROCESS, RETURN, _not_valued,
        zh("返还以前要估价。"), zh("在物品页登记估价。"), f"{CRIMINAL_RULES}第二百三十四条",
    ),
    _check(
        "property.photographed", Gate.PROCESS, RETURN, _not_photographed,
        zh("返还以前要拍照或者录像。"), zh("拍照后在物品页登记。"), f"{CRIMINAL_RULES}第二百三十四条",
    ),
]  # fmt: skip


def register() -> None:
    """Hang permissions, acts, checks and kinds of paper into the kernel."""
    retain("property.propertyperson", zh("财物的持有人、领取人、见证人"), holds=queries.holds_person)
    from qingkong.domains.enforcement.property import paperwork

    access.register(MAY, labels=LABELS)
    ledger.register_acts(ACTS)
    gates.register(CHECKS)
    paperwork.register()
