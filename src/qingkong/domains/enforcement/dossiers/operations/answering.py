"""Answer a return: with what was done anew, dated when it was done, or with a written explanation."""

from datetime import datetime

from django.db import transaction

from qingkong.domains.enforcement.dossiers import rules, sources, tables
from qingkong.domains.enforcement.dossiers.models import Dossier, DossierPaper, ReturnedPoint
from qingkong.domains.enforcement.dossiers.operations import compiling
from qingkong.domains.enforcement.dossiers.operations.moving import locked
from qingkong.kernel import access, events, ledger, papers
from qingkong.kernel.access import Actor
from qingkong.kernel.identity import queries as identity
from qingkong.kernel.identity.posts import UnitKind
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import local, zh


class CannotAnswer(Refusal):
    """This doesn't answer what was returned; the message says why."""


@transaction.atomic
def answer_return(
    *, fault: ReturnedPoint, paper: DossierPaper | None = None, words: str = "", actor: Actor, at: datetime
) -> ReturnedPoint:
    """Answer one returned point.

    A repeat is answered by a `paper` of the file that was made after the return; an explanation by `words`, which
    become a paper of today (情况说明) behind the one that was returned. Raises CannotAnswer for a paper that was there
    before, for one that isn't in the file, for empty words, for a second answer.
    """
    dossier = locked(fault.check_made.dossier)
    access.require(actor, "dossiers.compile", dossier)
    fault = ReturnedPoint.objects.select_related("check_made", "paper").select_for_update(of=("self",)).get(pk=fault.pk)
    if dossier.state != rules.State.RETURNED:
        raise CannotAnswer(rules.WRONG_STATE.fill(state=rules.State(dossier.state).label, what=zh("回应退回")))
    if paper is not None and (paper.dossier_id != dossier.pk or paper.left_out_at is not None):
        raise CannotAnswer(zh("指出的材料不在卷内。"), field="paper")
    ask = rules.ReturnAsk(fault.ask)
    if reason := rules.why_not_answer(
        ask, answered=fault.answered_at is not None, words=words, made_at=paper.made_at if paper else None,
        returned_at=fault.check_made.at,
    ):  # fmt: skip
        how = rules.NO_BACKDATING if ask is rules.ReturnAsk.REPEAT else None
        raise CannotAnswer(reason, how=how, field="paper" if ask is rules.ReturnAsk.REPEAT else "words")
    answer = paper if ask is rules.ReturnAsk.REPEAT and paper else _explain(dossier, fault, words.strip(), actor, at)
    fault.answer(at=at, name=actor.name, paper=answer, words=words.strip())
    ledger.record(
        actor=actor, at=at, act="dossiers.answered", subject=dossier,
        facts={"point": fault.point, "ask": fault.ask, "paper": answer.title, "words": words.strip()},
    )  # fmt: skip
    events.announce("dossiers", dossier, unit_id=dossier.unit_id, at=at)
    return fault


def _explain(dossier: Dossier, fault: ReturnedPoint, words: str, actor: Actor, at: datetime) -> DossierPaper:
    """The explanation as a paper of today, behind the paper it is about."""
    point = tables.points()[fault.point].label
    about = f"关于本卷《{fault.paper.title}》" if fault.paper else f"关于“{point}”"
    made = papers.issue(
        kind="dossiers.explanation", subject=dossier, actor=actor, at=at,
        facts={
            "organ": _organ(),
            "parties": [f"案号：{dossier.case.number}"],
            "body": [f"{about}，法制员于{local(fault.check_made.at):%Y年%-m月%-d日}指出：{fault.reason}", "现说明如下：", words],
            "signed_by": dossier.unit.name,
            "signatures": [{"label": "说明人：", "name": actor.name, "dated": True}],
        },
    )  # fmt: skip
    source = sources.Available(
        rules.Source.EXPLANATION, made.subject_key, made.kind, "情况说明", made.number, made.sha256, at, actor.name
    )
    return compiling.put_in(dossier, source, after=fault.paper, actor=actor, at=at)


def _organ() -> str:
    bureau = identity.units(UnitKind.BUREAU).first()
    return bureau.name if bureau else ""
