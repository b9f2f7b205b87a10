"""What people type, cleaned or answered with a sentence."""

from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.template import Context, Engine, Template
from django.utils.datastructures import MultiValueDict
from hypothesis import given
from hypothesis import strategies as st

from qingkong.kernel.refusals import Invalid, Refusal
from qingkong.kernel.text import fen, zh
from qingkong.web import forms
from qingkong.web.forms import passes
from qingkong.web.tests.gallery import Colour, Everything, Short

pytestmark = pytest.mark.django_db


def cleaned(field, value):
    """What a field makes of a text, or its first complaint."""
    form = type("One", (forms.Form,), {"it": field})({"it": value})
    return form.cleaned_data["it"] if form.is_valid() else str(form.errors["it"][0])


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("200", 20000), ("199.50", 19950), ("1,299", 129900), ("０．０１", 1), ("0", 0)],
)
def test_money_becomes_whole_fen(typed, amount):
    assert cleaned(forms.MoneyField(zh("价值")), typed) == amount


@pytest.mark.parametrize("typed", ["-1", "1.234", "NaN", "Infinity", "两百", "1e99", "1/2"])
def test_what_is_no_money_is_said(typed):
    assert "请填金额" in cleaned(forms.MoneyField(zh("价值")), typed)


@given(st.integers(0, 10**13))
def test_money_shown_and_typed_again_is_the_same(amount):
    typed = fen(amount).removesuffix(" 元")
    assert forms.MoneyField(zh("价值")).clean(typed) == amount


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("199 0000 0000", "19900000000"),
        ("+86-19900000000", "19900000000"),
        ("0538-2820000", "05382820000"),
        ("110", "110"),
    ],
)
def test_phones_are_kept_as_digits(typed, kept):
    assert cleaned(forms.PhoneField(zh("电话")), typed) == kept


def test_a_phone_that_is_none_is_said():
    assert "11 位手机号" in cleaned(forms.PhoneField(zh("电话")), "12345678901")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("11010519491231002x", "11010519491231002X"), ("110105194912310021", "校验不对"), ("12345", "应为 18 位")],
)
def test_identity_numbers_are_checked_by_their_last_digit(typed, answer):
    assert answer in cleaned(forms.IdNumberField(zh("身份证号码")), typed)


@pytest.mark.parametrize("typed", ["2026-11-24", "2026/11/24", "2026年11月24日"])
def test_a_day_is_a_day(typed):
    assert cleaned(forms.DateField(zh("日期")), typed) == date(2026, 11, 24)


@pytest.mark.parametrize("typed", ["2026-02-30", "0000-01-01", "24", "明天", "2026-13-01"])
def test_what_is_no_day_is_said(typed):
    assert "没有这一天" in cleaned(forms.DateField(zh("日期")), typed)


def test_a_day_in_three_boxes_is_one_day():
    form = type("One", (forms.Form,), {"it": forms.DateField(zh("出生日期"), parts=True)})
    assert form({"it-year": "1958", "it-month": "3", "it-day": "9"}).is_valid()
    wrong = form({"it-year": "1958", "it-month": "13", "it-day": "9"})
    assert not wrong.is_valid() and wrong.summary[0][0] == "it-year"


@pytest.mark.parametrize("typed", ["2026-11-24T09:00", "2026-11-24 09:00", "2026/11/24 09:00:00"])
def test_a_moment_is_typed_on_the_countys_clock_and_kept_in_utc(typed):
    assert cleaned(forms.MomentField(zh("时间")), typed) == datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@given(st.text(max_size=40))
def test_no_text_breaks_any_field(text):
    for field in Everything.base_fields.values():
        form = type("One", (forms.Form,), {"it": field})({"it": text, "it-year": text, "it_code": text})
        if "place" not in type(field).__name__.lower():
            form.is_valid()


def test_a_choice_becomes_the_enumerations_member():
    assert cleaned(forms.ChoiceField(zh("颜色"), Colour), "red") is Colour.RED
    assert "从列出的里面选" in cleaned(forms.RadioField(zh("颜色"), Colour), "mauve")


def test_several_choices_become_a_list():
    form = type("One", (forms.Form,), {"it": forms.ChecksField(zh("颜色"), Colour)})
    bound = form(QueryDict("it=red&it=blue"))
    assert bound.is_valid() and bound.it == [Colour.RED, Colour.BLUE]
    assert not form(QueryDict("")).is_valid()


