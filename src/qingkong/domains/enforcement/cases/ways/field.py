"""Register a report on the spot, on the phone: from the call the officer was sent to, or from what somebody tells."""

from django.http import HttpResponse

from qingkong.domains.enforcement.calls import queries as calls
from qingkong.domains.enforcement.cases import operations
from qingkong.domains.enforcement.cases.rules.states import Way
from qingkong.domains.enforcement.cases.ways import forms
from qingkong.kernel.text import zh
from qingkong.web import field
from qingkong.web.field import FieldRequest


@field.page("reports/register/", needs="cases.register")
def register(request: FieldRequest) -> HttpResponse:
    """`?call=J…` takes over what is known of the call; nothing is typed twice."""
    number = request.GET.get("call", "")
    call = calls.call_by_number(actor=request.actor, number=number) if number else None
    start = {"way": Way.SCENE}
    form = forms.FromCallForm(request.POST or None) if call else forms.RegisterForm(request.POST or None, initial=start)
    if form.is_valid():
        report = operations.register_report(call=call, **form.columns(), actor=request.actor, at=request.at)
        return field.done(request, "field:cases.registered", number=report.number)
    return field.render(request, "field/cases/report.html", form=form, call=call)


@field.page("reports/<str:number>/", needs="cases.register")
def registered(request: FieldRequest, number: str) -> HttpResponse:
    """What comes next: the receipt, at the window or here."""
    return field.render(
        request, "field/cases/registered.html", number=number, said=zh("已登记：{number}。", number=number)
    )
