"""What becomes of a message. Pure."""

import re

from qingkong.kernel.text import Labelled, zh

MOBILE = re.compile(r"1[3-9]\d{9}")


class State(Labelled):
    QUEUED = "queued", zh("待发送")
    SENT = "sent", zh("已发送")
    KEPT = "kept", zh("留在发件箱")  # no gateway: a demo, or one not connected yet
    UNREACHABLE = "unreachable", zh("号码收不到短信")
    FAILED = "failed", zh("发送失败")


def takes_messages(phone: str) -> bool:
    """Whether a number, in its normal form, is a mobile one."""
    return bool(MOBILE.fullmatch(phone))
