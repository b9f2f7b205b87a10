"""The lists a form offers: matters an approver is asked for, roles of parties, ways of service."""

from qingkong.kernel.text import Labelled, zh


class Matter(Labelled):
    """What an approver is asked for. Who that is stands in `data/powers.toml`, with the article."""

    FILE_ADMINISTRATIVE = "file_administrative", zh("行政案件立案")
    FILE_CRIMINAL = "file_criminal", zh("刑事案件立案")
    DECLINE_ADMINISTRATIVE = "decline_administrative", zh("不予立案（行政）")
    DECLINE_CRIMINAL = "decline_criminal", zh("不予立案（刑事）")
    TRANSFER_ADMINISTRATIVE = "transfer_administrative", zh("移送（行政）")
    TRANSFER_CRIMINAL = "transfer_criminal", zh("移送（刑事）")
    CLOSE = "close", zh("案件结案")
    STOP = "stop", zh("终止调查")
    END = "end", zh("侦查终结")
    PROSECUTE = "prosecute", zh("移送起诉")
    WITHDRAW = "withdraw", zh("撤销案件")
    TERMINATE = "terminate", zh("终止侦查")
    CONVERT = "convert", zh("行政与刑事转换")
    NO_PENALTY = "no_penalty", zh("不予处罚")
    PENALTY = "penalty", zh("行政处罚")


class ApprovalState(Labelled):
    WAITING = "waiting", zh("待审批")
    APPROVED = "approved", zh("已批准")
    RETURNED = "returned", zh("已退回")


class PartyRole(Labelled):
    SUSPECT = "suspect", zh("违法犯罪嫌疑人")
    VICTIM = "victim", zh("被侵害人")
    WITNESS = "witness", zh("证人")
    OTHER = "other", zh("其他当事人")


class ServiceWay(Labelled):
    ON_THE_SPOT = "on_the_spot", zh("当场宣告交付")
    DIRECT = "direct", zh("直接送达")
    LEFT = "left", zh("留置送达")
    POST = "post", zh("邮寄送达")
    ANNOUNCED = "announced", zh("公告送达")
