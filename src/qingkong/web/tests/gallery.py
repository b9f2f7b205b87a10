"""Every component on one page, for looking and for tests: pages that exist only while tests run."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.http import HttpResponse
from django.urls import include, path

from qingkong.kernel import gates
from qingkong.kernel.gates.asking import Answer, Failed
from qingkong.kernel.refusals import NotPermitted, Refusal
from qingkong.kernel.text import Labelled, zh
from qingkong.project import urls as project_urls
from qingkong.web import board, desk, errors, field, forms, portal
from qingkong.web.flowchart import Flow, Step
from qingkong.web.routes import Face

TEMPLATES = Path(__file__).parent / "templates"
AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


# Faces of their own, so that the printed matrix never holds a page of the gallery.
extra = {
    face.name: Face(face.name, shell=face.shell, public=face.public)
    for face in (desk.face, portal.face, field.face, board.face)
}


class Colour(Labelled):
    RED = "red", zh("红")
    GREEN = "green", zh("绿")
    BLUE = "blue", zh("蓝")


class Everything(forms.Form):
    name = forms.TextField(zh("姓名"), width=10)
    why = forms.TextArea(zh("为什么"), hint=zh("写给下一个人看。"))
    colour = forms.ChoiceField(zh("颜色"), Colour)
    flag = forms.RadioField(zh("旗"), Colour, hints={"red": zh("停下")})
    several = forms.ChecksField(zh("可多选"), Colour, required=False)
    born_on = forms.DateField(zh("出生日期"), parts=True)
    seen_at = forms.MomentField(zh("看见的时间"))
    place = forms.PlaceField()
    value = forms.MoneyField(zh("价值"))
    phone = forms.PhoneField(zh("电话"))
    id_number = forms.IdNumberField(zh("身份证号码"), required=False)
    count = forms.IntegerField(zh("件数"), minimum=1, maximum=99)
    papers = forms.FilesField(zh("附件"), required=False)
    agreed = forms.CheckField(zh("已向本人宣读"), required=True)


class Short(forms.Form):
    word = forms.TextField(zh("词"), max_length=20)


WRONG_WORD = zh("这个词今天不收。")
OTHER_WORD = zh("换一个词。")
done_words: list[str] = []


@extra["desk"].page("gallery/", needs="web.sign_in", name="web.gallery")
def gallery(request: desk.DeskRequest) -> HttpResponse:
    form = Everything(request.POST or None, request.FILES or None)
    if form.is_valid():
        return desk.done(request, "desk:web.gallery", zh("都收下了。"))
    return desk.render(request, "gallery/desk.html", form=form, **invented(request.at), chart=case_flow())


@extra["desk"].page("gallery/word/", needs="web.sign_in", name="web.word")
def word(request: desk.DeskRequest) -> HttpResponse:
    form = Short(request.POST or None)
    if form.is_valid():
        if form.word == "refused":
            raise Refusal(WRONG_WORD, how=OTHER_WORD, field="word", number="A1")
        if form.word == "gate":
            raise closed_gate()
        if form.word == "fault":
            raise ZeroDivisionError
        done_words.append(form.word)
        return desk.done(request, "desk:web.word", zh("收下：{word}", word=form.word))
    return desk.render(request, "desk/form.html", form=form, title=zh("一个词"), submit=zh("收下"))


def closed_gate() -> gates.GateClosed:
    """What a gate raises where two blocking checks failed."""
    failed = [
        Failed(
            f"gallery.{n}",
            gates.Gate.PROCESS,
            zh("缺第{n}件。", n=n),
            "木棍 1 根。",
            zh("补上第{n}件。", n=n),
            "程序规定第一百九十条",
            True,
            "",
        )
        for n in (1, 2)
    ]
    return gates.GateClosed(Answer("gallery.close", "gallery.thing:1", "A2026-000418", None, failed, [], [], []))


@extra["desk"].page("gallery/refused/", needs="web.sign_in", name="web.refused")
def refused(request: desk.DeskRequest) -> HttpResponse:
    raise NotPermitted(zh("这一页不给人看。"), how=zh("回去吧。"))


@extra["desk"].page("gallery/none/", needs="accounts.manage", name="web.none")
def none(request: desk.DeskRequest) -> HttpResponse:
    return desk.render(request, "desk/page.html", title="")


@extra["portal"].page("gallery/", needs="public", name="web.progress")
def progress(request: portal.PortalRequest) -> HttpResponse:
    form = Short(request.POST or None)
    if form.is_valid():
        return portal.done(request, "portal:web.progress", zh("收到了，谢谢您。"))
    steps = [
        {"text": zh("已登记，给了您回执"), "note": "11 月 3 日 08:58", "state": "done"},
        {"text": zh("已立案"), "note": "11 月 3 日 10:12 · 治安管理处罚法第九十条", "state": "done"},
        {"text": zh("正在调查取证"), "note": zh("伤情鉴定期间不计入期限"), "state": "now"},
        {"text": zh("作出决定，送达您"), "note": zh("最迟 12 月 3 日"), "state": "next"},
        {"text": zh("请您评价"), "note": "", "state": "next"},
    ]
    return portal.render(request, "gallery/portal.html", steps=steps, form=form, back="/")


@extra["field"].page("gallery/", needs="web.sign_in", name="web.scene")
def scene(request: field.FieldRequest) -> HttpResponse:
    words = [
        "打开记录仪，全程录",
        "看有没有人受伤、有没有危险",
        "报警人身份与联系方式",
        "停放位置：概貌、中景、细目各一张",
        "断锁、撬痕：先拍后动",
        "清单签名",
    ]
    states = ["done", "done", "done", "now", "next", "next"]
    steps = [
        {"text": w, "state": s, "note": "细目带比例尺。为什么：痕迹会消失" if s == "now" else ""}
        for w, s in zip(words, states, strict=True)
    ]
    items = [
        {"url": "#", "icon": "camera", "label": zh("照片"), "on": True}, {"url": "#", "icon": "video", "label": zh("录像")},
        {"url": "#", "icon": "pencil-ruler", "label": zh("草图")}, {"url": "#", "icon": "receipt-text", "label": zh("回执")},
    ]  # fmt: skip
    form = Short(request.POST or None)
    if form.is_valid():
        done_words.append(form.word)
        return field.done(request, "field:web.scene", zh("已存。"))
    return field.render(request, "gallery/field.html", steps=steps, items=items, form=form)


@extra["board"].page("gallery/", needs="web.sign_in", name="web.figures")
def figures(request: board.BoardRequest) -> HttpResponse:
    return board.render(request, "gallery/board.html")


def case_flow() -> Flow:
    """A chart with decisions, a loop and long arrows."""
    steps = [
        Step("call", "接到报警", "start", "", "接警员"),
        Step("come", "派警、到场，全程录音录像", "step", "执法记录工作规定第五条", "民警"),
        Step("crime", "属于公安机关管辖？", "decision", "程序规定第六十一条", "民警"),
        Step("away", "告知向有关机关反映", "end", "程序规定第六十一条第三款"),
        Step("register", "接报案登记，当场出具回执", "step", "程序规定第六十一条", "民警"),
        Step("facts", "有违法事实？", "decision", "治安管理处罚法第九十条", "所长"),
        Step("decline", "不予立案，书面告知理由", "end", "治安管理处罚法第九十条"),
        Step("file", "立案，指定二名民警和一名法制员", "step", "治安管理处罚法第一百零八条", "所长"),
        Step("evidence", "调查取证", "step", "", "主办民警"),
        Step("mediate", "可以调解？", "decision", "治安管理处罚法第九条"),
        Step("agreement", "调解，达成协议并履行", "step", "治安管理处罚法第九条"),
        Step("notice", "告知拟作出的处罚和权利", "step", "治安管理处罚法第一百一十二条"),
        Step("review", "法制审核通过？", "decision", "治安管理处罚法第一百一十四条", "法制大队"),
        Step("decide", "作出处罚决定，送达，执行", "step", "", "局领导"),
        Step("close", "结案", "end", "程序规定第二百五十八条"),
    ]
    arrows = [
        ("call", "come", ""), ("come", "crime", ""), ("crime", "away", "不属于"), ("crime", "register", "属于"), ("register", "facts", ""),
        ("facts", "decline", "没有"), ("facts", "file", "有"), ("file", "evidence", ""), ("evidence", "mediate", ""),
        ("mediate", "agreement", "可以"), ("mediate", "notice", "不可以"), ("agreement", "close", ""), ("notice", "review", ""),
        ("review", "evidence", "退回补充"), ("review", "decide", "通过"), ("decide", "close", ""),
    ]  # fmt: skip
    return Flow(steps, arrows, title="行政案件办理流程图")


def invented(at: datetime) -> dict[str, Any]:
    """What the components show, as domains would give it."""
    lights = [("案件源头", "ok", 7, 0), ("执法过程", "bad", 11, 1), ("结案", "idle", 0, 0), ("责任追究", "idle", 0, 0)]
    finding = SimpleNamespace(
        sentence="扣押物品未在 24 小时内移交保管员", article="公安机关办理行政案件程序规定第一百九十条", blocks=True,
        how="现在移交，并写明原因；不得补改时间。", detail="木棍 1 根（E2026-001093）",
    )  # fmt: skip

    def clock(name: str, article: str, percent: int, state: str, left: str, **more: Any) -> dict[str, Any]:
        known = {
            "name": name,
            "article": article,
            "due_at": at + timedelta(days=9),
            "stopped_at": None,
            "suspended": False,
            "local": False,
            "predicted": False,
        }
        return {"clock": SimpleNamespace(**{**known, **more}), "percent": percent, "state": state, "left": left}

    lines = [
        ("查看本页", True, None, "示例民警", "办理"), ("办案期限剩 10 日，已提醒主办民警和所长", False, 418207, "系统", ""),
        ("查阅全案", True, 418066, "示例法制员", "中期审查"), ("扣押 E2026-001093，清单一式两份，三方签名", False, 417951, "示例民警", ""),
    ]  # fmt: skip
    return {
        "lights": [SimpleNamespace(label=a, state=b, passed=c, open=d) for a, b, c, d in lights],
        "findings": [finding],
        "running": [
            clock("财物移交", "程序规定第一百九十条　二十四小时", 100, "overdue", "已超 14 小时 5 分"),
            clock("办案期限", "治安管理处罚法第一百一十八条　自立案之日起三十日", 70, "warn", "剩 9 天"),
            clock("扣押期限", "程序规定第一百一十二条　三十日", 7, "ok", "剩 28 天"),
            clock("答复留言", "本局承诺", 40, "ok", "中止中", suspended=True, local=True),
        ],
        "stopped": [clock("受案审查", "程序规定第六十一条", 30, "stopped", "已办结", stopped_at=at)],
        "lines": [
            SimpleNamespace(
                at=at - timedelta(hours=n * 9), sentence=s, is_look=look, sequence=number, sealed=number is not None,
                cosigned=n > 2, actor_name=who, post_label="民警" if who != "系统" else "", unit_name="沙河站派出所" if who != "系统" else "",
                purpose=why, reference="A2026-000418" if why else "", entry_id=str(n),
            )
            for n, (s, look, number, who, why) in enumerate(lines)
        ],
        "on": date(2026, 11, 24),
    }  # fmt: skip


def both(face: Face) -> tuple[list[Any], str]:
    """A face's own pages and the gallery's, under one namespace."""
    return [*face.urls()[0], *extra[face.name].urls()[0]], face.name


urlpatterns = [
    *[p for p in project_urls.urlpatterns if getattr(p, "namespace", None) not in extra],
    path("", include(both(portal.face))),
    path("desk/", include(both(desk.face))),
    path("field/", include(both(field.face))),
    path("board/", include(both(board.face))),
]
handler400 = errors.page_bad_request
handler403 = errors.page_not_allowed
handler404 = errors.page_not_found
handler500 = errors.page_at_fault
