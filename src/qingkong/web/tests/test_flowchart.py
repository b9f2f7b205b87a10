"""A chart from data: everything there, nothing on top of anything."""

from itertools import combinations
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingkong.kernel.text import zh
from qingkong.web.flowchart import BadFlow, Flow, Step, svg
from qingkong.web.flowchart.layout import lay_out
from qingkong.web.flowchart.measure import SMALL, TEXT, WIDEST, width, wrap
from qingkong.web.tests.gallery import case_flow

SVG = "{http://www.w3.org/2000/svg}"


@st.composite
def flows(draw):
    count = draw(st.integers(1, 14))
    steps = [
        Step(
            str(n),
            draw(st.text("立案调查取证ab，。 ", max_size=40)),
            draw(st.sampled_from(["step", "decision", "start", "end"])),
        )
        for n in range(count)
    ]
    pairs = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=20))
    return Flow(steps, [(str(a), str(b), draw(st.sampled_from(["", "是", "否"]))) for a, b in pairs])


def test_the_case_chart_is_a_picture_with_every_step_article_and_answer():
    picture = svg(case_flow())
    words = "".join(ElementTree.fromstring(picture).itertext())
    flow = case_flow()
    for step in flow.steps:
        assert str(step.text) in words.replace(" ", "") or str(step.text)[:4] in words
    assert all(str(label) in words for _, _, label in flow.arrows)
    assert "治安管理处罚法第九十条" in words


def test_it_can_be_read_aloud():
    root = ElementTree.fromstring(svg(case_flow()))
    ids = root.get("aria-labelledby").split()
    assert root.get("role") == "img"
    assert [root.find(f"{SVG}title").get("id"), root.find(f"{SVG}desc").get("id")] == ids
    assert "法制审核通过？，退回补充：调查取证" in root.find(f"{SVG}desc").text


def test_it_carries_no_style_and_no_script():
    picture = svg(case_flow())
    assert "style" not in picture and "script" not in picture


def test_words_are_escaped():
    picture = svg(Flow([Step("a", "<b>&", "start")], [], title='"<x>'))
    assert "<b>" not in picture and "&lt;b&gt;&amp;" in picture


def test_an_arrow_back_runs_outside_every_box():
    picture = lay_out(case_flow())
    back = next(link for link in picture.links if link.back)
    assert max(x for x, _ in back.points) > max(box.x + box.width / 2 for box in picture.boxes.values())


@given(flows())
@settings(max_examples=60, deadline=None)
def test_no_box_lies_on_another_and_all_lie_inside(flow):
    picture = lay_out(flow)
    for one, other in combinations(picture.boxes.values(), 2):
        apart = (
            abs(one.x - other.x) >= (one.width + other.width) / 2
            or abs(one.y - other.y) >= (one.height + other.height) / 2
        )
        assert apart, (one.step.key, other.step.key)
    for box in picture.boxes.values():
        assert box.x - box.width / 2 >= 0 and box.x + box.width / 2 <= picture.width
        assert box.top >= 0 and box.bottom <= picture.height
    ElementTree.fromstring(svg(flow))


@given(flows())
@settings(max_examples=60, deadline=None)
def test_an_arrow_crosses_no_box(flow):
    picture = lay_out(flow)
    for link in picture.links:
        if link.back:
            continue
        for (x1, y1), (x2, y2) in zip(link.points, link.points[1:], strict=False):
            for key, box in picture.boxes.items():
                if key in (link.path[0], link.path[-1]):
                    continue
                left, right = box.x - box.width / 2 + 1, box.x + box.width / 2 - 1
                inside = (
                    max(x1, x2) > left
                    and min(x1, x2) < right
                    and max(y1, y2) > box.top + 1
                    and min(y1, y2) < box.bottom - 1
                )
                assert not inside, (link.path, key)


@given(st.text("中文字，。abc 12", max_size=120))
def test_lines_are_never_wider_than_they_may_be(text):
    lines = wrap(text, TEXT, WIDEST)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width(line, TEXT) <= WIDEST + 2 * TEXT for line in lines)
    assert width("治安", SMALL) == 2 * SMALL


@pytest.mark.parametrize(
    ("steps", "arrows"),
    [
        ([Step("a", "一"), Step("a", "二")], []),
        ([Step("a", "一", "cloud")], []),
        ([Step("a", "一")], [("a", "b", "")]),
    ],
)
def test_contradictions_are_named(steps, arrows):
    with pytest.raises(BadFlow):
        Flow(steps, arrows)


def test_sentences_are_drawn_in_the_readers_language():
    assert "流程图" in svg(Flow([Step("a", zh("流程图"), "start")], []))
