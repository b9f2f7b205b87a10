"""Who may register, see and open evidence, and what closing a call asks about it."""

from datetime import datetime
from typing import Any

from qingkong.domains.enforcement.evidence import queries
from qingkong.kernel import access, gates, ledger
from qingkong.kernel.access import Actor, post, predicate, the_system
from qingkong.kernel.access.retention import retain
from qingkong.kernel.gates import Check, Gate
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.text import zh


@predicate
def in_sight(actor: Actor, subject: Any) -> bool:
    """Whoever sees the case, or the call where there is no case, and who registered it; never the administrator."""
    return subject is None or queries.may_see(actor, subject)


@predicate
def adds(actor: Actor, subject: Any) -> bool:
    """To a call: its unit or its crew. To a case: its team or its unit's head."""
    return subject is None or queries.may_add_to(actor, subject)


@predicate
def handles(actor: Actor, subject: Any) -> bool:
    """The case's team or its unit's head; for a call alone, its unit or crew."""
    return subject is None or queries.may_add_to(actor, subject.case or subject.call)


police = post(Post.OFFICER, Post.WINDOW, Post.STATION_HEAD, Post.BRIGADE_HEAD)
reviewers = post(Post.LEGAL_OFFICER, Post.LEGAL_SECTION, Post.BUREAU_LEADER, Post.INSPECTOR)
registrars = police | post(Post.AUXILIARY)
watchers = registrars | reviewers | post(Post.DISPATCHER, Post.CASE_OFFICE)

MAY = {
    "evidence.see": (watchers & in_sight) | the_system,
    "evidence.register": (registrars & adds) | the_system,
    "evidence.look": ((police | reviewers) & in_sight) | the_system,
    "evidence.download": ((police & handles) | (reviewers & in_sight)),
    "evidence.link": (police & handles) | the_system,
    "evidence.derive": the_system,
}
LABELS = {
    "evidence.see": zh("查看电子证据目录"),
    "evidence.register": zh("登记电子证据"),
    "evidence.look": zh("查阅电子证据"),
    "evidence.download": zh("下载电子证据原件"),
    "evidence.link": zh("把电子证据归入案件"),
    "evidence.derive": zh("制作衍生件"),
}
ACTS = {
    "evidence.registered": zh("登记电子证据 {number}"),
    "evidence.quarantined": zh("登记并隔离电子证据 {number}：{reason}"),
    "evidence.linked": zh("电子证据 {number} 归入案件 {case}"),
    "evidence.downloaded": zh("下载电子证据原件 {number}"),
    "evidence.derived": zh("制作 {number} 的衍生件：{kind}"),
    "evidence.not_derived": zh("制作不了 {number} 的衍生件：{kind}"),
}


def _recording(subject: Any, at: datetime) -> bool:
    return queries.lacks_recording(subject)


CHECKS = [
    Check(
        "evidence.recording", gate=Gate.SOURCE, at_step="calls.close", fails=_recording, blocks=False,
        waivable_by=Post.INSPECTOR,
        article="公安机关现场执法视音频记录工作规定第四条",
        sentence=zh("到过现场，还没有登记现场执法视音频。"),
        how=zh("把执法记录仪的视音频登记到本警情；没有录的，写明原因，不得事后补录。"),
    ),
]  # fmt: skip


def register() -> None:
    """Hang permissions, acts, the check and the D number into the kernel."""
    retain("evidence.evidenceitem", zh("电子证据"), own_way=zh("到期的原件要两个人、有依据才能清除。"))
    access.register(MAY, labels=LABELS)
    access.register_reference("D", queries.is_reference)
    ledger.register_acts(ACTS)
    gates.register(CHECKS)
