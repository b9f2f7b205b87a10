"""The ledger for those who watch over the bureau: what was done, where, when, and how far it is countersigned.

An outside supervisor reads acts without what stood in them; nobody reads names here, for this is no list of officers.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, JSONField, Max
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.http import HttpResponse

from qingkong.kernel import access, ledger
from qingkong.kernel.access.permissions import label_of
from qingkong.kernel.ledger import acts, cosigners, publishing
from qingkong.kernel.ledger.models import Entry, Leaf
from qingkong.kernel.text import Labelled, Sentence, zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest
from qingkong.web.paging import page_of
from qingkong.web.routes import faces

COUNTED_FOR = timedelta(days=30)
LEFT_OUT = "……"
BY_PROGRAM = zh("程序接口")

ENTRY = ["at", "act", "thread", "subject", "unit_name", "actor_kind", "actor_post"]
COLUMNS = ["sequence", *(f"entry__{name}" for name in ENTRY)]
FACTS = "entry__facts__value"


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of the tree, by its number."""

    number: int
    at: datetime
    said: Sentence | str
    unit: str
    post: str
    thread: str
    url: str
    cosigned: bool


class Why(Labelled):
    """Why something was refused."""

    POST = "post", zh("岗位无权")
    GATE = "gate", zh("关口没过")
    RULE = "rule", zh("不合规定")


WHY = {"NotPermitted": Why.POST, "GateClosed": Why.GATE}


@dataclass(frozen=True, slots=True)
class Refused:
    """How often one act was refused for one kind of reason, and when last."""

    what: str
    why: Why
    count: int
    last_at: datetime


@desk.page("ledger/", needs="ledger.read", name="web.ledger")
def read_ledger(request: DeskRequest) -> HttpResponse:
    """The newest entries first, of all or of one thread; what is signed, countersigned, and was refused."""
    thread = "".join(c for c in request.GET.get("thread", "") if c.isprintable()).strip()[:60]
    whole = access.may(request.actor, "ledger.read_facts")
    standing = ledger.standing()
    leaves = Leaf.objects.filter(entry__thread=thread) if thread else Leaf.objects.all()
    page = page_of(leaves.values(*COLUMNS, *([FACTS] if whole else [])), request, order=("-sequence",))
    refused = [] if thread or request.GET.get("after") else refusals(since=request.at - COUNTED_FOR)
    return desk.render(
        request,
        "desk/ledger.html",
        title=zh("存证"),
        page=replace(page, rows=[_row(found, whole=whole, cosigned=standing.cosigned_size) for found in page]),
        empty_sentence=zh("没有这个编号的记录。") if thread else zh("还没有记录。"),
        thread=thread,
        whole=whole,
        standing=standing,
        cosigners=cosigners.seen(),
        window=ledger.exposure(request.at),
        published=publishing.published_size(),
        refused=refused,
        refused_count=sum(one.count for one in refused),
    )


def refusals(*, since: datetime) -> list[Refused]:
    """What was refused since then, by what was asked for and why, the most frequent first. One query."""
    found = (
        Entry.objects.filter(act="access.refused", at__gte=since)
        .annotate(said=Cast("facts__value", JSONField()))
        .annotate(page=KT("said__page"), kind=KT("said__kind"), permission=KT("said__permission"))
        .values("page", "kind", "permission")
        .annotate(count=Count("pk"), last_at=Max("at"))
        .order_by()
    )
    needs = {f"{face.name}:{name}": route.needs for face in faces() for name, route in face.routes.items()}
    counts: Counter[tuple[str, Why]] = Counter()
    last: dict[tuple[str, Why], datetime] = {}
    for row in found:
        permission = row["permission"] or needs.get(row["page"] or "", "")
        key = (str(label_of(permission) if permission else BY_PROGRAM), WHY.get(row["kind"], Why.RULE))
        counts[key] += row["count"]
        last[key] = max(row["last_at"], last.get(key, row["last_at"]))
    return [Refused(what, why, count, last[what, why]) for (what, why), count in counts.most_common()]


def _row(found: Mapping[str, Any], *, whole: bool, cosigned: int) -> Row:
    """A row as its reader may see it: with content, or the act's words with their gaps left open."""
    facts = found.get(FACTS)
    said = acts.sentence_of(found["entry__act"], json.loads(facts) if facts else None)
    if not whole and isinstance(said, Sentence):
        said = said.fill(**dict.fromkeys(said.params, LEFT_OUT))
    post = found["entry__actor_post"]
    return Row(
        number=found["sequence"],
        at=found["entry__at"],
        said=said,
        unit=found["entry__unit_name"],
        post=acts.post_label(post) if post else acts.who(found["entry__actor_kind"], ""),
        thread=found["entry__thread"],
        url=desk.subject_url(found["entry__subject"]) if whole and found["entry__thread"] else "",
        cosigned=found["sequence"] < cosigned,
    )
