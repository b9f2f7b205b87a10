"""Pages that keep themselves up to date: by the stream, or by asking where it is shut; hands and readers undisturbed."""

import re

import pytest

PLACE = "沙河站镇前河涯村村委会门前"
IN_TIME = 20_000  # milliseconds within which a page that asks every ten seconds has asked


def take(dispatcher):
    """A call taken at another desk; its number."""
    dispatcher.go("/desk/calls/take/").fill(kind="dispute", place=PLACE, what="两人争执，没有动手")
    return dispatcher.click("登记并取号").number("J")


def shown(desk, number):
    """Wait until the list has the call, without anybody loading the page anew."""
    desk.page.locator("#live-calls", has_text=number).wait_for(timeout=IN_TIME)


def on_the_stream(desk):
    is_live(desk.page, "stream")


def is_live(page, how):
    page.locator(f"html[data-live={how}]").wait_for(state="attached", timeout=IN_TIME)


def test_a_call_taken_at_one_desk_stands_at_the_other_and_takes_nothing_from_under_the_hands(officer):
    first, second = officer("接警员"), officer("接警员")
    number = take(second)
    desk = first.go("/desk/calls/").page
    on_the_stream(first)
    desk.evaluate("window.here = true")  # gone if the page were loaded anew
    desk.locator("#live-calls tr", has_text=number).locator("a").first.focus()
    href = desk.evaluate("document.activeElement.getAttribute('href')")
    newer = take(second)
    shown(first, newer)
    assert desk.evaluate("window.here") is True
    assert desk.evaluate("document.activeElement.getAttribute('href')") == href
    desk.locator("#live-said", has_text="警情列表已更新。").wait_for(state="attached", timeout=IN_TIME)
    assert desk.locator("#live-said").get_attribute("aria-live") == "polite"

    desk.keyboard.press("/")
    desk.keyboard.type("J20")
    newest = take(second)
    shown(first, newest)
    assert desk.evaluate("document.activeElement.id") == "command"
    assert desk.locator("#command").input_value() == "J20"
    first.look()


def test_where_the_stream_is_shut_the_list_asks_for_itself(officer):
    first, second = officer("接警员"), officer("接警员")
    first.page.route(re.compile("/live/stream"), lambda route: route.abort())
    first.offline = True  # the browser says in its console that the stream failed, as it should
    first.go("/desk/calls/")
    is_live(first.page, "polling")
    shown(first, take(second))


@pytest.mark.deep
def test_half_typed_words_in_a_part_that_is_live_stay_until_they_are_sent(officer):
    first, second = officer("接警员"), officer("接警员")
    desk = first.go("/desk/calls/").page
    on_the_stream(first)
    desk.evaluate(
        "() => { const field = document.createElement('input'); field.id = 'half'; field.setAttribute('aria-label', 'x');"
        " document.getElementById('live-calls').append(field); }"
    )
    desk.locator("#half").fill("写了一半")
    number = take(second)
    desk.wait_for_timeout(3000)  # long enough for a request that must not come
    assert desk.locator("#half").input_value() == "写了一半"
    assert desk.locator("#live-calls", has_text=number).count() == 0
    desk.locator("#half").fill("")
    desk.locator("#command").focus()
    shown(first, number)


@pytest.mark.deep
def test_my_day_and_the_lights_of_a_call_are_live(officer):
    dispatcher = officer("接警员")
    number = take(dispatcher)
    at_desk = dispatcher.page.context.new_page()  # a second window of the same officer
    at_desk.goto(dispatcher.page.url)
    is_live(at_desk, "stream")
    before = at_desk.locator("#live-lights").inner_html()
    assert before.strip()
    day = dispatcher.go("/desk/").page
    on_the_stream(dispatcher)
    assert day.locator("#live-day").get_attribute("hx-get") == "/desk/"
    asked = []
    for page in (day, at_desk):
        page.on("request", lambda request: asked.append(request.url) if request.resource_type == "xhr" else None)
    with day.expect_response(lambda answer: answer.url.endswith("/desk/"), timeout=IN_TIME):
        take(officer("接警员"))
    at_desk.wait_for_timeout(3500)
    assert any(url.endswith("/desk/") for url in asked)
    assert any("/desk/calls/" in url for url in asked)
    assert number


def test_signing_out_in_another_window_ends_the_stream_and_leaves_the_page_as_it_is(officer):
    here = officer("接警员")
    desk = here.go("/desk/calls/").page
    on_the_stream(here)
    desk.locator("#command").fill("J2026")
    there = here.context.new_page()
    there.goto("/desk/")
    there.locator("details.qk-who summary").click()
    with there.expect_navigation():
        there.get_by_role("button", name="退出登录").click()
    is_live(desk, "over")
    desk.locator("#live-said", has_text="登录已经结束").wait_for(state="attached", timeout=IN_TIME)
    assert desk.locator("#command").input_value() == "J2026"
