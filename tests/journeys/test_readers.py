"""Those who read: what each post sees, and what it is refused; the public and the wall."""

import re

import pytest

CASE = "/desk/cases/01990000-0000-7000-8000-000000000000/"
EXAMPLE = "沙河站镇前河涯村村委会门前"  # a place is written in Chinese in any language
PUBLIC = ["/", "/progress/", "/evaluate/", "/results/", "/limits/", "/course/", "/supervision/", "/check/", "/progress/looks/"]  # fmt: skip


FILED: dict[str, tuple[str, str]] = {}


@pytest.fixture
def case(address, request):
    """A filed case that all of this page read: (number, address)."""
    if address not in FILED:
        FILED[address] = _file(request.getfixturevalue("officer"), request.getfixturevalue("report"))
    return FILED[address]


def _file(officer, report):
    report("集市上故意损毁摊位")
    handler, legal = officer("民警", "派出所"), officer("法制员", "派出所")
    handler.go("/desk/reports/").follow("集市上故意损毁摊位").follow("立案", within=".qk-acts")
    officers = handler.page.locator("main [name=second] option").all_inner_texts()
    second = next(words for words in officers[2:] if handler.called not in words)
    handler.fill(kind="administrative", offence="故意损毁财物", lead=handler.called, second=second, legal=legal.called)
    handler.click("立案", within="main form").follow("登记当事人", within="main")
    handler.fill(role="victim", name="示例受害人").click("登记", within="main form")
    assert "示例受害人" not in handler.page.content()
    return handler.number("A"), handler.path


def test_an_inspector_reads_a_case_and_opens_people_only_with_a_purpose(officer, case):
    number, where = case
    inspector = officer("督察").go(where).sees(number).doesnt_see("示例受害人")
    assert not inspector.page.locator("main .qk-acts a[href*=propose], main a[href*='parties/add']").count()
    inspector.go(f"{where}people/").fill(purpose="supervision", reference="").click("登记并查阅").doesnt_see(
        "示例受害人"
    )
    inspector.go("/desk/calls/take/", status=403).sees("不归您的岗位")
    inspector.go("/desk/findings/").go("/desk/satisfaction/").sees("答卷不足 30 份")


def test_a_supervisor_from_outside_sees_figures_and_no_content(officer, case):
    number, where = case
    supervisor = officer("外部监督员")
    supervisor.go("/desk/satisfaction/").sees("不排名次")
    for refused in (where, "/desk/cases/", "/desk/calls/", "/desk/reports/", "/desk/evidence/", "/desk/dossiers/"):
        supervisor.go(refused, status=403).sees("不归您的岗位").doesnt_see("集市上", number)
    supervisor.go(f"/desk/find/?q={number}").sees("没有找到").doesnt_see("集市上")
    supervisor.go("/desk/ledger/").doesnt_see("示例受害人", "集市上").go("/check/").sees("已签名")


def test_an_administrator_manages_accounts_and_sees_no_case(officer, case):
    number, where = case
    administrator = officer("账号管理员")
    for refused in (where, "/desk/calls/", "/desk/evidence/"):
        administrator.go(refused, status=403).doesnt_see("集市上", number)
    administrator.go("/desk/accounts/").follow("开立账号").fill(username="96001", name="示例新人", password="short")
    administrator.click("开立", within="main form").sees("至少十位")
    administrator.fill(password="qingkong-new-2026").click("开立", within="main form").sees("示例新人")
    administrator.sees("还没有岗位").fill(unit="沙河站派出所", post="auxiliary").click("任用", within="main").sees(
        "辅警"
    )
    administrator.click("停用账号").sees("已停用")
    administrator.go("/desk/accounts/?q=96001").sees("示例新人", "已停用")


def test_the_bureau_leader_sees_the_county_and_another_station_does_not(officer, case):
    number, where = case
    officer("局领导").go("/desk/cases/").sees(number).go(where).sees("故意损毁财物")
    officer("大队长").go(where, status=404).doesnt_see("集市上", number)


def test_an_auxiliary_may_not_file_nor_look(officer, case):
    auxiliary = officer("辅警")
    auxiliary.go(case[1], status=403)
    auxiliary.go("/desk/reports/register/", status=403)
    auxiliary.go("/field/")


def test_the_wall_shows_the_day_without_names(officer):
    wall = officer("接警员", width=1920).go("/board/").doesnt_see("示例")
    wall.go("/board/calls/").sees("数据时间").doesnt_see("示例甲", "13800")


def test_the_public_pages_stand_on_a_phone_and_without_a_script(visitor):
    phone, plain = visitor("群众", 360), visitor("群众", 360, java_script_enabled=False)
    for where in PUBLIC:
        phone.go(where)
        plain.page.goto(where)
        assert plain.page.locator("main").inner_text() == phone.page.locator("main").inner_text(), where
    assert not plain.problems


def test_a_wrong_code_gets_the_same_page_as_a_right_one(visitor, report):
    _, code = report("河边钓具被盗", phone="19900007777")
    answers = []
    for given, phone in ((code, "19900007777"), ("AAAA-BBBB-CCCC-DDDD", "19900007777"), (code, "19900000000")):
        resident = visitor("群众", 360).go("/progress/").fill(code=given, phone=phone).click("下一步")
        answers.append(resident.page.locator("main").inner_text())
        resident.fill(digits="000000").click("查看进展").doesnt_see("河边钓具")
        answers[-1] += resident.page.locator("main").inner_text()
    assert len(set(answers)) == 1


def test_english_pages_say_the_same(officer):
    dispatcher = officer("接警员")
    dispatcher.page.locator(".qk-who summary").click()
    dispatcher.click("English").sees("My day")
    for where in ("/desk/calls/take/", "/desk/calls/", "/", "/progress/"):
        dispatcher.go(where)
        words = dispatcher.page.locator(
            "main :is(h1, h2, label, legend, button, th, .govuk-hint, .qk-soft)"
        ).all_inner_texts()
        assert not re.search(r"[一-鿿]", "".join(words).replace(EXAMPLE, "")), where


def test_a_stranger_is_sent_to_sign_in(visitor):
    visitor("陌生人").go("/desk/cases/").sees("登录")
    visitor("陌生人", 360).go("/field/").sees("登录")


def test_five_wrong_passwords_lock_the_account_for_a_while(visitor):
    stranger = visitor("陌生人").go("/desk/sign-in/")
    for _ in range(5):
        stranger.fill(username="90003", password="wrong-password").click("登录", within="main")
    stranger.sees("暂时停用")


def test_the_api_page_works_under_the_security_policy(officer):
    programmer = officer("接警员")
    programmer.page.goto("/api/docs")
    programmer.page.locator("[data-path='/api/v1/calls/']").first.click()
    programmer.page.get_by_role("button", name="Try it out").click()
    programmer.page.get_by_role("button", name="Execute").click()
    programmer.page.locator(".live-responses-table .response-col_status", has_text="200").wait_for()
    assert not programmer.problems
