"""Who acts, in which post, from which unit."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from qingkong.kernel.identity.models import Appointment
from qingkong.kernel.identity.posts import Post, UnitKind
from qingkong.kernel.text import Sentence, zh

SYSTEM = zh("系统")
PERSON = zh("群众")


@dataclass(frozen=True, slots=True)
class Actor:
    """An officer in one post, the system itself, or a person of the public at the portal."""

    kind: Literal["officer", "system", "person"]
    officer_id: UUID | None
    name: str
    post: Post | None
    unit_id: UUID | None
    unit_code: str
    unit_name: str
    unit_kind: UnitKind | None

    @property
    def is_officer(self) -> bool:
        return self.kind == "officer"

    @property
    def post_label(self) -> Sentence:
        if self.post is not None:
            return self.post.label
        return SYSTEM if self.kind == "system" else PERSON


def actor_for(appointment: Appointment) -> Actor:
    """The actor an appointment makes of its officer."""
    unit = appointment.unit
    return Actor(
        kind="officer",
        officer_id=appointment.officer_id,
        name=appointment.officer.name,
        post=Post(appointment.post),
        unit_id=unit.pk,
        unit_code=unit.code,
        unit_name=unit.name,
        unit_kind=UnitKind(unit.kind),
    )


def system(name: str) -> Actor:
    """The system acting by itself: a job, an import, a clock."""
    return Actor("system", None, name, None, None, "", "", None)


def person(name: str = "portal") -> Actor:
    """Somebody of the public. Who it is stays unknown; `name` says by which way they came."""
    return Actor("person", None, name, None, None, "", "", None)
