"""What files are taken for. A room registers a use with the question whether an actor may send one for a reference."""

from collections.abc import Callable
from datetime import datetime

from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh

Check = Callable[[Actor, str, datetime], None]

NO_USE = zh("没有说明这份文件的用途，或者系统不为这种用途收文件。")
SAY_USE = zh("请从登记证据的页面上传。")

_uses: dict[str, Check] = {}


class NoSuchUse(Refusal):
    """Nothing takes files for this."""

    status = 400


def register(name: str, check: Check) -> None:
    """Take files for `name`; `check(actor, reference, at)` raises a Refusal where the actor may not send one."""
    known = _uses.get(name)
    if known is not None and known.__qualname__ != check.__qualname__:
        raise ValueError(f"uploads for {name} are taken twice")
    _uses[name] = check


def check(name: str, *, actor: Actor, reference: str, at: datetime) -> None:
    """Ask the room. Raises what it raises, and NoSuchUse."""
    if name not in _uses:
        raise NoSuchUse(NO_USE, how=SAY_USE)
    _uses[name](actor, reference, at)
