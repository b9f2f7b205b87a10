"""Seizing on the spot, on the phone."""

from uuid import UUID

from django.http import HttpResponse

from qingkong.domains.enforcement.cases import queries as cases
from qingkong.domains.enforcement.property import operations, queries
from qingkong.domains.enforcement.property.ways import forms
from qingkong.kernel.text import zh
from qingkong.web import field
from qingkong.web.field import FieldRequest

LINES = 4


@field.page("seize/<uuid:case_id>/", needs="property.seize")
def seize(request: FieldRequest, case_id: UUID) -> HttpResponse:
    """A seizure on the spot: things, holder, second officer. Approval follows within 24 hours."""
    case = cases.get_case(actor=request.actor, id=case_id)
    form = forms.SeizeForm(
        request.POST or None, initial={"seized_at": request.at, "ground": forms.SeizeForm.ON_THE_SPOT},
        officers=queries.second_officers(actor=request.actor, at=request.at), approvals=[], count=LINES,
    )  # fmt: skip
    if form.is_valid():
        made = operations.seize(case=case, actor=request.actor, at=request.at, **form.circumstances())
        return field.done(
            request, "field:property.seized", zh("已扣押，清单 {number}。", number=made.number), list_id=made.pk
        )
    return field.render(
        request, "field/property/seize.html", case=case, form=form, lines=form.lines[:1], more_lines=form.lines[1:]
    )


@field.page("seized/<uuid:list_id>/", needs="property.see")
def seized(request: FieldRequest, list_id: UUID) -> HttpResponse:
    """What was just seized, and what must follow."""
    made = queries.seizure_list(actor=request.actor, list_id=list_id)
    return field.render(request, "field/property/seized.html", made=made, exhibits=queries.exhibits_on(made))
