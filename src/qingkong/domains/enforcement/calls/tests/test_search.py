import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingkong.domains.enforcement.calls import operations, queries
from qingkong.domains.enforcement.calls.operations import ImportedCall
from qingkong.domains.enforcement.calls.tests.building import INTAKE, a_call, a_response, minutes
from qingkong.kernel import access

pytestmark = pytest.mark.django_db


def found(county, text, actor=None, **options):
    return [call.number for call in queries.find_calls(actor=actor or county.dispatcher, text=text, **options).calls]


def test_a_call_is_found_by_its_number_and_by_its_beginning(county):
    for _ in range(3):
        a_call(county)
    assert found(county, "j2026-000002") == ["J2026-000002"]
    assert found(county, "J2026-00000") == ["J2026-000001", "J2026-000002", "J2026-000003"]


def test_a_call_is_found_by_its_external_number_alone_when_whole(county):
    a_call(county, external_number="警综-77")
    assert found(county, "警综-77") == ["J2026-000001"]
    assert found(county, "警综-7") == []


@pytest.mark.parametrize("text", ["供销", "沙河站镇供销社", "沙河 站镇", "社门前"])
def test_a_call_is_found_by_any_two_characters_or_more_of_its_place(county, text):
    a_call(county)
    a_call(county, division_code="370923106", place_text="湖滨路")
    assert found(county, text) == ["J2026-000001"]


def test_characters_that_stand_apart_are_not_a_place(county):
    a_call(county, place_text="东门小学")
    assert found(county, "东小") == []
    assert found(county, "小学东门") == []


def test_latin_letters_are_found_in_any_case(county):
    a_call(county, place_text="KTV Galaxy 门口")
    assert found(county, "galaxy") == ["J2026-000001"]


def test_one_character_finds_nothing(county):
    a_call(county)
    assert found(county, "沙") == []


@pytest.mark.parametrize("text", ["%", "__", "'; DROP", "\x00\x00", "🚓🚓", "J2026-' OR 1=1", "9" * 300])
def test_odd_input_finds_nothing_and_breaks_nothing(county, text):
    a_call(county)
    assert found(county, text) == []


def test_a_station_finds_its_own_calls_only(county):
    ours = a_response(county).call
    a_call(county)
    assert found(county, "供销社", county.officer) == [ours.number]
    assert found(county, "J2026", county.officer) == [ours.number]


def test_the_latest_come_first_and_the_next_page_goes_on_without_loss(county):
    for n in range(7):
        a_call(county, at=minutes(county.at, n))
    seen, before = [], ""
    while True:
        page = queries.find_calls(actor=county.dispatcher, text="供销社", before=before, size=2)
        seen += [call.number for call in page.calls]
        before = page.next
        if not before:
            break
    assert seen == [f"J2026-00000{n}" for n in range(7, 0, -1)]


def test_calls_of_the_same_instant_are_all_found(county):
    for _ in range(3):
        a_call(county)
    page = queries.find_calls(actor=county.dispatcher, text="供销社", size=2)
    assert len(page.calls) == 3


PLACES = st.text(alphabet="沙河站老湖东门口ab ", min_size=2, max_size=10)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(places=st.lists(PLACES, min_size=1, max_size=6), start=st.integers(0, 6), length=st.integers(2, 5))
def test_search_finds_exactly_the_calls_whose_place_holds_the_text(county, places, start, length):
    """Against a plain scan: the index neither hides a call nor invents one."""
    from qingkong.domains.enforcement.calls import rules
    from qingkong.domains.enforcement.calls.models import Call

    rows = [
        ImportedCall(
            intake=operations.Intake(kind="other", division_code="370923206", what="一", place_text=place),
            taken_at=minutes(county.at, -n),
        )
        for n, place in enumerate(places)
    ]
    before = set(Call.objects.values_list("pk", flat=True))
    operations.import_calls(rows=rows, actor=access.system("import"), at=county.at)
    made = [call for call in Call.objects.all() if call.pk not in before]
    text = rules.plain(places[0])[start : start + length]
    if len(text) < rules.SHORTEST_SEARCH:
        return
    hits = {call.pk for call in queries.find_calls(actor=county.dispatcher, text=text, size=1000).calls}
    assert hits & {call.pk for call in made} == {call.pk for call in made if text in rules.plain(call.place_words)}


def test_a_list_pages_by_time_without_loss_or_double(county, rf):
    from qingkong.web.paging import page_of

    for n in range(5):
        a_call(county, at=minutes(county.at, n // 2))
    seen, query = [], ""
    while True:
        page = page_of(queries.listed(actor=county.dispatcher), rf.get(f"/{query}"), order=queries.LATEST_FIRST, size=2)
        seen += [call.number for call in page]
        query = page.next_query
        if not query:
            break
    assert sorted(seen) == [f"J2026-00000{n}" for n in range(1, 6)]
    assert INTAKE.kind == "vehicle_theft"
