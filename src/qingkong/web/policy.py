"""The few permissions and acts of the frames themselves."""

from qingkong.kernel import access
from qingkong.kernel.access import Predicate
from qingkong.kernel.text import zh

signed_in = Predicate(lambda actor, _: actor.is_officer, "signed_in")

MAY = {"web.sign_in": signed_in}
LABELS = {"web.sign_in": zh("登录后使用")}


def register() -> None:
    access.register(MAY, labels=LABELS)
