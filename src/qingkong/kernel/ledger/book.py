"""All seals of a ledger, folded to what each row must look like now. On disk, so that size doesn't matter."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connections

from qingkong.kernel.ledger import seals
from qingkong.kernel.ledger.auditing.findings import Findings
from qingkong.kernel.ledger.auditing.rows import key_text as entry_text
from qingkong.kernel.ledger.auditing.rows import octets
from qingkong.kernel.ledger.canonical import SALT_SIZE
from qingkong.kernel.text import Sentence, zh

CHUNK = 2000
WAITING = 2**62
"""Where entries that have no place in the tree yet begin: after all that have."""

PLACED = zh("第 {place} 条存证")
UNPLACED = zh("待存证的一条")
EARLIER = zh("{table} 的 {row} 在记下{place}之前已被改动，那次改动没有存证。")
UNREADABLE = zh("存证 {entry} 里的行封（row seals）读不懂。")


@dataclass(frozen=True, slots=True)
class State:
    """What the ledger says of a row: digests by column, or that it was deleted; and which entry said so last."""

    key: str
    alive: bool
    columns: bytes
    place: int

    @property
    def place_in_words(self) -> Sentence:
        return in_words(self.place)


def in_words(place: int) -> Sentence:
    return PLACED.fill(place=place) if place < WAITING else UNPLACED


class _Said(NamedTuple):
    label: str
    key: str
    place: int
    kind: bytes
    shape: bytes
    row: bytes
    columns: bytes


class Book:
    """A private SQLite file that is gone when it is closed."""

    def __init__(self) -> None:
        self.db = sqlite3.connect("", isolation_level=None)
        self.db.execute("PRAGMA synchronous = OFF")
        self.db.execute("PRAGMA journal_mode = OFF")
        self.db.execute("CREATE TABLE said (label, key, place INT, n INTEGER PRIMARY KEY, kind, shape, row, columns)")
        self.db.execute(
            "CREATE TABLE state (label, key, alive INT, columns, place INT, PRIMARY KEY (label, key)) WITHOUT ROWID"
        )
        self.unreadable: list[str] = []

    def close(self) -> None:
        self.db.close()

    def read(self, using: str) -> None:
        """Take in the seals of every entry that has any."""
        carried: dict[str, bytes] = {}
        places: dict[str, int] = {}
        self.db.execute("BEGIN")
        for entry, erased, place, salt in _salts(using):
            if erased:
                places[entry] = place
                continue
            for seal in self._unpacked(entry, salt):
                if seal.kind == seals.CARRIED:
                    carried[seal.key] = seal.columns
                else:
                    self._say(place, seal)
        while carried:
            entry, run = carried.popitem()
            for seal in self._unpacked(entry, run):
                if seal.kind == seals.CARRIED:
                    carried[seal.key] = seal.columns
                elif entry in places:
                    self._say(places[entry], seal)
        self.db.execute("COMMIT")

    def fold(self, findings: Findings) -> None:
        """What all seals of a row together say of it; name rows that were altered before an honest act sealed them."""
        for entry in self.unreadable:
            findings.add("altered", "ledger_facts", entry, "salt", UNREADABLE.fill(entry=entry))
        self.db.execute("BEGIN")
        said = self.db.execute(
            "SELECT label, key, place, kind, shape, row, columns FROM said ORDER BY label, key, place, n"
        )
        for (label, key), group in groupby(map(_Said._make, said), key=lambda one: (one.label, one.key)):
            state = _folded(group, findings)
            self.db.execute(
                "INSERT INTO state VALUES (?, ?, ?, ?, ?)", (label, key, state.alive, state.columns, state.place)
            )
        self.db.execute("COMMIT")

    def states(self, label: str, keys: list[str]) -> dict[str, State]:
        marks = ", ".join("?" * len(keys))
        rows = self.db.execute(
            f"SELECT key, alive, columns, place FROM state WHERE label = ? AND key IN ({marks})", [label, *keys]
        )
        return {row[0]: State(row[0], bool(row[1]), row[2], row[3]) for row in rows}

    def alive(self, label: str) -> int:
        """How many rows of a table should stand."""
        ((count,),) = self.db.execute("SELECT count(*) FROM state WHERE label = ? AND alive", [label])
        return int(count)

    def never_spoke_of(self, label: str) -> bool:
        """Whether no entry ever sealed a row of a table: it is of a release before seals, or newly sealed."""
        return self.db.execute("SELECT 1 FROM state WHERE label = ? LIMIT 1", [label]).fetchone() is None

    def alive_keys(self, label: str) -> Iterator[State]:
        rows = self.db.execute(
            "SELECT key, alive, columns, place FROM state WHERE label = ? AND alive ORDER BY key", [label]
        )
        return (State(row[0], bool(row[1]), row[2], row[3]) for row in rows)

    def _say(self, place: int, seal: seals.Seal) -> None:
        self.db.execute(
            "INSERT INTO said (label, key, place, kind, shape, row, columns) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (seal.label, seal.key, place, seal.kind, seal.shape, seal.row, seal.columns),
        )

    def _unpacked(self, entry: str, run: bytes) -> list[seals.Seal]:
        try:
            return list(seals.unpack(run))
        except seals.BadSeals:
            self.unreadable.append(entry)
            return []


def _folded(said: Iterable[_Said], findings: Findings) -> State:
    digests: dict[bytes, bytes] = {}
    one = None
    for one in said:
        if one.kind == seals.GONE:
            digests = {}
        elif one.kind == seals.FULL:
            digests = seals.pairs(one.columns)
        else:
            digests |= seals.pairs(one.columns)
            if seals.shape_of(digests) == one.shape and seals.row_digest(digests) != one.row:
                table = _table(one.label)
                sentence = EARLIER.fill(table=table, row=one.key, place=in_words(one.place))
                findings.add("altered", table, one.key, "", sentence)
    assert one is not None
    return State(one.key, one.kind != seals.GONE, seals.joined(digests), one.place)


def _table(label: str) -> str:
    try:
        return apps.get_model(label)._meta.db_table
    except LookupError:
        return label


def _salts(using: str) -> Iterator[tuple[str, bool, int, bytes]]:
    """(entry, whether its facts were erased, its place in the tree, its seals) of every entry that has some."""
    connection = connections[using]
    sqlite = connection.vendor == "sqlite"
    key, raw = ("CAST(f.entry_id AS BLOB)", "CAST(f.salt AS BLOB)") if sqlite else ("f.entry_id::text", "f.salt")
    start: Any = "" if sqlite else "00000000-0000-0000-0000-000000000000"
    sql = f"""SELECT {key}, f.salt IS NULL, l.sequence, p.id, {raw} FROM ledger_facts f
        LEFT JOIN ledger_leaf l ON l.entry_id = f.entry_id LEFT JOIN ledger_pending p ON p.entry_id = f.entry_id
        WHERE f.entry_id > %s AND (f.salt IS NULL OR length(f.salt) > {SALT_SIZE}) ORDER BY f.entry_id LIMIT {CHUNK}"""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(sql, [start])
            rows = cursor.fetchall()
        for entry, erased, sequence, pending, salt in rows:
            place = sequence if isinstance(sequence, int) else WAITING + (pending or 0)
            yield entry_text(entry), bool(erased), place, seals.of_salt(octets(salt))
        if not rows:
            return
        start = (octets(rows[-1][0]) or b"").decode("utf-8", "replace")
