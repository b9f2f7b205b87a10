"""Items: one, by number, of a call or a case, and lists that stay quick."""

import re
from uuid import UUID

from django.db.models import Q

from qingkong.domains.enforcement.calls import queries as calls
from qingkong.domains.enforcement.cases import queries as cases
from qingkong.domains.enforcement.evidence import rules
from qingkong.domains.enforcement.evidence.models import EvidenceItem, EvidenceSet
from qingkong.domains.enforcement.evidence.queries import scope
from qingkong.kernel import access
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import zh

Link = calls.Call | cases.Case

LATEST_FIRST = ("-received_at", "-id")
MOST = 200  # items on a tab
NONE = zh("没有这份证据，或者不归您办理。")
NO_LINK = zh("没有编号为“{number}”的警情或案件，或者不归您办理。")
GIVE_NUMBER = zh("填写警情编号（J 开头）或案件编号（A、X 开头）。")
NUMBER = re.compile(r"^D\d{4}(-\d{0,8})?$")


def get_item(*, actor: Actor, id: UUID) -> EvidenceItem:
    """One item the actor may see. Raises NotFound, alike for none and for another's."""
    item = _items().filter(pk=id).first()
    if item is None or not access.may(actor, "evidence.see", item):
        raise NotFound(NONE)
    return item


def item_by_number(*, actor: Actor, number: str) -> EvidenceItem:
    """One item by its D number. Raises NotFound."""
    key = EvidenceItem.objects.filter(number=number.strip().upper()).values_list("pk", flat=True).first()
    if key is None:
        raise NotFound(NONE)
    return get_item(actor=actor, id=key)


def link_by_number(*, actor: Actor, number: str) -> Link:
    """The call or case with this number, if the actor may see it. Raises NotFound."""
    number = number.strip().upper()
    if actor.kind == "system":
        return _link_of_system(number)
    try:
        if number.startswith("J"):
            return calls.call_by_number(actor=actor, number=number)
        if number.startswith(("A", "X")):
            return cases.get_case_by_number(actor=actor, number=number)
    except NotFound:
        raise NotFound(NO_LINK.fill(number=number[:20]), how=GIVE_NUMBER, field="link") from None
    raise NotFound(NO_LINK.fill(number=number[:20]), how=GIVE_NUMBER, field="link")


def _link_of_system(number: str) -> Link:
    model = calls.Call if number.startswith("J") else cases.Case
    link: Link | None = model.objects.filter(number=number).first()
    if link is None:
        raise NotFound(NO_LINK.fill(number=number[:20]), how=GIVE_NUMBER, field="link")
    return link


def listed(*, actor: Actor, kind: str = "", mine: bool = False) -> EvidenceSet:
    """The actor's evidence, narrowed to a kind or to what they registered; a page is cut by `web.paging`."""
    items = scope.visible(actor).with_links()
    if kind in set(rules.Kind):
        items = items.filter(kind=kind)
    if mine:
        items = items.filter(registered_by_id=actor.officer_id)
    return items


def of_link(link: Link, *, actor: Actor) -> list[EvidenceItem]:
    """The evidence of a call, or of a case with that of its call, the latest first; only what the actor may see."""
    rows = list(_of(link).with_links().prefetch_related("case__members").latest_first()[:MOST])
    return [item for item in rows if access.may(actor, "evidence.see", item)]


def count_of(link: Link) -> int:
    return _of(link).count()


def twin(sha256: str, link: Link) -> EvidenceItem | None:
    """The item that already holds this content for this call or case."""
    column = "case" if isinstance(link, cases.Case) else "call"
    return _items().filter(original_id=sha256, **{column: link}).first()


def find(*, actor: Actor, text: str, limit: int = 8) -> list[EvidenceItem]:
    """Items by number or the beginning of one."""
    text = text.strip().upper()
    if not NUMBER.match(text) or not access.may(actor, "evidence.see"):
        return []
    rows = scope.visible(actor).filter(number__gte=text, number__lt=f"{text}~").with_links().order_by("number")
    return list(rows[:limit])


def undrawn(*, limit: int = 100) -> list[EvidenceItem]:
    """Items whose derivatives haven't been tried yet, the oldest first."""
    drawn = Q(kind__in=[kind.value for kind in rules.WANTED], state=rules.State.KEPT, derivatives=None, reading=None)
    return list(EvidenceItem.objects.filter(drawn).order_by("received_at", "id")[:limit])


def unmade() -> list[EvidenceItem]:
    """Items of which some derivative couldn't be made, the oldest first."""
    failed = EvidenceItem.objects.filter(derivatives__isnull=False, derivatives__blob=None)
    return list(failed.distinct().order_by("received_at", "id"))


def _of(link: Link) -> EvidenceSet:
    if isinstance(link, cases.Case):
        found = Q(case=link)
        if link.call_number:
            found |= Q(call_number=link.call_number)
        return EvidenceItem.objects.filter(found)
    return EvidenceItem.objects.filter(call=link)


def _items() -> EvidenceSet:
    return EvidenceItem.objects.with_links().prefetch_related("case__members")
