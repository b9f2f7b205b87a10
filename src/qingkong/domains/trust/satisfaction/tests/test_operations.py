"""Inviting, answering once, releasing in shuffled batches."""

import re
from datetime import timedelta

import pytest

from qingkong.conftest import AT, outcome
from qingkong.domains.trust.satisfaction import operations, queries
from qingkong.domains.trust.satisfaction.models import Answer, Invitation, WaitingAnswer
from qingkong.domains.trust.satisfaction.rules import About
from qingkong.kernel import access, ledger
from qingkong.kernel.refusals import Invalid, NotPermitted
from qingkong.kernel.text import local


@pytest.fixture
def sent(county, monkeypatch):
    """Codes as they would be sent, by the number they were sent for."""
    codes: dict[str, str] = {}
    really = operations.notices.send

    def keep(**notice):
        codes[notice["subject"].number] = re.search(r"评价码 ([A-Z0-9-]+)", notice["text"].in_chinese()).group(1)
        return really(**notice)

    monkeypatch.setattr(operations.notices, "send", keep)
    return codes


def invite(county, number="J2026-000001", phone="19900000001", at=AT):
    return operations.invite(
        about=About.CALL,
        number=number,
        unit_id=county.station.pk,
        phone=phone,
        actor=access.system("satisfaction"),
        at=at,
    )


def answer(county, code, grade="4", told="no", comment="", at=AT):
    operations.answer(code=code, grade=grade, told=told, comment=comment, actor=county.person, at=at)


def test_a_number_is_invited_once_and_only_by_the_system(county, sent):
    assert invite(county)
    assert invite(county) is None
    assert Invitation.objects.count() == 1
    with pytest.raises(NotPermitted):
        operations.invite(
            about=About.CALL, number="J9", unit_id=county.station.pk, phone="19900000001", actor=county.officer, at=AT
        )


def test_without_a_phone_nobody_is_invited(county, sent):
    assert invite(county, phone="") is None


def test_the_code_is_nowhere_in_the_database(county, sent):
    invitation = invite(county)
    code = sent["J2026-000001"].replace("-", "")
    assert code not in str(Invitation.objects.values().get())
    assert code not in invitation.code_digest


def test_a_code_is_spent_with_its_answer(county, sent):
    invite(county)
    answer(county, sent["J2026-000001"].lower())
    with pytest.raises(operations.CodeNotUsable):
        answer(county, sent["J2026-000001"])
    assert WaitingAnswer.objects.count() == 1


@pytest.mark.parametrize("bad", [{"grade": "6"}, {"told": ""}, {"comment": "长" * 201}])
def test_bad_input_spends_no_code(county, sent, bad):
    invite(county)
    with pytest.raises(Invalid):
        answer(county, sent["J2026-000001"], **bad)
    answer(county, sent["J2026-000001"])


def test_wrong_spent_and_expired_codes_are_refused_in_the_same_words(county, sent):
    invite(county)
    invite(county, "J2026-000002")
    answer(county, sent["J2026-000002"])
    said = set()
    for code, at in [("WRONG", AT), (sent["J2026-000002"], AT), (sent["J2026-000001"], AT + timedelta(days=31))]:
        with pytest.raises(operations.CodeNotUsable) as refused:
            answer(county, code, at=at)
        said.add(str(refused.value))
    assert len(said) == 1


def test_two_who_send_the_same_code_at_once_answer_once(in_parallel, county, sent):
    invite(county)
    both = [in_parallel(answer, county, sent["J2026-000001"]) for _ in range(2)]
    refused = [outcome(f) for f in both if outcome(f) is not None]
    assert len(refused) == 1 and isinstance(refused[0], operations.CodeNotUsable)
    assert WaitingAnswer.objects.count() == 1


def test_the_entry_of_an_answer_names_neither_code_nor_number(county, sent):
    invite(county)
    answer(county, sent["J2026-000001"])
    (line,) = ledger.timeline("satisfaction:answers")
    assert (line.act, line.reference, line.purpose) == ("satisfaction.answered", "", "")


def test_fewer_than_five_wait_and_five_are_released_with_new_keys_and_the_day(county, sent):
    for n in range(5):
        invite(county, f"J2026-{n:06}")
        if n == 4:
            assert operations.release(actor=access.system("satisfaction"), at=AT) == 0
        answer(county, sent[f"J2026-{n:06}"], grade=str(n + 1))
    waiting = set(WaitingAnswer.objects.values_list("pk", flat=True))
    assert operations.release(actor=access.system("satisfaction"), at=AT) == 5
    assert WaitingAnswer.objects.count() == 0
    released = Answer.objects.all()
    assert not waiting & {a.pk for a in released}
    assert {a.released_on for a in released} == {local(AT).date()}
    assert sorted(a.grade for a in released) == ["1", "2", "3", "4", "5"]


def test_a_result_is_hidden_until_thirty_and_counted_in_a_fixed_number_of_queries(
    county, sent, django_assert_max_num_queries
):
    span = {"since": local(AT).date(), "until": local(AT).date() + timedelta(days=1)}
    for n in range(30):
        invite(county, f"J2026-{n:06}")
        answer(county, sent[f"J2026-{n:06}"], grade="5" if n % 3 else "1", comment=f"第{n}句")
        if n == 28:
            operations.release(actor=access.system("satisfaction"), at=AT)
            assert not queries.public_result(about=About.CALL, **span).estimate.shown
            assert queries.comments(actor=county.officer, **span) == []
    for n in range(30, 34):
        invite(county, f"J2026-{n:06}")
        answer(county, sent[f"J2026-{n:06}"], grade="5")
    operations.release(actor=access.system("satisfaction"), at=AT)
    with django_assert_max_num_queries(3):
        found = queries.result(about=About.CALL, actor=county.officer, unit_id=county.station.pk, **span)
    assert found.estimate.answered == 34
    assert round(found.estimate.share, 1) == round(100 * 24 / 34, 1)
    assert len(queries.comments(actor=county.officer, **span)) == 20


def test_the_administrator_sees_no_result(county):
    with pytest.raises(NotPermitted):
        queries.result(about=About.CALL, since=local(AT).date(), until=local(AT).date(), actor=county.administrator)
