"""Which pages to visit, and as whom: `python -m tests.security.plan` in QINGKONG_HOME, a filled instance; prints JSON.

For each page of the matrix the first officer and thing that open it, as [route, address, appointment or nothing].
"""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "qingkong.project.settings"

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402

from qingkong.kernel import access  # noqa: E402
from qingkong.kernel.identity.models import Appointment  # noqa: E402
from qingkong.web.routes import RouteRow, routes_matrix  # noqa: E402
from tests.security.asking import CONVERTER, sit_down  # noqa: E402

THINGS = {
    "call_id": "calls.Call", "response_id": "calls.Response", "report_id": "cases.Report", "case_id": "cases.Case",
    "decision_id": "cases.Decision", "approval_id": "cases.Approval", "desk:property.approve approval_id": "property.SeizureApproval",
    "series_id": "cases.Series", "exhibit_id": "property.Exhibit", "list_id": "property.SeizureList", "item_id": "evidence.EvidenceItem",
    "dossier_id": "dossiers.Dossier", "fault_id": "dossiers.ReturnedPoint", "finding_id": "gates.Finding", "officer_id": "identity.Officer",
}  # fmt: skip
FRAGMENTS = {"desk:web.menu"}  # parts that a page fetches, without a head of their own
MOST = 40  # things tried for a page
PEOPLE = 12  # officers tried for a page


def things(row: RouteRow) -> Iterator[dict[str, str]]:
    """Arguments for a page, the latest things first; nothing where nobody knows what to put."""
    names = [name for _, name in CONVERTER.findall(row.path)]
    if not names:
        yield {}
        return
    model = THINGS.get(f"{row.name} {names[0]}") or THINGS.get(names[0])
    if model is None or len(names) > 1:
        return
    for key in apps.get_model(model).objects.order_by("-pk").values_list("pk", flat=True)[:MOST]:
        yield {names[0]: str(key)}


def people(row: RouteRow) -> list[Any]:
    if row.face == "portal" or row.needs == "public":
        return [None]
    held = Appointment.objects.select_related("officer", "unit").order_by("-unit__code", "pk")
    by_post: dict[str, list[Appointment]] = {}
    for one in held:
        if access.may(access.actor_for(one), row.needs):
            by_post.setdefault(one.post, []).append(one)
    return [one for rank in range(3) for some in by_post.values() for one in some[rank : rank + 1]][:PEOPLE]


def main() -> int:
    settings.ALLOWED_HOSTS = ["testserver"]
    clients: dict[Any, Client] = {None: Client(raise_request_exception=False)}
    found, unseen = [], []
    for row in (row for row in routes_matrix() if row.name not in FRAGMENTS):
        visit = next(visits(row, clients), None)
        (found if visit else unseen).append(visit or row.name)
    json.dump({"visits": found, "unseen": unseen}, sys.stdout)
    return 0


def visits(row: RouteRow, clients: dict[Any, Client]) -> Iterator[list[str]]:
    for arguments in things(row):
        where = CONVERTER.sub(lambda m, arguments=arguments: arguments[m[2]], row.path)
        for one in people(row):
            key = one and str(one.pk)
            if key not in clients:
                clients[key] = sit_down(Client(raise_request_exception=False), access.actor_for(one))
            answer = clients[key].get(where)
            if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
                yield [row.name, where, key or ""]


if __name__ == "__main__":
    sys.exit(main())
