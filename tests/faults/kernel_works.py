"""Write paths of the kernel, ready to be broken off: `prepare(county)` makes what it needs, and gives the work itself."""

import io
import itertools
import secrets
from datetime import timedelta

from django.db import transaction
from django.test import override_settings

from qingkong.conftest import AT
from qingkong.domains.enforcement.calls.tests import building
from qingkong.domains.enforcement.cases.tests import build
from qingkong.domains.enforcement.property.tests import making as exhibits
from qingkong.kernel import clocks, ledger, papers, vault
from qingkong.kernel.access import accounts
from qingkong.kernel.identity.posts import Post

HOUR = timedelta(hours=1)
counted = itertools.count(1)


def ringing(county):
    build.report(county)
    return lambda: clocks.ring(AT + 48 * HOUR)


def printing(county):
    case = exhibits.open_case(county)
    facts = {"body": ["示例"], "signatures": []}

    def work():
        papers.issue(kind="cases.stop", subject=case, facts=facts, actor=county.officer, at=AT)

    return work


def keeping_bytes(county):
    content = io.BytesIO(secrets.token_bytes(200_000))

    def work():
        vault.receive(content, name="示例.bin")

    return work


def opening_an_account(county):
    number = f"K{next(counted):05}"

    @transaction.atomic
    def work():
        officer = accounts.make_account(username=number, name="示例民警", actor=county.system, at=AT)
        accounts.appoint(officer=officer, unit=county.station, post=Post.OFFICER, actor=county.system, at=AT)

    return work


def integrating(county):
    """What waits for the tree, as after an hour in which nothing took it up."""
    with override_settings(QINGKONG_LEDGER_PAUSE=1e9):
        for _ in range(3):
            building.a_call(county)
    return ledger.integrate
