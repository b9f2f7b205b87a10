"""What only a demo instance has, and only for a visitor on loopback: the role picker, and the messages nobody gets."""

from ipaddress import ip_address
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse

from qingkong.kernel import notices
from qingkong.kernel.identity import queries
from qingkong.kernel.identity.models import Appointment
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.refusals import NotFound, Refusal
from qingkong.kernel.text import local, zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest


def shown_to(request: HttpRequest) -> bool:
    """Whether this is a demo and the visitor sits at the same machine, with no proxy between."""
    if not settings.QINGKONG_DEMO or "X-Forwarded-For" in request.headers:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


@desk.page("demo/", needs="public", name="web.role_picker")
def role_picker(request: DeskRequest) -> HttpResponse:
    """Step into any post of the demo county. Doesn't exist in a real instance, nor away from loopback."""
    from qingkong.web.sign_in import act_as

    if not shown_to(request):
        raise NotFound()
    held = queries.holders(*Post, on=local(request.at).date())
    if request.method == "POST":
        chosen = held.filter(pk=_uuid(request.POST.get("appointment", ""))).first()
        if chosen is None:
            raise Refusal(zh("没有这个演示岗位。"), how=zh("请从列表里选。"), field="appointment")
        auth.login(request, chosen.officer, backend="django.contrib.auth.backends.ModelBackend")
        return act_as(request, chosen)
    return desk.render(request, "identity/role_picker.html", appointments=_one_of_each(list(held)))


@desk.page("demo/messages/", needs="public", name="web.messages")
def messages(request: DeskRequest) -> HttpResponse:
    """The short messages that the demo would have sent: codes, digits, invitations."""
    if not shown_to(request):
        raise NotFound()
    return desk.render(request, "identity/messages.html", title=zh("演示短信"), sent=notices.outbox(limit=60))


HOME = "370923101"  # the township whose station the demo's longer story is told at


def _one_of_each(held: list[Appointment]) -> list[Appointment]:
    """One officer for each post in each kind of unit: a station's posts once, not fourteen times."""
    seen: dict[tuple[str, str], Appointment] = {}
    for appointment in sorted(held, key=lambda a: a.unit.division_code != HOME):
        seen.setdefault((appointment.post, appointment.unit.kind), appointment)
    order = list(Post)
    return sorted(seen.values(), key=lambda a: (order.index(Post(a.post)), a.unit.code))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
