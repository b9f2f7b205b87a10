"""Who may do and see what about disclosure."""

from qingkong.kernel.access import a_person, everybody, the_system
from qingkong.kernel.text import zh

MAY = {
    "disclosure.ask": a_person,
    "disclosure.send": the_system,
    "disclosure.read": everybody,
}

LABELS = {
    "disclosure.ask": zh("查询自己的事办到哪一步"),
    "disclosure.send": zh("发送验证码"),
    "disclosure.read": zh("看公开的内容"),
}

ACTS = {
    "disclosure.challenged": zh("有人凭查询码查询，发出验证请求"),
    "disclosure.failed": zh("查询验证没有通过"),
    "disclosure.opened": zh("本人查询进展"),
}
