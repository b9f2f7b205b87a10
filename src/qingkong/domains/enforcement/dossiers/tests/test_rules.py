"""The rules of case files, with no database."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingkong.domains.enforcement.dossiers import rules, tables
from qingkong.domains.enforcement.dossiers.rules import Fault, Line, ReturnAsk, State, Verdict

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
POINTS = {point.id: point.label for point in tables.points().values()}
SOUND = dict.fromkeys(POINTS, Verdict.SOUND)


def line(title="材料", pages=1, sha256="0" * 64):
    return Line(0, title, "paper", "W2026-000001", sha256, AT, pages)


def test_the_last_check_has_the_six_points_of_article_170():
    assert list(POINTS) == ["person", "facts", "nature", "law", "procedure", "measure"]
    assert tables.points_article() == "公安机关办理行政案件程序规定第一百七十条"


def test_a_return_asks_for_a_repeat_or_an_explanation_and_there_is_no_third():
    assert [ask.value for ask in ReturnAsk] == ["repeat", "explanation"]


@given(st.text(max_size=20))
def test_no_other_word_is_an_ask(word):
    assert (rules.ask_of(word) is None) == (word not in ("repeat", "explanation"))


@given(st.dictionaries(st.sampled_from(sorted(POINTS)), st.sampled_from(Verdict)))
def test_a_file_passes_only_with_all_six_points_sound(verdicts):
    reason = rules.why_not_judge(verdicts, [], points=POINTS, passing=True)
    assert (reason is None) == (verdicts == SOUND)


@given(
    st.dictionaries(st.sampled_from(sorted(POINTS)), st.sampled_from(Verdict), min_size=6, max_size=6),
    st.sets(st.sampled_from(sorted(POINTS))),
)
def test_a_return_names_every_faulty_point_and_no_sound_one(verdicts, named):
    faults = [Fault(point, "见第三页", ReturnAsk.REPEAT) for point in named]
    faulty = {point for point, verdict in verdicts.items() if verdict is Verdict.FAULTY}
    reason = rules.why_not_judge(verdicts, faults, points=POINTS, passing=False)
    assert (reason is None) == (bool(faulty) and named == faulty)


def test_a_fault_without_a_reason_isnt_a_return():
    verdicts = {**SOUND, "facts": Verdict.FAULTY}
    faults = [Fault("facts", " ", ReturnAsk.EXPLANATION)]
    assert rules.why_not_judge(verdicts, faults, points=POINTS, passing=False) is rules.REASON_MISSING


def test_only_the_legal_officer_who_took_no_other_part_checks():
    legal, other = uuid4(), uuid4()
    assert rules.why_not_check(checker=legal, legal={legal}, acted=set()) is None
    assert rules.why_not_check(checker=other, legal={legal}, acted=set()) is rules.NOT_LEGAL_OFFICER
    assert rules.why_not_check(checker=legal, legal={legal}, acted={legal}) is rules.TOOK_PART


@given(st.integers(min_value=-1_000_000, max_value=1_000_000))
def test_a_repeat_was_made_after_the_return(seconds):
    made = AT + timedelta(seconds=seconds)
    reason = rules.why_not_answer(ReturnAsk.REPEAT, answered=False, words="", made_at=made, returned_at=AT)
    assert (reason is rules.MADE_BEFORE) == (seconds < 0)


def test_an_explanation_needs_words_and_a_repeat_needs_a_paper():
    kw = {"answered": False, "made_at": None, "returned_at": AT}
    assert rules.why_not_answer(ReturnAsk.EXPLANATION, words=" ", **kw) is rules.NEEDS_WORDS
    assert rules.why_not_answer(ReturnAsk.EXPLANATION, words="当时停电。", **kw) is None
    assert rules.why_not_answer(ReturnAsk.REPEAT, words="做过了", **kw) is rules.NEEDS_PAPER


@given(st.lists(st.integers(min_value=0, max_value=30), max_size=30))
def test_pages_run_through_the_file_without_gap_or_overlap(counts):
    lines = rules.paginate(line(pages=count) for count in counts)
    pages = [page for one in lines if one.first_page for page in range(one.first_page, one.last_page + 1)]
    assert pages == list(range(1, sum(counts) + 1))
    assert [one.position for one in lines] == list(range(1, len(counts) + 1))


def test_a_medium_beside_the_file_has_no_page():
    first, medium, last = rules.paginate([line(pages=2), line(pages=0), line(pages=1)])
    assert [one.page_words for one in (first, medium, last)] == ["1-2", "—", "3"]


@given(st.permutations([line("甲", sha256="1" * 64), line("乙", sha256="2" * 64), line("丙", sha256="3" * 64)]))
def test_the_digest_changes_with_the_order(order):
    usual = [line("甲", sha256="1" * 64), line("乙", sha256="2" * 64), line("丙", sha256="3" * 64)]
    same = [one.title for one in order] == [one.title for one in usual]
    digests = [rules.catalogue_digest("A2026-000001", rules.paginate(lines)) for lines in (usual, order)]
    assert (digests[0] == digests[1]) == same


def test_the_digest_is_that_of_the_canonical_json():
    import hashlib

    import rfc8785

    lines = rules.paginate([line("殴打他人案“现场”照片", pages=3)])
    rows = [[one.position, one.title, one.source, one.number, one.sha256, one.pages] for one in lines]
    canonical = rfc8785.dumps({"case": "A2026-000001", "papers": rows})
    assert rules.catalogue_digest("A2026-000001", lines) == hashlib.sha256(canonical).hexdigest()


@given(st.lists(st.sampled_from(sorted({verb for _, verb in rules.MOVES})), max_size=15))
def test_nothing_is_sealed_that_wasnt_submitted_and_passed(verbs):
    state, course = State.COMPILING, []
    for verb in verbs:
        if rules.why_not(verb, state) is None:
            state = rules.MOVES[state, verb]
            course.append(verb)
    if state is State.SEALED:
        assert course[-3:] == ["submit", "pass", "seal"]
    assert (rules.why_not_change(state) is None) == (state in (State.COMPILING, State.RETURNED))


def test_an_order_holds_all_papers_once():
    one, other = uuid4(), uuid4()
    assert rules.why_not_order([one, other], [other, one]) is None
    for wrong in ([one], [one, one], [one, other, uuid4()]):
        assert rules.why_not_order([one, other], wrong) is rules.OTHER_PAPERS


@pytest.mark.parametrize(
    ("kind", "group"), [("cases.penalty", "decision"), ("property.seizure_list", "evidence"), ("?", "other")]
)
def test_each_kind_of_paper_has_its_part_of_the_file(kind, group):
    assert tables.group_of(kind).id == group
