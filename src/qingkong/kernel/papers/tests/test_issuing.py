import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.db import transaction

from qingkong.kernel import ledger, papers, vault
from qingkong.kernel.papers import registry
from qingkong.kernel.papers.models import Paper
from qingkong.kernel.text import zh

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
FACTS = {"organ": "东平县公安局", "body": ["示例。"]}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kind() -> Iterator[None]:
    kept = dict(registry._kinds)
    papers.register("test.notice", "statutory", zh("告知书"), statutory=True)
    yield
    registry._kinds.clear()
    registry._kinds.update(kept)


def issue(county: SimpleNamespace, **changes: object) -> Paper:
    given = {"kind": "test.notice", "subject": "cases.case:1", "facts": FACTS, "actor": county.officer, "at": AT}
    return papers.issue(**(given | changes))  # type: ignore[arg-type]


def test_a_paper_is_kept_in_the_vault_and_entered(county):
    paper = issue(county, number="东公(沙)告字〔2026〕1号")
    content = papers.bytes_of(paper)
    assert content.startswith(b"%PDF-")
    assert (paper.sha256, paper.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert (paper.issued_by, paper.unit_id) == (county.officer.name, county.station.pk)
    (line,) = ledger.timeline("cases.case:1")
    assert (line.act, line.actor_name) == ("papers.issued", county.officer.name)


def test_papers_of_a_subject_come_in_their_order(county):
    made = [issue(county, number=f"W{n}") for n in range(3)]
    issue(county, subject="cases.case:2")
    assert [paper.pk for paper in papers.of("cases.case:1")] == [paper.pk for paper in made]


def test_without_a_form_it_takes_the_next_number_of_the_series(county):
    first, second = issue(county).number, issue(county).number
    assert first.startswith("W2026-")
    assert int(second[-6:]) == int(first[-6:]) + 1


def test_the_same_facts_on_the_same_day_are_the_same_blob(county):
    assert issue(county, number="1").sha256 == issue(county, number="1").sha256


def test_no_paper_no_number_and_no_entry_stay_when_a_character_is_missing(county):
    with pytest.raises(papers.MissingGlyph), transaction.atomic():
        issue(county, facts={**FACTS, "body": ["\U0001f600"]})
    assert not Paper.objects.exists()
    assert ledger.timeline("cases.case:1") == []
    assert issue(county).number.endswith("-000001")


def test_a_paper_of_an_operation_that_failed_is_not_listed(county, transactional_db):
    class Broken(Exception):
        pass

    with pytest.raises(Broken), transaction.atomic():
        issue(county)
        raise Broken
    assert papers.of("cases.case:1") == []


def test_its_bytes_are_the_vaults(county):
    paper = issue(county)
    assert vault.path(paper.sha256).read_bytes() == papers.bytes_of(paper)
