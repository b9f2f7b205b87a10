"""Look whether the vault holds what it says it holds, and say by name what doesn't agree."""

from collections.abc import Iterator
from dataclasses import dataclass

from qingkong.kernel.text import Labelled, Sentence, zh
from qingkong.kernel.vault.folder import SHA256
from qingkong.kernel.vault.models import Blob, Tombstone
from qingkong.kernel.vault.reading import store


class ProblemKind(Labelled):
    MISSING = "missing", zh("缺失")
    ALTERED = "altered", zh("内容被改动")
    UNKNOWN = "unknown", zh("来历不明")
    NOT_ERASED = "not_erased", zh("已销毁而文件还在")


SENTENCES = {
    ProblemKind.MISSING: zh("原件 {name} 缺失。"),
    ProblemKind.ALTERED: zh("原件 {name} 的内容与校验值不一致。"),
    ProblemKind.UNKNOWN: zh("文件 {name} 没有登记。"),
    ProblemKind.NOT_ERASED: zh("原件 {name} 已依法销毁而文件还在，现已清除。"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    kind: ProblemKind
    name: str  # the SHA-256, or the file's name below blobs/ where it isn't one

    @property
    def sentence(self) -> Sentence:
        return SENTENCES[self.kind].fill(name=self.name)


def scrub(*, quick: bool = False) -> list[Problem]:
    """Every blob that is missing or altered and every file nobody registered.

    Reads every byte; `quick` compares sizes only. What a crash left half-done is finished: leftovers of the spool
    go, and so does the file of an erased blob.
    """
    folder = store()
    folder.sweep()
    there = dict(folder.files())
    return sorted(_problems(there, quick=quick), key=lambda p: (p.kind, p.name))


def _problems(there: dict[str, int], *, quick: bool) -> Iterator[Problem]:
    folder = store()
    erased = set(Tombstone.objects.values_list("blob_id", flat=True))
    known: set[str] = set()
    for sha256, size in Blob.objects.order_by("sha256").values_list("sha256", "size").iterator():
        known.add(sha256)
        if sha256 in erased:
            if sha256 in there:
                folder.remove(sha256)
                yield Problem(ProblemKind.NOT_ERASED, sha256)
        elif sha256 not in there:
            yield Problem(ProblemKind.MISSING, sha256)
        elif there[sha256] != size or (not quick and not folder.is_sound(sha256, size)):
            yield Problem(ProblemKind.ALTERED, sha256)
    for name in there.keys() - known:
        damaged = name.endswith(".damaged") and SHA256.fullmatch(name.removesuffix(".damaged"))
        yield Problem(ProblemKind.ALTERED if damaged else ProblemKind.UNKNOWN, name)
