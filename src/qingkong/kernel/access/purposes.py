"""Why somebody looks at one person's data. A new purpose is a change to this file, reviewed."""

from qingkong.kernel.text import Labelled, zh


class Purpose(Labelled):
    HANDLING = "handling", zh("办理本案本警")
    REVIEW = "review", zh("审核审批")
    ANSWERING = "answering", zh("答复当事人")
    SUPERVISION = "supervision", zh("监督检查")
    SUBJECT_REQUEST = "subject_request", zh("本人查询")
    NOTIFYING = "notifying", zh("发送通知")
