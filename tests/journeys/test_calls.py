"""A call: the dispatcher takes it and sends, the responder works on the phone, the dispatcher closes."""

import re

import pytest

PLACE = "沙河站镇前河涯村村委会门前"


@pytest.fixture
def call(officer):
    """A dispatcher on the page of a call just taken."""

    def take(what="两人因停车争吵，已动手推搡", kind="assault"):
        dispatcher = officer("接警员")
        dispatcher.go("/desk/calls/take/")
        dispatcher.fill(kind=kind, place=PLACE, what=what, caller_phone="19900001111", caller_name="示例甲")
        dispatcher.click("登记并取号").sees("已接警", what)
        return dispatcher

    return take


@pytest.fixture
def send(officer):
    """Send the officer whom the role picker offers; the dispatcher's page afterwards says so."""

    def sent(dispatcher, responder):
        dispatcher.follow("派警", within="main").fill(officers=re.compile(responder.called))
        dispatcher.click("派沙河站").sees("已派沙河站")
        return dispatcher

    return sent


def lose_network(responder):
    """Without a network, once the phone can stand alone."""
    responder.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    responder.context.set_offline(True)
    responder.offline = True


def find_network(responder):
    responder.context.set_offline(False)
    responder.page.get_by_text("都传完了。").wait_for()
    responder.offline = False
    responder.look()


def test_a_dispatcher_takes_a_call_sends_relays_and_closes(call, send, officer):
    dispatcher = call()
    responder = officer("民警", "派出所")
    send(dispatcher, responder)
    for pressed in ("签收", "出警", "到场"):
        dispatcher.click(pressed, within=".qk-presses").sees("已登记", "代登")
    dispatcher.follow("写反馈").fill(report="到场后双方已分开，经劝解各自离开，无人受伤。").click("反馈").sees("已反馈")
    dispatcher.follow("结警", within="main").fill(result="settled_on_scene", note="双方当场和解").click("结警").sees(
        "已结警", "双方当场和解"
    )
    dispatcher.go("/desk/calls/?show=all").sees(dispatcher.number("J"))


def test_a_call_is_not_closed_without_a_result(call):
    dispatcher = call()
    dispatcher.follow("结警", within="main").click("结警").sees("请选择")
    assert dispatcher.page.evaluate("document.activeElement.className") == "govuk-error-summary"


def test_a_responder_works_a_call_on_the_phone(call, send, officer, photo):
    responder = officer("民警", "派出所", width=360)
    dispatcher = send(call("电动自行车在超市门口被盗", kind="theft"), responder)
    number = dispatcher.number("J")
    responder.go("/field/").sees(number)
    responder.follow(number).sees("现场取证")
    for pressed in ("签收", "出警", "到场"):
        responder.click(pressed, within=".f-acts").sees(pressed)
    before = responder.page.locator(".f-steps__done").count()
    responder.click("已做：")
    assert responder.page.locator(".f-steps__done").count() == before + 1
    responder.follow("照片").fill(upload=photo(), note="停放位置概貌")
    responder.click("登记").sees("已登记", responder.number("D"))
    responder.follow("返回").follow("写反馈").fill(report="已询问车主，现场无监控，痕迹已拍照。").click("反馈").sees(
        "已反馈"
    )
    dispatcher.page.reload()
    dispatcher.look().sees("已询问车主")


def test_what_a_responder_does_without_a_network_arrives_once(call, send, officer, photo):
    responder = officer("民警", "派出所", width=360)
    dispatcher = send(call("货车撞断电线杆，没有人受伤", kind="danger"), responder)
    number = dispatcher.number("J")
    responder.go("/field/").follow(number)
    for pressed in ("签收", "出警", "到场"):
        responder.click(pressed, within=".f-acts")
    responder.follow("照片")
    scene = responder.path
    responder.go("/field/").follow(number).follow("写反馈")
    responder.page.reload()
    lose_network(responder)
    responder.fill(report="电线杆已断，")
    responder.page.wait_for_selector("form[data-kept]")
    responder.page.reload()
    responder.page.wait_for_function("document.querySelector('[name=report]').value === '电线杆已断，'")
    responder.fill(report="电线杆已断，已拉警戒线，等供电公司来人。").part("反馈", within="main form").click()
    responder.page.wait_for_url("**/field/queue/")
    responder.page.get_by_text("等待网络").wait_for()
    responder.look().sees("1 份待传", number)
    responder.page.goto(scene)
    responder.fill(upload=photo(7), note="断杆概貌").part("登记", within="main form").click()
    responder.page.wait_for_url("**/field/queue/")
    responder.page.get_by_text("2 份待传").wait_for()
    responder.look()
    dispatcher.page.reload()
    dispatcher.doesnt_see("等供电公司来人")
    find_network(responder)
    dispatcher.page.reload()
    dispatcher.look().sees("等供电公司来人")
    dispatcher.follow("证据", within="main").sees("断杆概貌")
    assert dispatcher.page.locator("main").inner_text().count("断杆概貌") == 1


def test_a_call_is_taken_by_the_keyboard_alone(officer):
    dispatcher = officer("接警员").go("/desk/calls/take/")
    keys = dispatcher.page.keyboard
    assert dispatcher.page.evaluate("document.activeElement.name") == "kind"
    for words in ("04", PLACE, "老人在集市走散"):
        keys.type(words)
        keys.press("Tab")
    with dispatcher.page.expect_navigation():
        keys.press("Shift+Tab")
        for _ in range(12):
            keys.press("Tab")
            if dispatcher.page.evaluate("document.activeElement.type") == "submit":
                break
        keys.press("Enter")
    dispatcher.look().sees("已接警", "老人在集市走散")
