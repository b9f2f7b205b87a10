"""Two stations in the middle of everything: the same subjects at each, made by each station's own officers."""

from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from qingkong.conftest import AT, SINCE
from qingkong.domains.enforcement.calls import operations as calls
from qingkong.domains.enforcement.calls.queries import Result
from qingkong.domains.enforcement.calls.tests import building as calling
from qingkong.domains.enforcement.cases import operations as cases
from qingkong.domains.enforcement.cases.rules.matters import Matter
from qingkong.domains.enforcement.cases.rules.states import Nature
from qingkong.domains.enforcement.cases.tests import build as casing
from qingkong.domains.enforcement.dossiers import operations as dossiers
from qingkong.domains.enforcement.dossiers.rules import Fault, ReturnAsk
from qingkong.domains.enforcement.dossiers.tests import making as filing
from qingkong.domains.enforcement.evidence.tests import building as proving
from qingkong.domains.enforcement.property import operations as things
from qingkong.domains.enforcement.property.tests import making as seizing
from qingkong.kernel import access, gates, notices, papers
from qingkong.kernel.access.accounts import appoint, make_account
from qingkong.kernel.identity.models import Appointment
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.text import zh

AT_THE_STATION = ("second_officer", "third_officer", "auxiliary", "window", "legal_officer")
LATER = AT + timedelta(hours=3)


def staffed(county: SimpleNamespace) -> SimpleNamespace:
    """The county as the other station sees it: its own officers under the same names."""
    other, officers = copy(county), copy(county.officers)
    other.station, other.other_station = county.other_station, county.station
    held = {"officer": county.stranger, "station_head": county.strange_head}
    for number, name in enumerate(AT_THE_STATION):
        post = Post("officer" if name.endswith("officer") and name != "legal_officer" else name)
        officer = make_account(username=f"U{number:03}", name=f"示例邻所{number}", actor=county.system, at=AT)
        appoint(officer=officer, unit=other.station, post=post, since=SINCE, actor=county.system, at=AT)
        held[name] = access.actor_for(Appointment.objects.select_related("officer", "unit").get(officer=officer))
        setattr(officers, name, officer)
    officers.officer, officers.station_head = county.officers.stranger, county.officers.strange_head
    for name, actor in held.items():
        setattr(other, name, actor)
    other.officers = officers
    return other


@dataclass(slots=True)
class Subjects:
    """One station's things: by an argument's name or `route argument`, and the numbers that programs use."""

    named: dict[str, Any]
    numbers: dict[str, str]
    things: dict[str, Any] = field(default_factory=dict)  # by kind, for asking the policy

    def of(self, route: str, argument: str) -> Any:
        return self.named.get(f"{route} {argument}", self.named.get(argument))


def made_by(county: SimpleNamespace) -> Subjects:
    """Make one of everything at a station, through the operations."""
    place = county.station.division_code
    sent = calling.a_response(county, calling.a_call(county, division_code=place))
    report, case = casing.report(county), casing.case(county)
    casing.party(county, case)
    decision = casing.decided(county, case)
    asked = cases.ask_approval(
        matter=Matter.FILE_CRIMINAL, report=casing.report(county, nature=Nature.CRIMINAL), reason="有犯罪事实",
        asks={**{role: str(one.pk) for role, one in casing.team(county).items()}, "offence": "盗窃"},
        actor=county.officer, at=AT,
    )  # fmt: skip
    series = cases.open_series(title="系列", pattern="手法相同", actor=county.officer, at=AT)
    exhibit = seizing.seize(county, case)[0]
    seizure = things.ask_to_seize(case=case, what="刀", reason="证据", actor=county.officer, at=AT)
    item = proving.register(county, case)
    line = notices.tell(text=zh("看一看"), subject=case, at=AT, officer_id=county.officer.officer_id)
    dossier, fault = _dossier(county)
    listed = exhibit.seizure_list
    return Subjects(
        named={
            "call_id": sent.call_id, "response_id": sent.pk, "report_id": report.pk, "case_id": case.pk,
            "decision_id": decision.pk, "approval_id": asked.pk, "desk:property.approve approval_id": seizure.pk,
            "series_id": series.pk, "exhibit_id": exhibit.pk, "list_id": listed.pk, "item_id": item.pk,
            "dossier_id": dossier.pk, "paper_id": dossier.papers.first().pk, "fault_id": fault.pk,
            "desk:property.paper paper_id": papers.of(listed)[0].pk, "desk:cases.paper paper_id": papers.of(case)[0].pk,
            "desk:cases.report_paper paper_id": papers.of(report)[0].pk, "what": "view", "kind": "calls.call", "key": sent.call_id, "line_id": line.pk,
            "number": report.number, "finding_id": _finding(county), "officer_id": county.officers.officer.pk,
        },
        numbers={
            "calls": sent.call.number, "cases": case.number, "evidence": item.number, "property": exhibit.number,
            "dossiers": dossier.case.number, "reports": report.number,
        },
        things={
            "call": sent.call, "case": case, "report": report, "exhibit": exhibit, "list": listed, "item": item,
            "dossier": dossier,
        },
    )  # fmt: skip


def _dossier(county: SimpleNamespace) -> tuple[Any, Any]:
    dossier = filing.submitted(county)
    dossiers.return_dossier(
        dossier=dossier, verdicts=filing.faulty("facts"), words="",
        faults=[Fault("facts", "没有说明", ReturnAsk.EXPLANATION, None)], actor=county.legal_officer, at=LATER,
    )  # fmt: skip
    dossier = dossier.fresh()
    return dossier, dossier.checks.get().faults.get()


def _finding(county: SimpleNamespace) -> Any:
    """A call closed although two stamps were never pressed."""
    response = calling.a_response(county, calling.a_call(county, division_code=county.station.division_code))
    calls.arrive(response=response, actor=county.officer, at=AT + timedelta(minutes=9))
    calls.report_back(response=response, report="已调解", actor=county.officer, at=AT + timedelta(minutes=20))
    closed = calls.close_call(
        call=response.call.fresh(), result=Result.SETTLED, note="处结", actor=county.dispatcher, at=LATER
    )
    return gates.open_findings(closed)[0].id
