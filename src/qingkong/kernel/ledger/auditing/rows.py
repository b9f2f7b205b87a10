"""Read the ledger's tables as raw bytes, in chunks: a tampered value must be named, not crash the reader.

Django's fields would refuse to load a date that is no date; SQLite lets anybody put text where a number stood.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

from qingkong.kernel.ledger.canonical import FIELDS

CHUNK = 2000
Row = tuple[Any, ...]

ENTRY_COLUMNS = (*FIELDS, "canonical", "leaf_hash")


@contextmanager
def snapshot(using: str) -> Iterator[None]:
    """All reads inside see one moment, and writers aren't held up."""
    connection = connections[using]
    if connection.in_atomic_block:
        yield
        return
    begin = "BEGIN" if connection.vendor == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    with connection.cursor() as cursor:
        cursor.execute(begin)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


class Reader:
    """The queries of one verification."""

    def __init__(self, using: str) -> None:
        self.connection = connections[using]
        self.sqlite = self.connection.vendor == "sqlite"

    def leaves(self) -> Iterator[Row]:
        """sequence, entry key, pending key, entry columns…, facts columns…, in the order of sequence."""
        fields = f"l.sequence, {self._key('l.entry_id')}, {self._raw('p.id')}, {self._entry()}, {self._facts()}"
        whole = "AND typeof(l.sequence) = 'integer'" if self.sqlite else ""
        sql = f"""SELECT {fields} FROM ledger_leaf l
            LEFT JOIN ledger_entry e ON e.id = l.entry_id LEFT JOIN ledger_pending p ON p.entry_id = l.entry_id
            {self._joined("l.entry_id")}
            WHERE l.sequence >= %s {whole} ORDER BY l.sequence LIMIT {CHUNK}"""
        start = -(2**63)
        while rows := self._all(sql, [start]):
            yield from rows
            start = rows[-1][0] + 1

    def misplaced_leaves(self) -> list[Row]:
        """Leaves whose sequence isn't a number at all (SQLite only): sequence, entry key."""
        if not self.sqlite:
            return []
        return self._all(
            f"SELECT {self._raw('sequence')}, {self._key('entry_id')} FROM ledger_leaf WHERE typeof(sequence) <> 'integer'",
            [],
        )

    def leafless_entries(self) -> Iterator[Row]:
        """pending key, entry columns…, facts columns… of entries without a leaf."""
        after = "e.id > %s" if self.sqlite else "e.id > %s::uuid"
        sql = f"""SELECT {self._raw("p.id")}, {self._entry()}, {self._facts()} FROM ledger_entry e
            LEFT JOIN ledger_leaf l ON l.entry_id = e.id LEFT JOIN ledger_pending p ON p.entry_id = e.id
            {self._joined("e.id")}
            WHERE l.entry_id IS NULL AND {after} ORDER BY e.id LIMIT {CHUNK}"""
        start: Any = "" if self.sqlite else "00000000-0000-0000-0000-000000000000"
        while rows := self._all(sql, [start]):
            yield from rows
            last = octets(rows[-1][1]) or b""
            start = last.decode("utf-8", "replace")

    def orphans(self, table: str) -> list[Row]:
        """Keys of rows of `table` whose entry doesn't exist."""
        return self._all(
            f"""SELECT {self._key("t.entry_id")} FROM {table} t LEFT JOIN ledger_entry e ON e.id = t.entry_id
                WHERE e.id IS NULL LIMIT {CHUNK}""",
            [],
        )

    def tiles(self, level: int) -> Iterator[Row]:
        """index, width, hashes of a level's tiles, in order."""
        sql = f"""SELECT "index", width, {self._raw("hashes")}, id FROM ledger_tile
            WHERE level = %s AND ("index" > %s OR ("index" = %s AND width > %s)) ORDER BY "index", width LIMIT 64"""
        index, width = -(2**63), 0
        while rows := self._all(sql, [level, index, index, width]):
            yield from rows
            index, width = rows[-1][0], rows[-1][1]

    def level_tiles(self, level: int, first: int, last: int) -> list[Row]:
        """index, width, hashes of a level's tiles with first <= index <= last."""
        return self._all(
            f"""SELECT "index", width, {self._raw("hashes")} FROM ledger_tile
                WHERE level = %s AND "index" BETWEEN %s AND %s ORDER BY "index", width""",
            [level, first, last],
        )

    def levels(self) -> list[int]:
        return [level for (level,) in self._all("SELECT DISTINCT level FROM ledger_tile ORDER BY level", [])]

    def checkpoints(self) -> Iterator[Row]:
        """number, size, root, note, in the order of number."""
        whole = "AND typeof(number) = 'integer'" if self.sqlite else ""
        sql = f"""SELECT number, {self._raw("size")}, {self._raw("root")}, {self._raw("note")}
            FROM ledger_checkpoint WHERE number >= %s {whole} ORDER BY number LIMIT {CHUNK}"""
        start = -(2**63)
        while rows := self._all(sql, [start]):
            yield from rows
            start = rows[-1][0] + 1

    def cosignatures(self) -> Iterator[Row]:
        """cosignature key, note, line, cosigner's name and key, signed at, in the order of key."""
        sql = f"""SELECT c.id, {self._raw("k.note")}, {self._raw("c.line")}, {self._raw("c.cosigner_id")},
            {self._raw("s.vkey")}, {self._instant("c.signed_at")} FROM ledger_cosignature c
            LEFT JOIN ledger_checkpoint k ON k.number = c.checkpoint_id
            LEFT JOIN ledger_cosigner s ON s.name = c.cosigner_id
            WHERE c.id > %s ORDER BY c.id LIMIT {CHUNK}"""
        start = -(2**63)
        while rows := self._all(sql, [start]):
            yield from rows
            start = rows[-1][0]

    def last_checkpoints(self) -> list[Row]:
        """number, size, root, note of the last few, the newest first."""
        whole = "WHERE typeof(number) = 'integer'" if self.sqlite else ""
        return self._all(
            f"""SELECT number, {self._raw("size")}, {self._raw("root")}, {self._raw("note")}
                FROM ledger_checkpoint {whole} ORDER BY number DESC LIMIT 20""",
            [],
        )

    def leaf_extent(self) -> int:
        """One more than the highest sequence."""
        whole = "WHERE typeof(sequence) = 'integer'" if self.sqlite else ""
        ((last,),) = self._all(f"SELECT max(sequence) FROM ledger_leaf {whole}", [])
        return 0 if last is None else last + 1

    def tile_extent(self) -> int:
        """How many leaves the tiles of level 0 reach to."""
        rows = self._all(
            'SELECT "index", length(hashes) FROM ledger_tile WHERE level = 0 ORDER BY "index" DESC, width DESC LIMIT 1',
            [],
        )
        return rows[0][0] * 256 + rows[0][1] // 32 if rows else 0

    def _entry(self) -> str:
        special = {"id": self._key("e.id"), "at": self._instant("e.at")}
        return ", ".join(special.get(name, self._raw(f"e.{name}")) for name in ENTRY_COLUMNS)

    def _facts(self) -> str:
        return ", ".join(
            [self._key("f.entry_id"), self._raw("f.salt"), self._raw("f.value"), self._key("f.erasure_id"),
             self._raw("x.act"), self._raw("x.subject")]
        )  # fmt: skip

    def _joined(self, key: str) -> str:
        return f"LEFT JOIN ledger_facts f ON f.entry_id = {key} LEFT JOIN ledger_entry x ON x.id = f.erasure_id"

    def _raw(self, column: str) -> str:
        return f"CAST({column} AS BLOB)" if self.sqlite else column

    def _key(self, column: str) -> str:
        return f"CAST({column} AS BLOB)" if self.sqlite else f"{column}::text"

    def _instant(self, column: str) -> str:
        if self.sqlite:
            return f"CAST({column} AS BLOB)"
        return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""

    def _all(self, sql: str, params: list[Any]) -> list[Row]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall())


def octets(value: Any) -> bytes | None:
    """A raw value as bytes, whatever the database made of it."""
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, memoryview):
        return bytes(value)
    return str(value).encode()


def key_text(value: Any) -> str:
    """A raw key (hex or with dashes) as the dashed text everybody sees."""
    text = (octets(value) or b"").decode("utf-8", "replace")
    bare = text.replace("-", "")
    if len(bare) != 32:
        return text
    return "-".join((bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:]))


def instant_text(value: Any, sqlite: bool) -> bytes | None:
    """A raw instant as entries write it; one that can't be read comes back as it is."""
    raw = octets(value)
    if raw is None or not sqlite or len(raw) not in (19, 26) or raw[10:11] != b" ":
        return raw
    return raw[:10] + b"T" + raw[11:19] + (raw[19:] or b".000000") + b"Z"
