"""Look whether the vault holds what it says it holds, and say by name what doesn't agree."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from qingkong.kernel.text import Labelled, Sentence, zh
from qingkong.kernel.vault import place
from qingkong.kernel.vault.backend import Backend, Orphan, Throttle, throttled, unthrottled
from qingkong.kernel.vault.models import Blob, Tombstone
from qingkong.kernel.vault.reading import store
from qingkong.kernel.vault.spool import SHA256

GRACE = timedelta(days=1)
"""A content whose marker is missing may be one that is being put right now; after this it was cut off."""


class ProblemKind(Labelled):
    MISSING = "missing", zh("缺失")
    ALTERED = "altered", zh("内容被改动")
    UNKNOWN = "unknown", zh("来历不明")
    NOT_ERASED = "not_erased", zh("已销毁而文件还在")
    ORPHAN = "orphan", zh("没有存完的残件")


SENTENCES = {
    ProblemKind.MISSING: zh("原件 {name} 缺失。"),
    ProblemKind.ALTERED: zh("原件 {name} 的内容与校验值不一致。"),
    ProblemKind.UNKNOWN: zh("文件 {name} 没有登记。"),
    ProblemKind.NOT_ERASED: zh("原件 {name} 已依法销毁而文件还在，现已清除。"),
    ProblemKind.ORPHAN: zh("{name} 只存到一半，从来不算原件；清除用 qingkong vault clean。"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    kind: ProblemKind
    name: str  # the SHA-256, or the file's name below blobs/ where it isn't one

    @property
    def sentence(self) -> Sentence:
        return SENTENCES[self.kind].fill(name=self.name)


def scrub(*, quick: bool = False, at: datetime | None = None, megabytes: float | None = None) -> list[Problem]:
    """Every blob that is missing or altered and every file nobody registered.

    Reads every byte from where it is kept, `megabytes` a second at most; `quick` compares sizes only. What a crash left
    half-done is finished: leftovers of the spool go, and so does the file of an erased blob. With `at`, contents of a
    store that were cut off a day before it or earlier are named too. Raises StoreAway: an absent store isn't an empty one.
    """
    place.spool().sweep()
    vault = store()
    there = dict(vault.files())
    throttle = throttled(megabytes) if megabytes else unthrottled
    problems = [*_problems(vault, there, quick=quick, throttle=throttle)]
    if at is not None:
        problems += [Problem(ProblemKind.ORPHAN, orphan.sha256) for orphan in orphans(at=at)]
    return sorted(problems, key=lambda p: (p.kind, p.name))


def orphans(*, at: datetime) -> list[Orphan]:
    """Contents whose put was cut off a day before `at` or earlier; no reader ever saw them. Raises StoreAway."""
    return [orphan for orphan in store().orphans() if at - orphan.put_at > GRACE]


def clean(*, at: datetime) -> list[Orphan]:
    """Remove them; those that were removed. One that somebody puts anew in this moment stays."""
    vault = store()
    return [orphan for orphan in orphans(at=at) if vault.sweep_orphan(orphan)]


def _problems(vault: Backend, there: dict[str, int], *, quick: bool, throttle: Throttle) -> Iterator[Problem]:
    erased = set(Tombstone.objects.values_list("blob_id", flat=True))
    known: set[str] = set()
    for sha256, size in Blob.objects.order_by("sha256").values_list("sha256", "size").iterator():
        known.add(sha256)
        if sha256 in erased:
            if sha256 in there:
                vault.remove(sha256)
                yield Problem(ProblemKind.NOT_ERASED, sha256)
        elif sha256 not in there:
            yield Problem(ProblemKind.MISSING, sha256)
        elif there[sha256] != size or (not quick and not vault.is_sound(sha256, size, throttle)):
            yield Problem(ProblemKind.ALTERED, sha256)
    for name in there.keys() - known:
        damaged = name.endswith(".damaged") and SHA256.fullmatch(name.removesuffix(".damaged"))
        yield Problem(ProblemKind.ALTERED if damaged else ProblemKind.UNKNOWN, name)
