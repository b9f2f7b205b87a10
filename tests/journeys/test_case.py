"""One event through the four gates: reported, filed, proved, decided, checked, closed, judged by the person it is about."""

import re

import pytest

POINTS = ("person", "facts", "nature", "law", "procedure", "measure")
PHONE = "19900002222"


@pytest.fixture
def people(officer):
    """The officers of the case, each at a screen of their own; made when first asked for."""

    class People(dict):
        def __missing__(self, post):
            self[post] = officer(post, "派出所" if post in ("民警", "法制员") else "")
            return self[post]

    return People()


def file_case(people, subject, *, kind, offence, **more):
    """The handler files a report as a case with a team of three."""
    handler, legal = people["民警"], people["法制员"]
    handler.go("/desk/reports/").follow(subject).follow("立案", within=".qk-acts")
    officers = handler.page.locator("main [name=second] option").all_inner_texts()
    second = next(words for words in officers[2:] if handler.called not in words)
    handler.fill(kind=kind, offence=offence, lead=handler.called, second=second, legal=legal.called, **more)
    return handler.click("立案", within="main form"), second


def prove(handler, case, photo, second):
    """A party, a picture that is registered and looked at, a thing seized on the spot."""
    handler.follow("登记当事人", within="main").fill(role="suspect", name="示例乙", phone="19900003333")
    handler.click("登记", within="main form").sees("已登记当事人").doesnt_see("示例乙")
    handler.go(f"{case}?tab=evidence").follow("登记证据", within="main")
    handler.fill(upload=photo(3), source="camera", note="现场概貌").click("收存并登记").sees("打开即登记一次查阅")
    recording = handler.number("D")
    handler.click("打开查看").until("查看图（衍生件）")
    assert handler.page.locator("main figure img").evaluate("shown => shown.complete && shown.naturalWidth") > 0
    handler.go(f"{case}?tab=property").follow("扣押", within="main .qk-acts")
    handler.fill(place_text="村委会门前", second_officer=second, holder_name="示例乙", recording=recording)
    handler.fill(**{"t1-name": "木棍", "t1-measure": "根"}).click("扣押并制作清单").sees("已扣押，清单", "二十四小时内")
    assert handler.number("E") in handler.reads("标签")
    assert "示例乙" in handler.reads("扣押清单")


def keep(people):
    """The head makes up the approval, the custodian takes the thing in."""
    people["所长"].go("/desk/").follow("答复扣押申请").fill(answer="yes").click("答复", within="main").sees("已答复")
    people["民警"].go("/desk/exhibits/").follow("木棍").follow("移交保管").click("移交", within="main form")
    custodian = people["财物保管员"].go("/desk/exhibits/").follow("木棍")
    custodian.fill(place="3-2-05", photographed=True, note="与清单一致").click("接收", within="main form")
    custodian.sees("已接收入库", "3-2-05")
    assert custodian.number("E") in custodian.reads("打印标签")


def decide(people, case):
    """Propose, tell, hear, review, decide, serve, execute."""
    handler, head = people["民警"], people["所长"]
    handler.go(case).follow("拟定处理意见").fill(party="嫌疑人1", fine="300", basis="治安管理处罚法第五十一条第一款")
    handler.fill(reasons="推倒示例甲，致其手臂擦伤，有陈述和病历证明。").click("拟定", within="main form")
    handler.follow("告知当事人").click("告知并制作笔录").sees("已告知")
    handler.follow("记录陈述申辩").fill(statement="没有意见。").click("记录", within="main form")
    handler.follow("提请法制审核").click("提请", within="main form").sees("法制审核中")
    section = people["法制大队民警"].go("/desk/").follow("法制审核：").follow("法制审核", within="main .qk-acts")
    section.fill(passed="yes", opinion="事实清楚，程序合法，处罚适当。").click("登记审核意见").sees("通过审核")
    handler.page.reload()
    handler.follow("报请决定", within="main").click("报请", within="main form").sees("已报请决定")
    head.go("/desk/").follow("决定：").follow("作出决定", within="main .qk-acts").click("作出决定", within="main form")
    head.sees("已作出决定：东公(沙)行罚决字")
    handler.page.reload()
    handler.follow("送达", within="main").fill(party="嫌疑人1", way="direct").click("登记送达")
    handler.follow("登记执行").fill(note="当日缴纳，收据已附。").click("登记", within="main form").sees("已执行")


