"""How an exhibit is taken, kept and given back. Pure: no Django, no clock, no database.

治安管理处罚法第一百零五条 (扣押、登记); 公安机关办理行政案件程序规定第一百八十八条至第一百九十七条 (保管、移交、处理).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from qingkong.domains.enforcement.property.dispositions import CRIMINAL, Disposition
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.text import Labelled, Sentence, zh


class Means(Labelled):
    SEIZED = "seized", zh("扣押")
    ON_THE_SPOT = "on_the_spot", zh("当场扣押")
    REGISTERED = "registered", zh("登记（不扣押）")


class Kind(Labelled):
    ORDINARY = "ordinary", zh("一般物品")
    VEHICLE = "vehicle", zh("车辆")
    MONEY = "money", zh("现金")
    VALUABLE = "valuable", zh("贵重物品")
    ELECTRONIC = "electronic", zh("电子设备")
    DOCUMENT = "document", zh("文件单据")
    CONTRABAND = "contraband", zh("违禁品和管制器具")


class State(Labelled):
    TAKEN = "taken", zh("办案民警暂存")
    OFFERED = "offered", zh("待保管员接收")
    KEPT = "kept", zh("在库")
    REGISTERED = "registered", zh("已登记，未扣押")
    RETURNED = "returned", zh("已返还")
    DISPOSED = "disposed", zh("已处理")
    TRANSFERRED = "transferred", zh("已随案移送")
    LIFTED = "lifted", zh("已解除登记")


class Move(Labelled):
    SEIZED = "seized", zh("扣押")
    REGISTERED = "registered", zh("登记")
    HANDED_OVER = "handed_over", zh("移交保管")
    ACCEPTED = "accepted", zh("接收入库")
    REFUSED = "refused", zh("拒收")
    NOTED = "noted", zh("登记信息交保管员")
    RETURNED = "returned", zh("返还")
    DISPOSED = "disposed", zh("处理")
    TRANSFERRED = "transferred", zh("随案移送")
    LIFTED = "lifted", zh("解除登记")


class PersonRole(Labelled):
    HOLDER = "holder", zh("持有人")
    OWNER = "owner", zh("所有人")
    WITNESS = "witness", zh("见证人")


class Signature(Labelled):
    SIGNED = "signed", zh("已签名")
    REFUSED = "refused", zh("拒绝签名")
    ABSENT = "absent", zh("不在场")


class ApprovalState(Labelled):
    ASKED = "asked", zh("待批准")
    APPROVED = "approved", zh("已批准")
    REFUSED = "refused", zh("不批准")


OPEN = (State.TAKEN, State.OFFERED, State.KEPT, State.REGISTERED)

MOVES: dict[tuple[State | None, Move], State] = {
    (None, Move.SEIZED): State.TAKEN,
    (None, Move.REGISTERED): State.REGISTERED,
    (State.TAKEN, Move.HANDED_OVER): State.OFFERED,
    (State.OFFERED, Move.ACCEPTED): State.KEPT,
    (State.OFFERED, Move.REFUSED): State.TAKEN,
    (State.REGISTERED, Move.NOTED): State.REGISTERED,
    (State.TAKEN, Move.RETURNED): State.RETURNED,
    (State.KEPT, Move.RETURNED): State.RETURNED,
    (State.KEPT, Move.DISPOSED): State.DISPOSED,
    (State.KEPT, Move.TRANSFERRED): State.TRANSFERRED,
    (State.REGISTERED, Move.LIFTED): State.LIFTED,
}

ENDS: dict[str, Move] = {
    "return": Move.RETURNED,
    "release": Move.RETURNED,
    "confiscate": Move.DISPOSED,
    "treasury": Move.DISPOSED,
    "transfer": Move.TRANSFERRED,
    "lift": Move.LIFTED,
}
"""The move that carries out each disposition."""

TO_A_PERSON = ("return", "release")
"""Dispositions that hand the thing to somebody, against a receipt."""

WRONG_STATE = zh("{number} 现在是“{state}”，不能{move}。")


def why_not_move(number: str, state: State | None, move: Move) -> Sentence | None:
    """The reason that forbids a move from a state, or None."""
    if (state, move) in MOVES:
        return None
    return WRONG_STATE.fill(number=number, state=state.label if state else "—", move=move.label)


# --- taking --------------------------------------------------------------------------------------------------

CASE_NOT_OPEN = zh("案件没有立案或者已经结束，不能扣押、登记财物。")
NOTHING_LISTED = zh("清单上至少要有一件物品。")
SAME_OFFICER = zh("扣押要有两名民警，两名不能是同一人。")
NOT_POLICE = zh("{name} 不是民警，不能作为扣押的两名民警之一。")
NOT_ONE_OF_TWO = zh("扣押由到场的两名民警登记，您不是其中之一。")
LAWFUL_HOLDER = zh("被侵害人或者善意第三人合法占有的财产，不得扣押。")
REGISTER_INSTEAD = zh("请改为“登记”：写明名称、数量和特征，物品留给持有人（治安管理处罚法第一百零五条）。")
NOT_APPROVED = zh("这次扣押还没有经负责人批准。")
ASK_FIRST = zh("请先提请批准；情况紧急的，选择“当场扣押”，并在二十四小时内补办批准手续。")
APPROVED_LATER = zh("批准的时间晚于扣押的时间，不能作为事前批准。")
APPROVAL_USED = zh("这份批准已经用于另一张清单。")
IN_THE_FUTURE = zh("扣押的时间晚于现在。")
NO_WITNESS = zh("持有人拒绝签名或者不在场的，要有见证人签名。")
NO_LIST_ITEM = zh("第 {position} 件缺少名称。")
BAD_QUANTITY = zh("第 {position} 件的数量应当大于零。")


@dataclass(frozen=True, slots=True)
class TwoOfficers:
    """Who was there. `police` holds the ids of those whose post counts as police (never an auxiliary)."""

    first: UUID
    second: UUID
    names: dict[UUID, str]
    police: Collection[UUID]


def why_not_two(officers: TwoOfficers, *, actor: UUID | None) -> Sentence | None:
    """治安管理处罚法第一百零八条: two police officers; the one who registers is one of them."""
    if officers.first == officers.second:
        return SAME_OFFICER
    for one in (officers.first, officers.second):
        if one not in officers.police:
            return NOT_POLICE.fill(name=officers.names.get(one, "—"))
    return None if actor in (officers.first, officers.second) else NOT_ONE_OF_TWO


def needs_made_up_approval(means: Means, case_kind: str) -> bool:
    """In an administrative case an act on the spot is approved afterwards (程序规定第五十六条).

    In a criminal one the officer in command of the search or the inspection decides it there
    (刑事程序规定第二百二十八条).
    """
    return means is Means.ON_THE_SPOT and case_kind != CRIMINAL


def why_not_prior(*, approved_at: datetime | None, used: bool, seized_at: datetime) -> Sentence | None:
    """Why a seizure that wasn't made on the spot can't stand on this approval, or None."""
    if approved_at is None:
        return NOT_APPROVED
    if used:
        return APPROVAL_USED
    return APPROVED_LATER if approved_at > seized_at else None


# --- approval ------------------------------------------------------------------------------------------------

BEFORE_IT_HAPPENED = zh("补办批准的时间不能早于当场扣押的时间。")
NEVER_BACK = zh("照实写现在的时间；已经超过二十四小时的，照样补办并说明原因，不能倒签。")
OWN_ACT = zh("参加扣押的民警不能批准自己的扣押。")
ALREADY_ANSWERED = zh("这份申请已经答复。")


def why_not_answer(
    *, event_at: datetime | None, answered: bool, at: datetime, approver: UUID | None, takers: Collection[UUID]
) -> Sentence | None:
    """Why a request for approval can't be answered so, or None."""
    if answered:
        return ALREADY_ANSWERED
    if approver in takers:
        return OWN_ACT
    return BEFORE_IT_HAPPENED if event_at is not None and at < event_at else None