def test_a_box_that_must_be_ticked_says_so():
    assert cleaned(forms.CheckField(zh("已宣读"), required=True), "") == "请勾选：已宣读"
    assert cleaned(forms.CheckField(zh("已宣读"), required=True), "true") is True


def test_a_place_that_is_certain_needs_no_choice(county):
    place = cleaned(forms.PlaceField(), "沙河站镇前河涯村村委会门前")
    assert place.text == "沙河站镇前河涯村村委会门前" and place.division_code.startswith("370923")


def test_a_place_of_several_is_chosen_never_guessed(county):
    from collections import Counter

    from qingkong.kernel import places
    from qingkong.kernel.places import Division

    name, _ = Counter(Division.objects.values_list("name", flat=True)).most_common(1)[0]
    form_of = type("One", (forms.Form,), {"it": forms.PlaceField()})
    form = form_of({"it": name})
    assert not form.is_valid() and "请选是哪一个" in form.summary[0][1]
    code = places.find(name).candidates[1].code
    shown = Template("{% load qk %}{% field form.it %}", engine=Engine.get_default()).render(Context({"form": form}))
    assert shown.count('type="radio"') >= 2 and f'value="{code}"' in shown
    chosen = form_of({"it": name, "it_code": code})
    assert chosen.is_valid() and chosen.it.division_code == code
    assert not form_of({"it": name, "it_code": "110101001001"}).is_valid()


def test_an_empty_file_and_a_large_one_are_said_by_name():
    form_of = type("One", (forms.Form,), {"it": forms.FilesField(zh("附件"), limit=1)})
    files = MultiValueDict({"it": [SimpleUploadedFile("空.txt", b"")]})
    assert "“空.txt”是空的" in form_of({}, files).errors["it"][0]
    large = MultiValueDict({"it": [SimpleUploadedFile("大.bin", b"x" * (2**20 + 1))]})
    assert "“大.bin”超过 1 MB" in form_of({}, large).errors["it"][0]
    assert (
        len(
            form_of(
                {}, MultiValueDict({"it": [SimpleUploadedFile("a", b"1"), SimpleUploadedFile("b", b"2")]})
            ).files.getlist("it")
        )
        == 2
    )


def test_an_officer_is_chosen_among_those_offered(county):
    from qingkong.kernel.identity import queries
    from qingkong.kernel.identity.posts import Post

    form_of = type("One", (forms.Form,), {"lead": forms.OfficerField(zh("主办民警"))})
    offered = list(queries.holders(Post.OFFICER, on=date(2026, 11, 24), unit=county.station))
    form = form_of({"lead": str(offered[0].officer_id)})
    form.fields["lead"].offer(offered)
    assert form.is_valid() and form.lead == offered[0].officer
    other = form_of({"lead": str(county.stranger.officer_id)})
    other.fields["lead"].offer(offered)
    assert not other.is_valid()


def test_cleaned_values_are_attributes():
    form = Short({"word": " 晴 "})
    assert form.is_valid() and form.word == "晴"
    with pytest.raises(AttributeError):
        form.nothing  # noqa: B018


def test_in_the_second_pass_the_form_that_said_yes_says_no():
    with passes.first() as accepted:
        assert Short({"word": "晴"}).is_valid()
    refusal = Refusal(zh("今天不行。"), how=zh("明天来。"), field="word")
    with passes.second(refusal, accepted):
        form = Short({"word": "晴"})
        assert not form.is_valid() and form.summary == [("word", "今天不行。明天来。")] and form.refusal is refusal
        assert Short({"word": "空"}, prefix="other").is_valid() is False  # its own field is missing
    assert Short({"word": "晴"}).is_valid()


def test_invalid_input_from_below_lands_at_its_fields():
    form = Short({"word": "晴"})
    form.is_valid()
    form.refuse(Invalid({"word": zh("已有。"), "elsewhere": zh("别处不对。")}))
    assert form.summary == [("", "别处不对。"), ("word", "已有。")]


def test_a_field_shows_label_hint_and_error_and_escapes_what_was_typed():
    form = Short({"word": '"><script>' * 5})
    form.is_valid()
    shown = Template("{% load qk %}{% field form.word %}", engine=Engine.get_default()).render(Context({"form": form}))
    assert 'for="word"' in shown and 'aria-describedby="word-error"' in shown and "<script>" not in shown
