"""`qingkong check --deep`: do the records agree with each other, row by row? Reads everything, changes nothing.

Every room says what must hold in it (its `auditing.py`, hung in `wiring.py`); here they are asked in one moment of
the database, with what belongs to no room: the files of the database itself.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from datetime import datetime

from django.db import DatabaseError, connections

from qingkong.kernel import ledger, vault
from qingkong.kernel.ledger.auditing.rows import snapshot
from qingkong.kernel.ledger.models import Pending
from qingkong.kernel.text import Sentence, zh
from qingkong.kernel.vault.scrubbing import ProblemKind
from qingkong.project.checking import Result

Question = Callable[[datetime], Iterable[object]]

NAMED = 50  # problems a question names; the rest is counted
SOUND = zh("没有问题")
COUNTED = zh("{count} 处：{first}")
MORE = zh("还有 {count} 处。")
TOO_OLD = zh("{count} 条存证一直没有进树，最早的是 {entry}。")
STRANGE_ROW = zh("{table} 的一行（rowid {row}）指着 {parent} 里没有的一行。")
UNCHECKED = zh("约束 {name} 没有核对过旧的行。")
BROKEN_OFF = zh("数据库读到一半出错：{fault}")


def check(*, at: datetime) -> Iterator[Result]:
    """Ask every question; a line each, as they are answered. `at` judges what is late."""
    yield _ask(zh("数据库文件"), _database_files, at=at)
    yield _ask(zh("表与表的关联"), _foreign_keys, at=at)
    yield _ask(zh("存证"), _ledger, at=at)
    yield _ask(zh("表与存证"), _agreement, at=at)
    yield _ask(zh("待存证"), _pending, at=at)
    yield _ask(zh("原件库"), lambda at: _vault(unknown=False), at=at)
    yield _ask(zh("原件库里没有登记的文件"), lambda at: _vault(unknown=True), at=at, grave=False)
    from qingkong.project.wiring import audits

    for what, question, grave in audits():
        yield _ask(what, question, at=at, grave=grave)


def _ask(what: Sentence, question: Question, *, at: datetime, grave: bool = True) -> Result:
    try:
        with nullcontext() if question in OWN_MOMENT else snapshot("default"):
            found = [str(problem) for problem in question(at)]
    except DatabaseError as fault:
        found = [str(BROKEN_OFF.fill(fault=f"{type(fault).__name__}: {fault}"))]
    if not found:
        return Result(str(what), True, str(SOUND), grave)
    named = found[:NAMED]
    if len(found) > NAMED:
        named.append(str(MORE.fill(count=len(found) - NAMED)))
    return Result(str(what), False, str(COUNTED.fill(count=len(found), first=named[0])), grave, tuple(named))


def _database_files(at: datetime) -> Iterator[object]:
    for alias in connections:
        if connections[alias].vendor == "sqlite":
            with connections[alias].cursor() as cursor:
                lines = [line for (line,) in cursor.execute("PRAGMA integrity_check").fetchall()]
            yield from (f"{alias}：{line}" for line in lines if line != "ok")


def _foreign_keys(at: datetime) -> Iterator[object]:
    connection = connections["default"]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for table, row, parent, _ in cursor.execute("PRAGMA foreign_key_check").fetchall():
                yield STRANGE_ROW.fill(table=table, row=row, parent=parent)
        else:
            cursor.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated")
            for (name,) in cursor.fetchall():
                yield UNCHECKED.fill(name=name)


def _ledger(at: datetime) -> Iterable[object]:
    return _of(ledger.verify())


def _agreement(at: datetime) -> Iterable[object]:
    """Every sealed row against what the ledger says of it, column by column."""
    return _of(ledger.agreement())


OWN_MOMENT = (_ledger, _agreement)  # each reads in a snapshot that it takes itself


def _of(report: ledger.Report) -> list[object]:
    more = [MORE.fill(count=report.unnamed)] if report.unnamed else []
    return [*report.problems, *more]


def _pending(at: datetime) -> Iterator[object]:
    """What waits for the tree is taken up within seconds; what has waited for an hour was forgotten."""
    from qingkong.kernel.jobs.auditing import LATE

    old = Pending.objects.filter(entry__at__lt=at - LATE).order_by("id")
    if first := old.first():
        yield TOO_OLD.fill(count=old.count(), entry=first.entry_id)


def _vault(*, unknown: bool) -> Iterator[object]:
    for problem in vault.scrub(quick=True):
        if (problem.kind is ProblemKind.UNKNOWN) is unknown:
            yield problem.sentence
