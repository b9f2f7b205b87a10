"""`qingkong ledger prove 7`: by the place that a page's timeline shows."""

import json

import pytest
from django.db import transaction

from qingkong.kernel import ledger
from qingkong.kernel.ledger.models import Leaf
from qingkong.kernel.ledger.tests.building import AT, actor
from qingkong.kernel.refusals import NotFound
from qingkong.project.cli import _parser


def run(*argv: str) -> int:
    args = _parser().parse_args(["ledger", *argv])
    return args.run(args)


def test_an_entry_is_proved_by_the_place_that_pages_show(transactional_db, capsys):
    with transaction.atomic():
        entry = ledger.record(actor=actor(), at=AT, act="tests.done", subject="tests.thing:1")
    ledger.integrate()
    place = Leaf.objects.get(entry=entry).sequence
    for typed in (str(place), f"#{place}"):
        assert run("prove", typed) == 0
        proof = json.loads(capsys.readouterr().out)
        assert (proof["index"], json.loads(proof["entry"])["id"]) == (place, str(entry.pk))


def test_a_place_where_nothing_stands_yet_is_refused(transactional_db):
    with pytest.raises(NotFound):
        run("prove", str(10**30))