def check(people, case):
    """The file is compiled, returned once with a demand for an explanation, then passed and sealed."""
    handler, legal = people["民警"], people["法制员"]
    handler.go(f"{case}?tab=dossier").follow("开始组卷").click("组卷并收入现有材料").sees(
        "受案登记表", "行政处罚决定书"
    )
    assert "行政处罚决定书" in handler.reads("打印卷内目录")
    handler.follow("提交法制员检查").click("提交法制员检查", within="main form").sees("已提交")
    judge(legal, facts_verdict="faulty", facts_reason="没有说明拍摄方位", facts_ask="explanation").sees("已退回")
    handler.go("/desk/").follow("法制员退回").fill(words="由北向南拍摄，当时未注明，不影响证明内容。")
    handler.click("回应", within="main form").sees("情况说明已入卷")
    handler.follow("提交法制员检查").click("提交法制员检查", within="main form")
    judge(legal).sees("检查通过", "目录校验值")
    handler.page.reload()
    handler.follow("封卷", within="main").click("封卷", within="main form").sees("已封卷")


def judge(legal, **faults):
    """The last check on six points."""
    legal.go("/desk/").follow("最后一次检查卷宗")
    if not legal.path.endswith("/check/"):
        legal.follow("检查六个方面")
    legal.fill(**{f"{point}_verdict": "sound" for point in POINTS})
    if faults:
        legal.page.locator(".qk-point").nth(POINTS.index("facts")).locator("summary").click()
        legal.fill(**faults)
    return legal.click("登记检查结果")


def close(people, case):
    """Not while a thing is undecided; the bureau leader decides, the custodian carries out, the head closes."""
    handler, head = people["民警"], people["所长"]
    handler.go(case).follow("案件结案").fill(ground="258-3").click("报请案件结案").sees("还有涉案财物没有决定怎样处理")
    leader = people["局领导"].go("/desk/exhibits/").follow("木棍").follow("决定怎样处理")
    leader.fill(way="confiscate", reason="作案工具，依法收缴。").click("决定", within="main form").sees("已决定")
    people["财物保管员"].go("/desk/exhibits/").follow("木棍").follow("办理：").fill(note="已销毁").click("已办完")
    handler.go(case).follow("案件结案").fill(ground="258-3").click("报请案件结案").sees("已报请审批")
    head.go("/desk/").follow("审批：案件结案").follow("批准", within="main").click("批准", within="main form")
    head.sees("已结案").doesnt_see("项未过")


def test_one_event_goes_through_the_four_gates(people, report, photo, visitor):
    number, code = report("村委会门前殴打他人")
    handler, second = file_case(people, "村委会门前殴打他人", kind="administrative", offence="殴打他人", complex=True)
    handler.sees("已立案").follow(number).sees("所立案件")
    handler.follow(handler.number("A"), within="main .qk-facts")
    case, case_number = handler.path, handler.number("A")
    prove(handler, case, photo, second)
    keep(people)
    decide(people, case)
    check(people, case)
    close(people, case)

    resident, outbox = visitor("群众", 360), people["民警"]
    resident.go("/").follow("查进展").fill(code=code, phone=PHONE).click("下一步")
    outbox.go("/desk/demo/messages/").until("验证码")
    digits = re.search(r"验证码 (\d{6})", outbox.page.locator("main").inner_text()).group(1)
    resident.fill(digits=digits).click("查看进展").sees(number, case_number, "案件已办结")
    resident.doesnt_see("示例乙", "木棍", "罚款")
    resident.follow("谁看过我的信息").sees("沙河站派出所", "办理本案本警")
    survey = re.search(rf"{case_number} 已办结.*?评价码 (\S{{19}})", outbox.page.locator("main").inner_text()).group(1)
    resident.go("/evaluate/").fill(code=survey, grade="5", told="no", comment="处理公道。").click("交给晴空").sees(
        "谢谢"
    )
    resident.go("/evaluate/").fill(code=survey, grade="1", told="no").click("交给晴空").sees("这个评价码不能用")


def test_a_criminal_case_is_filed_by_a_bureau_leader(people, report):
    report("夜间入室盗窃", nature="criminal")
    handler, _ = file_case(
        people, "夜间入室盗窃", kind="criminal", offence="盗窃", reason="有犯罪事实，需要追究刑事责任。"
    )
    handler.sees("已报请审批")
    leader = people["局领导"].go("/desk/").follow("审批：").sees("有犯罪事实", "盗窃")
    leader.follow("批准", within="main").click("批准", within="main form").sees("已批准", "盗窃案")
    assert leader.number("X")
    handler.page.reload()
    handler.look().sees(leader.number("X"))
