"""The few permissions and acts of the frames themselves."""

from qingkong.kernel import access
from qingkong.kernel.access import Predicate, anyone_on_duty, post
from qingkong.kernel.text import zh

signed_in = Predicate(lambda actor, _: actor.is_officer, "signed_in")

MAY = {
    "web.sign_in": signed_in,
    "uploads.send": anyone_on_duty,
    "web.status": post("administrator", "inspector", "supervisor"),  # counts and instants, no content
    "ledger.prove": anyone_on_duty & ~post("auxiliary"),  # and then what the subject's own permission shows
    "ledger.read_facts": post("inspector"),  # an outside supervisor reads acts, never content
}
LABELS = {
    "ledger.prove": zh("出具证明包"),
    "web.sign_in": zh("登录后使用"),
    "web.status": zh("查看系统状态"),
    "uploads.send": zh("上传文件"),
    "ledger.read_facts": zh("查阅存证内容"),
}


def register() -> None:
    access.register(MAY, labels=LABELS)
