from qingkong.kernel.places.names import normal, readings, shown, written


def test_a_village_is_shown_without_its_committee():
    assert shown("前河涯村委会") == "前河涯村"
    assert shown("望驾村村委会") == "望驾村"
    assert shown("刘范村社区居委会") == "刘范村社区"
    assert shown("沙河站镇") == "沙河站镇"


def test_a_village_is_written_in_many_ways():
    assert {"前河涯", "前河涯村", "前河涯村委会", "前河涯村村委会", "前河涯村民委员会"} <= set(written("前河涯村委会"))
    assert {"刘范", "刘范村", "刘范村社区", "刘范社区", "刘范村居委会"} <= set(written("刘范村社区居委会"))


def test_a_township_is_written_with_and_without_its_kind():
    assert written("沙河站镇") == ["沙河站镇", "沙河站"]
    assert {"东平街道", "东平", "东平街道办事处"} <= set(written("东平街道"))


def test_no_way_of_writing_is_shorter_than_two_characters():
    assert "闫" not in written("闫村社区居委会")
    assert "赵" not in written("赵村委会")


def test_gaps_are_remembered_where_they_stood():
    assert normal("沙河站　前河涯，3 号") == ("沙河站前河涯3号", frozenset({3, 6, 7}))


def test_a_surname_is_read_both_ways():
    assert readings("单楼") == [("danlou", "dl"), ("shanlou", "sl")]
