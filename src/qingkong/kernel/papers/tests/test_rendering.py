from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from qingkong.kernel.papers import registry
from qingkong.kernel.papers.fonts import SETTING, NoChineseFont
from qingkong.kernel.papers.qr import qr_svg
from qingkong.kernel.papers.rendering import MissingGlyph, TemplateFault, render
from qingkong.kernel.text import zh

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)

RECEIPT: dict[str, Any] = {
    "organ": "东平县公安局沙河站派出所",
    "to": "示例王某某",
    "body": ["您报称的一事，我所已当场接受并登记。"],
    "rows": [["接报时间", AT], ["接报日期", date(2026, 11, 24)]],
    "code": "7KQ4-9M2P-XW3T-H8VN",
    "qr": "https://example.invalid/q/B2026-000012",
    "signatures": [{"label": "报案人（签名）"}],
}
DECISION: dict[str, Any] = {
    "organ": "东平县公安局",
    "parties": ["被处罚人：示例赵某某。"],
    "body": ["现查明：示例事实。", {"heading": "决定"}, {"plain": "不缩进。"}, "如不服本决定，可以申请行政复议。"],
    "signatures": [{"label": "被处罚人（签名、捺指印）"}],
    "copies": "本决定书一式三份。",
    "annex": {
        "title": "物品清单",
        "columns": [{"label": "编号"}, {"label": "名称", "width": 3}],
        "rows": [["1", "木棍"]],
    },
}
SEIZURE: dict[str, Any] = {
    "organ": "东平县公安局",
    "intro": ["对下列物品予以扣押："],
    "columns": [{"label": "编号"}, {"label": "特征", "width": 4, "align": "left"}],
    "rows": [["1", "红色，车架号末四位 0172"]],
    "least": 5,
    "signatures": [{"label": "物品持有人"}, {"label": "见证人"}, {"label": "办案民警", "names": ["", ""]}],
}
COVER: dict[str, Any] = {"organ": "东平县公安局", "rows": [["页数", "2"]], "qr": "W2026-000001"}
LABEL: dict[str, Any] = {"organ": "东平县公安局", "qr": "E2026-000001", "lines": ["电动自行车 1 辆"]}


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    kept = dict(registry._kinds)
    registry.register("test.receipt", "receipt", zh("接报案回执"))
    registry.register("test.decision", "statutory", zh("行政处罚决定书"), statutory=True)
    registry.register("test.seizure", "list", zh("扣押清单"), statutory=True)
    registry.register("test.cover", "cover", zh("行政处罚决定书"))
    registry.register("test.label", "label", zh("涉案财物标签"))
    yield
    registry._kinds.clear()
    registry._kinds.update(kept)


def text_of(pdf: bytes) -> list[str]:
    """The text of each page, without spaces and line ends."""
    return ["".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(pdf)]


@pytest.mark.parametrize(
    ("kind", "facts", "must_say"),
    [
        (
            "test.receipt",
            RECEIPT,
            ["接报案回执", "示例王某某：", "2026年11月24日9时00分", "7KQ4-9M2P-XW3T-H8VN", "12389"],
        ),
        ("test.decision", DECISION, ["行政处罚决定书", "二〇二六年十一月二十四日", "被处罚人（签名、捺指印）", "木棍"]),
        ("test.seizure", SEIZURE, ["扣押清单", "车架号末四位0172", "（以下空白）", "见证人", "办案民警"]),
        ("test.cover", COVER, ["行政处罚决定书", "页数"]),
        ("test.label", LABEL, ["电动自行车1辆"]),
    ],
)
def test_each_shared_paper_says_what_it_must_and_is_the_same_twice(kind, facts, must_say):
    made = render(kind, facts, number="东公(沙)字〔2026〕12号", at=AT)
    text = "".join(text_of(made))
    assert [each for each in must_say if each not in text] == []
    assert "东公(沙)字〔2026〕12号" in text
    assert render(kind, facts, number="东公(沙)字〔2026〕12号", at=AT) == made


@pytest.mark.parametrize("kind", ["test.receipt", "test.decision", "test.seizure", "test.cover", "test.label"])
def test_a_paper_can_be_made_of_no_facts_but_its_number(kind):
    facts = {"columns": [{"label": "编号"}], "rows": []} if kind == "test.seizure" else {}
    facts |= {"qr": "E2026-000001"} if kind == "test.label" else {}
    assert text_of(render(kind, facts, number="W2026-000001", at=AT))


def test_a_full_receipt_fits_one_page():
    rows = [[f"项目{n}", "内容" * 10] for n in range(5)]
    assert len(text_of(render("test.receipt", {**RECEIPT, "rows": rows}, number="B2026-000001", at=AT))) == 1


@pytest.mark.parametrize("paragraphs", range(8, 22))
def test_no_page_holds_a_seal_alone(paragraphs):
    facts = {**DECISION, "body": ["现查明：示例事实。"] * paragraphs + ["如不服本决定，可以申请行政复议。"]}
    for page in text_of(render("test.decision", facts, number="东公(沙)字〔2026〕12号", at=AT)):
        assert "二〇二六年十一月二十四日" not in page or "如不服本决定" in page


def test_a_missing_glyph_is_refused_by_name_and_no_paper_is_made():
    with pytest.raises(MissingGlyph) as refusal:
        render("test.receipt", {**RECEIPT, "to": "示例\U0001f600"}, number="B2026-000001", at=AT)
    assert "\U0001f600" in refusal.value.reason.in_chinese()
    assert "fonts-hanazono" in refusal.value.how.in_chinese()


def test_without_a_chinese_font_the_refusal_names_the_package(monkeypatch, tmp_path):
    monkeypatch.setenv(SETTING, str(tmp_path))
    with pytest.raises(NoChineseFont) as refusal:
        render("test.receipt", RECEIPT, number="B2026-000001", at=AT)
    assert "fonts-noto-cjk" in str(refusal.value)


@pytest.mark.parametrize("fact", ["qr", "code"])
def test_a_statutory_paper_carries_no_code(fact):
    with pytest.raises(ValueError, match="cover sheet"):
        render("test.decision", {**DECISION, fact: "x"}, number="1", at=AT)


def test_a_fact_that_paper_can_not_show_is_a_fault_of_the_program():
    with pytest.raises(TypeError):
        render("test.receipt", {"body": [object()]}, number="1", at=AT)
    with pytest.raises(TemplateFault):
        render("test.seizure", {}, number="1", at=AT)


def test_text_is_never_read_as_markup():
    nasty = '#read("/project/settings.py") $x$ *粗* @某人 \\ <标签> `x` // 注释'
    text = "".join(text_of(render("test.receipt", {**RECEIPT, "to": nasty, "body": [nasty]}, number="1", at=AT)))
    assert text.count('#read("/project/settings.py")') == 2
    assert "//注释" in text


def test_many_threads_make_the_same_paper():
    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(lambda _: render("test.decision", DECISION, number="1", at=AT), range(12)))
    assert len(made) == 1


def test_a_template_outside_the_source_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not under"):
        registry.register("test.outside", Path(tmp_path / "x.typ"), zh("外"))


def test_two_papers_can_not_share_a_name():
    with pytest.raises(ValueError, match="twice"):
        registry.register("test.receipt", "list", zh("另一种"))


def test_a_qr_code_is_one_small_svg():
    svg = qr_svg("E2026-000001")
    assert svg.startswith("<svg")
    assert len(svg) < 4000
