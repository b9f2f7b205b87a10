"""Who may do and see what with a case file, and what closing asks of it."""

from datetime import datetime
from typing import Any

from qingkong.domains.enforcement.cases import queries as cases
from qingkong.domains.enforcement.dossiers import queries
from qingkong.kernel import access, gates, ledger, papers
from qingkong.kernel.access import Actor, post, predicate, the_system
from qingkong.kernel.gates import Check, Gate
from qingkong.kernel.identity.posts import HANDLING, Post
from qingkong.kernel.text import Sentence, zh


def _case(subject: Any) -> Any:
    return getattr(subject, "case", subject)


@predicate
def sees_case(actor: Actor, subject: Any) -> bool:
    """Whoever sees the case sees its file."""
    return access.may(actor, "cases.see", None if subject is None else _case(subject))


@predicate
def handles(actor: Actor, subject: Any) -> bool:
    """Lead or second of the case; true while only the page is asked for."""
    if subject is None:
        return True
    return any(m.officer_id == actor.officer_id and m.role in queries.HANDLERS for m in _case(subject).team)


@predicate
def of_the_team(actor: Actor, subject: Any) -> bool:
    """In the team of the case, in any role; true while only the page is asked for."""
    return subject is None or cases.in_team(actor, _case(subject))


officers = post(*HANDLING)
checkers = post(Post.LEGAL_OFFICER, Post.LEGAL_SECTION)

MAY = {
    "dossiers.see": sees_case | the_system,
    "dossiers.compile": (officers & handles) | the_system,
    "dossiers.check": checkers,  # whose file it is, the operation asks: it has more to say than "not yours"
    "dossiers.seal": (officers & handles) | (checkers & of_the_team) | the_system,
    "dossiers.read": sees_case & ~post(Post.CASE_OFFICE),
}
LABELS = {
    "dossiers.see": zh("查看卷宗目录"),
    "dossiers.compile": zh("组卷"),
    "dossiers.check": zh("最后一次检查卷宗"),
    "dossiers.seal": zh("封卷"),
    "dossiers.read": zh("阅卷"),
}
ACTS = {
    "dossiers.opened": zh("开始组卷"),
    "dossiers.added": zh("材料入卷"),
    "dossiers.left_out": zh("材料不入卷"),
    "dossiers.ordered": zh("调整卷内顺序"),
    "dossiers.submitted": zh("提交法制员检查"),
    "dossiers.withdrawn": zh("撤回提交"),
    "dossiers.returned": zh("法制员退回卷宗"),
    "dossiers.answered": zh("回应退回"),
    "dossiers.passed": zh("最后一次检查通过"),
    "dossiers.reopened": zh("重新开卷"),
    "dossiers.sealed": zh("封卷"),
    "dossiers.read": zh("阅卷"),
}


def _not_passed(subject: Any, at: datetime) -> Sentence | bool:
    return queries.why_not_passed(subject) or False


CHECKS = [
    Check(
        "dossiers.passed", gate=Gate.CLOSING, at_step="cases.close", article="公安机关办理行政案件程序规定第一百七十条",
        sentence=zh("法制员还没有检查通过本案卷宗。"), how=zh("把卷宗提交本案法制员，六个方面检查通过以后再结案。"),
        fails=_not_passed,
    ),
]  # fmt: skip


def register() -> None:
    """Hang permissions, acts, checks and kinds of paper into the kernel."""
    access.register(MAY, labels=LABELS)
    ledger.register_acts(ACTS)
    gates.register(CHECKS)
    papers.register("dossiers.explanation", "statutory", title=zh("情况说明"))
    papers.register("dossiers.cover", "cover", title=zh("卷宗封面"))
    papers.register("dossiers.catalogue", "list", title=zh("卷内目录"))
