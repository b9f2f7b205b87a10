"""No link leads to a shut door: what a page offers to a post, that post may open."""

import re
from collections.abc import Iterator

import pytest

from qingkong.domains.enforcement.cases.tests import build
from qingkong.domains.enforcement.property.tests import making

pytestmark = pytest.mark.django_db(databases=["default", "passing"])

POSTS = [
    "dispatcher", "officer", "auxiliary", "window", "legal_officer", "legal_section", "station_head", "bureau_leader",
    "custodian", "inspector", "supervisor", "administrator",
]  # fmt: skip
MOST = 120
OF_ONE_SHAPE = 2


@pytest.fixture
def filled(county):
    """A report under way, an open and a decided case, and things seized in it."""
    build.report(county)
    case = build.case(county)
    build.executed(county, case)
    making.keep(county, making.seize(county, case)[0])
    making.hand_over(county, making.seize(county, case)[0])
    return county


def doors(client) -> Iterator[tuple[str, str, int]]:
    """Every link of the desk that can be reached from My day: from where, to where, and what it answers."""
    todo, seen, shapes = [("", "/desk/")], {"/desk/"}, {}
    while todo and len(seen) < MOST * 5:
        where, address = todo.pop(0)
        shape = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "…", address.split("?")[0])
        shapes[shape] = shapes.get(shape, 0) + 1
        if shapes[shape] > OF_ONE_SHAPE:
            continue
        page = client.get(address)
        yield where, shape, page.status_code
        if page.status_code == 303:
            todo.append((shape, page["Location"]))
        if page.status_code == 200 and "text/html" in page["Content-Type"]:
            for found in re.findall(r'href="(/desk/[^"#]*)"', page.content.decode()):
                found = found.replace("&amp;", "&")
                if found not in seen:
                    seen.add(found)
                    todo.append((shape, found))


@pytest.mark.parametrize("post", POSTS)
def test_what_a_page_offers_to_a_post_that_post_may_open(filled, client, post):
    client.force_login(getattr(filled.officers, post), backend="django.contrib.auth.backends.ModelBackend")
    found = list(doors(client))
    assert len(found) > 1, found  # some posts begin elsewhere than at My day
    assert [(where, to, status) for where, to, status in found if status in (403, 404) or status >= 500] == []
