"""Switch where originals are kept, once a manifest proves that everything arrived there."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from qingkong.kernel import ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh
from qingkong.kernel.vault import place
from qingkong.kernel.vault.migrating import Fate, Outcome, Row, facts_of, read_manifest, reconcile, write_manifest

NO_MANIFEST = zh("读不懂对账清单 {file}。")
NOT_ENTERED = zh("存证里没有这份对账清单，或者它被改过。")
MIGRATE_AGAIN = zh("请重新运行 qingkong vault migrate，用它写的清单。")
ANOTHER_SOURCE = zh("清单是从 {before} 迁出的，原件现在在 {now}。")
NOT_ALL = zh("还有 {missing} 份缺失、{altered} 份被改动，没有切换。")
FIND_THEM = zh("清单里写明是哪些。从备份找回以后再运行 qingkong vault migrate。")


class CannotSwitch(Refusal):
    """Originals stay where they are; the message says why."""


@dataclass(frozen=True, slots=True)
class Switched:
    """Where originals are kept from now on, and the manifest that proves what is there."""

    place: str
    manifest: Path
    digest: str
    contents: int


def switch(file: Path, *, actor: Actor, at: datetime) -> Switched:
    """Keep originals at the manifest's target from now on. The source stays as it is.

    What came in since the manifest is copied first; the last of it while nothing can come in, so that no content is
    left behind: who receives waits a moment. The entry is committed before the setting changes. Raises CannotSwitch,
    StoreAway.
    """
    head, known, digest = _read(file)
    source, target = place.backend(place.current()), place.backend(str(head["target"]))
    if head["source"] != source.url:
        raise CannotSwitch(ANOTHER_SOURCE.fill(before=head["source"], now=source.url), how=MIGRATE_AGAIN)
    _all_there(head)
    known = _complete(reconcile(source, target, known=known)).rows
    with ExitStack() as held:
        with transaction.atomic():  # SQLite: whoever writes waits here, before asking for the lock below
            held.enter_context(place.standing_still())
            outcome = _complete(reconcile(source, target, known=known))
            outcome.manifest, outcome.digest = write_manifest(outcome, at=at)
            ledger.record(
                actor=actor, at=at, act="vault.switched", subject=f"vault.manifest:{outcome.digest}",
                facts={**facts_of(outcome), "first": digest},
            )  # fmt: skip
        place.write(target.url, manifest=outcome.digest)
    return Switched(target.url, outcome.manifest, outcome.digest, sum(row.proved for row in outcome.rows.values()))


def _read(file: Path) -> tuple[dict[str, object], dict[str, Row], str]:
    try:
        head, rows, digest = read_manifest(file)
        if head["what"] != "qingkong vault manifest":
            raise ValueError(file)
    except (OSError, ValueError, KeyError, TypeError):
        raise CannotSwitch(NO_MANIFEST.fill(file=file), how=MIGRATE_AGAIN) from None
    if not ledger.Entry.objects.filter(subject=f"vault.manifest:{digest}", act="vault.migrated").exists():
        raise CannotSwitch(NOT_ENTERED, how=MIGRATE_AGAIN)
    return head, rows, digest


def _all_there(head: dict[str, object]) -> None:
    if not head["complete"]:
        raise CannotSwitch(
            NOT_ALL.fill(missing=head[Fate.MISSING.value], altered=head[Fate.ALTERED.value]), how=FIND_THEM
        )


def _complete(outcome: Outcome) -> Outcome:
    _all_there(facts_of(outcome))
    return outcome
