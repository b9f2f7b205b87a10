"""Which subjects can be proved to outsiders from their page, who may see them, and whose look covers their contents."""

from typing import Any

from qingkong.domains.enforcement.calls import queries as calls
from qingkong.domains.enforcement.cases import queries as cases
from qingkong.domains.enforcement.dossiers import queries as dossiers
from qingkong.domains.enforcement.evidence import queries as evidence
from qingkong.domains.enforcement.property import queries as exhibits
from qingkong.kernel.text import zh
from qingkong.web import proving
from qingkong.web.proving import Provable


def hang() -> None:
    """Called once by the wiring."""
    proving.hang("calls.call", Provable("calls.see", lambda a, k: calls.get_call(actor=a, id=k), _itself, _number))
    proving.hang("cases.case", Provable("cases.see", lambda a, k: cases.get_case(actor=a, id=k), _itself, _number))
    proving.hang(
        "cases.report", Provable("cases.see_reports", lambda a, k: cases.get_report(actor=a, id=k), _itself, _number)
    )
    proving.hang(
        "evidence.evidenceitem",
        Provable("evidence.see", lambda a, k: evidence.get_item(actor=a, id=k), _itself, _number),
    )
    proving.hang(
        "property.exhibit",
        Provable("property.see", lambda a, k: exhibits.exhibit(actor=a, exhibit_id=k), _case, _number),
    )
    proving.hang(
        "dossiers.dossier",
        Provable("dossiers.see", lambda a, k: dossiers.dossier(actor=a, dossier_id=k), _case, _dossier),
    )


def _itself(subject: Any) -> Any:
    return subject


def _case(subject: Any) -> Any:
    return subject.case


def _number(subject: Any) -> Any:
    return subject.number


def _dossier(subject: Any) -> Any:
    return zh("{case} 卷宗", case=subject.case.number)
