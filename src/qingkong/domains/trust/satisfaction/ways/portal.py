"""评一评: the person answers with a code, without signing in."""

from datetime import timedelta

from django.http import HttpResponse

from qingkong.domains.trust.satisfaction import operations, queries, rules
from qingkong.domains.trust.satisfaction.rules import About, Grade, Told
from qingkong.kernel.text import local, zh
from qingkong.web import portal
from qingkong.web.forms import Form, RadioField, TextArea, TextField
from qingkong.web.portal import PortalRequest


class EvaluateForm(Form):
    code = TextField(label=zh("评价码"), max_length=40, hint=zh("在短信里，十六位字母和数字。"))
    grade = RadioField(label=zh("这件事办得怎么样？"), choices=Grade)
    told = RadioField(label=zh("有没有人告诉您怎么评？"), choices=Told, hint=zh("不管您怎么答，您的评价都算数。"))
    comment = TextArea(
        label=zh("还想说什么（可不填）"), required=False, rows=3, max_length=rules.COMMENT_LENGTH,
        hint=zh("请不要写姓名、电话和住址。"),
    )  # fmt: skip


@portal.page("evaluate/", name="satisfaction.evaluate")
def evaluate(request: PortalRequest) -> HttpResponse:
    """One code, one answer."""
    form = EvaluateForm(request.POST or None, initial={"code": request.GET.get("code", "")[:40]})
    if form.is_valid():
        operations.answer(**form.cleaned_data, actor=request.actor, at=request.at)
        return portal.render(request, "satisfaction/thanks.html", title=zh("谢谢，您的评价已收到"))
    return portal.render(request, "satisfaction/evaluate.html", form=form, title=zh("评一评"), submit=zh("交给晴空"))


@portal.page("results/", name="satisfaction.results")
def results(request: PortalRequest) -> HttpResponse:
    """What people answered in the last ninety days, county-wide."""
    today = local(request.at).date()
    since, until = today - timedelta(days=90), today + timedelta(days=1)
    found = [queries.public_result(about=about, since=since, until=until) for about in About]
    return portal.render(
        request, "satisfaction/results.html", title=zh("群众评出来的结果"), results=found, since=since, today=today
    )
