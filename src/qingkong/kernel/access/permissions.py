"""Who may do what: permissions are looked up by name, so that queries needn't import policy."""

from collections.abc import Callable, Mapping
from typing import Any

from qingkong.kernel.access.actors import Actor
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.refusals import NotPermitted
from qingkong.kernel.text import Sentence, zh

Judge = Callable[[Actor, Any], bool]

NOT_YOURS = zh("您的岗位（{post}）不能做这件事：{what}。")
ASK = zh("请由有权的岗位办理，或联系本单位负责人。")


class Predicate:
    """A question about an actor and a subject (None while only the page is asked for)."""

    def __init__(self, judge: Judge, reads: str = "") -> None:
        self.judge = judge
        self.reads = reads or judge.__name__

    def __call__(self, actor: Actor, subject: Any = None) -> bool:
        return self.judge(actor, subject)

    def __and__(self, other: "Predicate") -> "Predicate":
        return Predicate(lambda a, s: self(a, s) and other(a, s), f"{self.reads} & {other.reads}")

    def __or__(self, other: "Predicate") -> "Predicate":
        return Predicate(lambda a, s: self(a, s) or other(a, s), f"({self.reads} | {other.reads})")

    def __invert__(self) -> "Predicate":
        return Predicate(lambda a, s: not self(a, s), f"~{self.reads}")


def predicate(judge: Judge) -> Predicate:
    """Make a predicate of a function `(actor, subject) -> bool`."""
    return Predicate(judge)


def post(*names: Post | str) -> Predicate:
    """Officers in one of these posts."""
    wanted = frozenset(Post(name) for name in names)
    return Predicate(lambda actor, _: actor.post in wanted, " | ".join(sorted(wanted)))


@predicate
def anyone_on_duty(actor: Actor, subject: Any) -> bool:
    """Any officer of the bureau; not the administrator and not an outside supervisor."""
    return actor.is_officer and actor.post not in (Post.ADMINISTRATOR, Post.SUPERVISOR)


@predicate
def own_unit(actor: Actor, subject: Any) -> bool:
    """The subject belongs to the actor's unit; true while only the page is asked for."""
    return subject is None or getattr(subject, "unit_id", None) == actor.unit_id


@predicate
def the_system(actor: Actor, subject: Any) -> bool:
    return actor.kind == "system"


@predicate
def a_person(actor: Actor, subject: Any) -> bool:
    return actor.kind == "person"


@predicate
def everybody(actor: Actor, subject: Any) -> bool:
    return True


_may: dict[str, Predicate] = {"public": everybody}
_labels: dict[str, Sentence] = {}


def register(table: Mapping[str, Predicate], *, labels: Mapping[str, Sentence] | None = None) -> None:
    """Add a domain's table of permissions. A name belongs to one table only."""
    for name, judge in table.items():
        if name in _may and _may[name] is not judge:
            raise ValueError(f"permission {name} is registered twice")
        _may[name] = judge
    _labels.update(labels or {})


def permissions() -> dict[str, Predicate]:
    """Every permission and its predicate, for the printed matrix."""
    return dict(sorted(_may.items()))


def label_of(permission: str) -> Sentence:
    return _labels.get(permission) or Sentence(permission)


def may(actor: Actor, permission: str, subject: Any = None) -> bool:
    """Whether the actor may; with no subject, whether the page is theirs at all."""
    return _may[permission](actor, subject)


def require(actor: Actor, permission: str, subject: Any = None) -> None:
    """Go on only if the actor may. Raises NotPermitted, which the edge records."""
    if not may(actor, permission, subject):
        raise NotPermitted(
            NOT_YOURS.fill(post=actor.post_label, what=label_of(permission)), how=ASK, permission=permission
        )
