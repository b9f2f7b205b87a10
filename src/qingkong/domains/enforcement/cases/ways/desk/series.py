"""Series (串并案): the list, one, opening one, and putting cases into it."""

from uuid import UUID

from django.http import HttpResponse

from qingkong.domains.enforcement.cases import operations, queries
from qingkong.domains.enforcement.cases.ways import forms
from qingkong.domains.enforcement.cases.ways.desk.asking import back, form_page
from qingkong.kernel.text import zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest


@desk.page("series/", needs="cases.see", name="cases.all_series")
def list_series(request: DeskRequest) -> HttpResponse:
    return desk.render(request, "cases/all_series.html", series=queries.series(actor=request.actor))


@desk.page("series/open/", needs="cases.series")
def open_series(request: DeskRequest) -> HttpResponse:
    form = forms.SeriesForm(request.POST or None)
    if form.is_valid():
        made = operations.open_series(title=form.title, pattern=form.pattern, actor=request.actor, at=request.at)
        return desk.done(request, "desk:cases.series", zh("已建立 {number}。", number=made.number), series_id=made.pk)
    return desk.render(
        request, "desk/form.html", form=form, title=zh("建立串并案"), submit=zh("建立"),
        cancel=desk.url("desk:cases.all_series"),
    )  # fmt: skip


@desk.page("series/<uuid:series_id>/", needs="cases.see")
def series(request: DeskRequest, series_id: UUID) -> HttpResponse:
    """A series with the cases of it that the actor may see; joining another one."""
    found, rows, hidden = queries.get_series(actor=request.actor, id=series_id)
    form = forms.JoinForm(request.POST or None)
    if form.is_valid():
        case = queries.get_case_by_number(actor=request.actor, number=form.number)
        operations.join_series(series=found, case=case, reason=form.reason, actor=request.actor, at=request.at)
        return desk.done(request, "desk:cases.series", zh("{number} 已并入。", number=case.number), series_id=found.pk)
    return desk.render(request, "cases/series.html", subject=found, series=found, cases=rows, hidden=hidden, form=form)


@desk.page("cases/<uuid:case_id>/leave-series/", needs="cases.series")
def leave_series(request: DeskRequest, case_id: UUID) -> HttpResponse:
    case = queries.get_case(actor=request.actor, id=case_id)
    form = forms.ReasonForm(request.POST or None)
    if form.is_valid():
        operations.leave_series(case=case, reason=form.reason, actor=request.actor, at=request.at)
        return back(request, case, zh("已移出串并案。"))
    return form_page(request, case, form, title=zh("移出串并案"), submit=zh("移出"))
