"""The demo's people are plainly invented, its stories are played in order, its picker's guard holds."""

from datetime import timedelta
from random import Random

from qingkong.conftest import AT
from qingkong.project.demo import people
from qingkong.project.demo.stage import play


def test_invented_people_are_plainly_so():
    random = Random(1)
    assert people.officer_name(0) == "示例甲子" and len({people.officer_name(n) for n in range(180)}) == 180
    assert people.resident_name(random).startswith("演示")
    for _ in range(50):
        number = people.id_number(random)
        assert number.startswith("999999") and len(number) == 18
        assert people.phone(random).startswith("1990000")


def test_an_id_number_has_a_right_check_digit():
    number = people.id_number(Random(7))
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1)
    assert sum((10 if c == "X" else int(c)) * w for c, w in zip(number, weights, strict=True)) % 11 == 1


def test_stories_are_played_in_the_order_of_their_times_and_stop_at_the_present(transactional_db):
    done = []

    def story(name, *minutes):
        for minute in minutes:
            yield AT + timedelta(minutes=minute)
            done.append((minute, name))

    play([story("a", 1, 5, 99), story("b", 2, 3)], until=AT + timedelta(minutes=10))
    assert done == [(1, "a"), (2, "b"), (3, "b"), (5, "a")]


def test_a_call_and_what_comes_of_it_are_played_through_the_operations(county, settings):
    """One assault from the first ring to its closing: four gates, with papers, an exhibit, a file and a survey."""
    from qingkong.domains.enforcement.cases.queries import Case
    from qingkong.domains.trust.satisfaction.models import Invitation
    from qingkong.kernel import ledger
    from qingkong.project.demo import bureau as bureaus
    from qingkong.project.demo.calls import TOLD, call_story, scene
    from qingkong.project.demo.cases import assault

    settings.QINGKONG_DEMO = True
    bureau = bureaus.find()
    told = next(t for t in TOLD if t.kind == "assault")
    begin = AT - timedelta(days=28)

    def after(call, went, at, random):
        return assault(bureau, call, went, at, random)

    stories = [call_story(scene(bureau), Random(6), at=begin, told=told, village="370923101201", after=after)]
    play(stories, until=AT)
    case = Case.objects.get()
    assert case.state == "closed" and case.over_ground == "258-3"
    acts = [line.act for line in ledger.timeline(case.number, limit=300)]
    for act in ("cases.filed", "property.seized", "cases.decided", "cases.served", "cases.executed", "cases.closed"):
        assert act in acts, act
    assert Invitation.objects.filter(number=case.number).exists()
    assert ledger.verify().ok
