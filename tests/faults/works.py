"""Every write path, ready to be broken off: `prepare(county)` makes what it needs in peace, and gives the work itself."""

import itertools
import re
import secrets
from datetime import timedelta

from qingkong.conftest import AT
from qingkong.domains.enforcement.calls import operations as calls
from qingkong.domains.enforcement.calls.rules import Result
from qingkong.domains.enforcement.calls.tests import building
from qingkong.domains.enforcement.cases import operations as cases
from qingkong.domains.enforcement.cases.rules.deciding import Penalty
from qingkong.domains.enforcement.cases.rules.matters import Matter, PartyRole, ServiceWay
from qingkong.domains.enforcement.cases.rules.states import CaseKind, Nature
from qingkong.domains.enforcement.cases.tests import build
from qingkong.domains.enforcement.dossiers import operations as dossiers
from qingkong.domains.enforcement.dossiers.tests import making as files
from qingkong.domains.enforcement.evidence import operations as evidence
from qingkong.domains.enforcement.evidence.tests import building as recordings
from qingkong.domains.enforcement.property import operations as things
from qingkong.domains.enforcement.property.tests import making as exhibits
from qingkong.domains.trust.disclosure import operations as disclosure
from qingkong.domains.trust.satisfaction import operations as satisfaction
from qingkong.domains.trust.satisfaction.rules import About
from qingkong.kernel import access, jobs, notices
from tests.faults.kernel_works import integrating, keeping_bytes, opening_an_account, printing, ringing

HOUR = timedelta(hours=1)
counted = itertools.count(1)


# --- calls ---------------------------------------------------------------------------------------------------------


def taking(county):
    return lambda: building.a_call(county)


def linking(county):
    main, again = building.a_call(county), building.a_call(county)
    return lambda: calls.link_repeat(call=again, to=main, actor=county.dispatcher, at=AT)


def dispatching(county):
    call = building.a_call(county)
    return lambda: building.a_response(county, call)


def stamping(county):
    response = building.a_response(county)
    return lambda: calls.acknowledge(response=response, actor=county.officer, at=AT + HOUR)


def closing(county):
    call = building.a_reported_response(county).call
    return lambda: calls.close_call(call=call, result=Result.CASE_WORTHY, actor=county.officer, at=AT + HOUR)


def settling(county):
    """Closing that makes a survey go out."""
    call = building.a_reported_response(county).call
    return lambda: calls.close_call(
        call=call, result=Result.SETTLED, note="当场和解", actor=county.officer, at=AT + HOUR
    )


# --- reports and cases ---------------------------------------------------------------------------------------------


def registering(county):
    return lambda: build.report(county, receipt=False)


def registering_a_call(county):
    call = building.a_call(county)
    return lambda: cases.register_report(
        call=call, nature=Nature.PUBLIC_ORDER, no_evidence_yet=True, reporter=build.REPORTER, actor=county.window, at=AT
    )


def handing_a_receipt(county):
    report = build.report(county, receipt=False)
    return lambda: cases.hand_receipt(report=report, actor=county.window, at=AT)


def filing(county):
    report = build.report(county)
    return lambda: build.case(county, report_=report)


def asking(county):
    report = build.report(county, nature=Nature.CRIMINAL)
    asks = {role: str(officer.pk) for role, officer in build.team(county).items()} | {"offence": "盗窃"}
    return lambda: cases.ask_approval(
        matter=Matter.FILE_CRIMINAL, report=report, asks={**asks, "division_code": build.VILLAGE}, reason="有犯罪事实",
        actor=county.officer, at=AT,
    )  # fmt: skip


def approving(county):
    request = asking(county)()
    return lambda: cases.approve(approval=request, actor=county.bureau_leader, at=AT)


def adding_a_party(county):
    case = build.case(county)
    return lambda: build.party(county, case, PartyRole.VICTIM)


def proposing(county):
    case = build.case(county)
    party = build.party(county, case)
    return lambda: cases.propose_decision(
        case=case, party=party, penalty=Penalty(fine_fen=50_000), basis="治安管理处罚法第五十一条", reasons="示例",
        actor=county.officer, at=AT,
    )  # fmt: skip


def noticing(county):
    decision = build.proposal(county, build.case(county))
    return lambda: cases.give_notice(decision=decision, actor=county.officer, at=AT)


def deciding(county):
    decision = build.asked(county, build.case(county))
    return lambda: cases.decide(decision=decision, actor=county.station_head, at=AT)


def serving(county):
    decision = build.decided(county, build.case(county))
    return lambda: cases.serve(
        decision=decision, party=decision.party, way=ServiceWay.DIRECT, actor=county.officer, at=AT + HOUR
    )


def ending(county):
    case = build.criminal(county)
    return lambda: cases.end_investigation(case=case, actor=county.bureau_leader, at=AT + HOUR)


def importing(county):
    rows = [cases.Imported(CaseKind.ADMINISTRATIVE, "殴打他人", county.station.pk, build.VILLAGE, AT) for _ in range(5)]
    return lambda: cases.import_cases(rows, actor=county.system, at=AT)