# --- keeping -------------------------------------------------------------------------------------------------

KEEPER_IS_OFFICER = zh("保管员不能是本案的办案民警。")
ANOTHER_KEEPER = zh("请由另一名保管员接收（公安机关办理行政案件程序规定第一百八十八条）。")
OTHER_ROOM = zh("这件物品移交给了另一个保管室。")
NO_REASON = zh("拒收要写明原因。")
NO_PLACE = zh("请填写存放位置。")


def why_not_keep(
    *, keeper: UUID | None, officers: Collection[UUID], unit: UUID | None, room: UUID | None
) -> Sentence | None:
    """Who handles a case never keeps its exhibits; and a custodian accepts only what was handed to their room."""
    if keeper in officers:
        return KEEPER_IS_OFFICER
    return None if unit == room else OTHER_ROOM


# --- ending --------------------------------------------------------------------------------------------------

NO_SUCH_WAY = zh("没有这种处理方式：{way}。")
NOT_FROM_HERE = zh("{number} 现在是“{state}”，不能决定“{way}”。")
NOT_IN_THIS_KIND = zh("这类案件不能由公安机关决定“{way}”。")
NOT_YOUR_POWER = zh("“{way}”要由{posts}决定（{basis}）。")
OVER_STATION = zh("超过派出所可以收缴的数额，或者没有估价，要由县级公安机关负责人决定（{basis}）。")
ALREADY_DECIDED = zh("{number} 已经决定“{way}”。")
NOT_DECIDED = zh("{number} 还没有决定怎样处理。")
DECIDE_FIRST = zh("请先由有权的负责人决定处理方式。")
NO_REASONS = zh("请写明理由和依据。")


@dataclass(frozen=True, slots=True)
class Deciding:
    """An exhibit as a decision finds it. `value_fen` is its appraised value, if it has one."""

    number: str
    state: State
    case_kind: str
    value_fen: int | None
    undisputed: bool
    contraband: bool


def why_not_decide(thing: Deciding, way: Disposition, *, post: str, station_limit_fen: int | None) -> Sentence | None:
    """The reason that forbids this decision by this post, or None.

    `station_limit_fen`: the most that a station may decide in this way; None where somebody else decides, or where the
    way has no such limit. Contraband has none (程序规定第一百九十五条).
    """
    approvers = way.approvers.get(thing.case_kind, ())
    if not approvers:
        return NOT_IN_THIS_KIND.fill(way=way.label)
    if thing.state not in way.states:
        return NOT_FROM_HERE.fill(number=thing.number, state=thing.state.label, way=way.label)
    basis = way.basis[thing.case_kind]
    if post not in approvers:
        return NOT_YOUR_POWER.fill(way=way.label, posts=_posts(approvers), basis=basis)
    if station_limit_fen is None or thing.contraband:
        return None
    within = thing.value_fen is not None and thing.value_fen <= station_limit_fen and thing.undisputed
    return None if within else OVER_STATION.fill(basis=basis)


def _posts(names: Collection[str]) -> str:
    return "、".join(str(Post(name).label) for name in names)


def not_valued(value_fen: int | None) -> bool:
    return value_fen is None


def not_photographed(photographed_at: datetime | None) -> bool:
    return photographed_at is None