# --- evidence, property, files -------------------------------------------------------------------------------------


def registering_evidence(county):
    case = build.case(county)
    content = recordings.a_jpeg() + secrets.token_bytes(20)
    return lambda: recordings.register(county, case, content)


def linking_evidence(county):
    item = recordings.register(county, building.a_reported_response(county).call, recordings.a_jpeg())
    case = build.case(county)
    return lambda: evidence.link_evidence(item=item, case=case, actor=county.officer, at=AT)


def seizing(county):
    case = exhibits.open_case(county)
    return lambda: exhibits.seize(county, case)


def approving_a_seizure(county):
    """What was taken on the spot is approved within a day."""
    one = exhibits.seize(county, exhibits.open_case(county))[0]
    request = one.seizure_list.approval
    return lambda: things.answer_approval(
        approval=request, approve=True, words="情况属实", actor=county.station_head, at=AT + HOUR
    )


def handing_over(county):
    one = exhibits.seize(county, exhibits.open_case(county))[0]
    return lambda: exhibits.hand_over(county, one)


def taking_in(county):
    one = exhibits.hand_over(county, exhibits.seize(county, exhibits.open_case(county))[0])
    return lambda: things.accept_exhibit(exhibit=one, place="一库 1 架", actor=county.custodian, at=AT + 6 * HOUR)


def deciding_what_becomes_of_it(county):
    one = exhibits.keep(county, exhibits.seize(county, exhibits.open_case(county, kind=CaseKind.CRIMINAL))[0])
    return lambda: things.decide(
        exhibits=[one], way="return", reason="权属清楚", actor=county.bureau_leader, at=AT + 3 * HOUR
    )


def handing_back(county):
    case = exhibits.open_case(county, kind=CaseKind.CRIMINAL)
    ones = [exhibits.keep(county, one) for one in exhibits.seize(county, case, exhibits.BIKE, exhibits.BIKE)]
    things.decide(exhibits=ones, way="return", reason="权属清楚", actor=county.bureau_leader, at=AT + 3 * HOUR)
    owner = things.PersonGiven("示例车主", phone="19900000000")
    return lambda: things.return_to_owner(exhibits=ones, owner=owner, actor=county.custodian, at=AT + 4 * HOUR)


def compiling(county):
    one = dossiers.open_dossier(case=exhibits.open_case(county), actor=county.officer, at=AT)
    return lambda: dossiers.gather(dossier=one, actor=county.officer, at=AT)


def scanning(county):
    one = files.a_dossier(county)
    return lambda: files.scan(county, one, f"说明{next(counted)}", colour=f"rgb({next(counted) % 255},1,1)")


def submitting(county):
    one = files.a_dossier(county)
    return lambda: files.submitted(county, one)


def passing(county):
    one = files.submitted(county)
    return lambda: dossiers.pass_check(dossier=one, verdicts=files.SOUND, actor=county.legal_officer, at=AT + 2 * HOUR)


# --- the public ----------------------------------------------------------------------------------------------------


def inviting(county):
    return _inviting(county, f"J2026-8{next(counted):05}")


def _inviting(county, number):
    return lambda: satisfaction.invite(
        about=About.CALL, number=number, unit_id=county.station.pk, phone="19900000001",
        actor=access.system("satisfaction"), at=AT,
    )  # fmt: skip


def answering(county):
    number = f"J2026-7{next(counted):05}"
    _inviting(county, number)()
    text = next(sent.text for sent in notices.outbox(limit=5000) if number in sent.text)
    code = re.search(r"([A-Z0-9]{4}-){3}[A-Z0-9]{4}", text).group()
    return lambda: satisfaction.answer(code=code, grade="4", told="no", comment="", actor=county.person, at=AT)


def releasing(county):
    for _ in range(5):
        answering(county)()
    return lambda: satisfaction.release(actor=access.system("satisfaction"), at=AT)


def asking_for_progress(county):
    handed = cases.hand_receipt(report=build.report(county, receipt=False), actor=county.window, at=AT)
    return lambda: disclosure.ask(
        code=handed.code, phone=build.PHONE, address=f"192.0.2.{next(counted) % 250}", actor=county.person, at=AT
    )


# --- the kernel ----------------------------------------------------------------------------------------------------


def running_jobs(county):
    asking_for_progress(county)()
    return lambda: jobs.run_due(AT + HOUR)


WORKS = [
    taking, linking, dispatching, stamping, closing, settling, registering, registering_a_call, handing_a_receipt,
    filing, asking, approving, adding_a_party, proposing, noticing, deciding, serving, ending, importing,
    registering_evidence, linking_evidence, seizing, approving_a_seizure, handing_over, taking_in, deciding_what_becomes_of_it, handing_back,
    compiling, scanning, submitting, passing, inviting, answering, releasing, asking_for_progress, running_jobs,
    ringing, printing, keeping_bytes, opening_an_account, integrating,
]  # fmt: skip

IN_STAGES = {registering_evidence, running_jobs, ringing, releasing, integrating}
"""Works of several transactions, or of as much as waits: what of it is done is whole, and the rest is taken up later."""
