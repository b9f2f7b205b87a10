"""All leaves in their order: each against its entry, its tile, and the checkpoints over them."""

from dataclasses import dataclass

from qingkong.kernel.ledger.auditing.checkpoints import Signed
from qingkong.kernel.ledger.auditing.entries import Checked, check_entry, check_facts
from qingkong.kernel.ledger.auditing.findings import MOST_NAMED, Findings
from qingkong.kernel.ledger.auditing.rows import ENTRY_COLUMNS, Reader, Row, key_text, octets
from qingkong.kernel.ledger.tiling import WIDTH, split
from qingkong.kernel.text import zh
from qingkong_verify.merkle import Range

LEAF = "ledger_leaf"

LEAF_MISSING = zh("第 {sequence} 条存证的位置（leaf）不见了。")
LEAF_INSERTED = zh("第 {sequence} 条的位置（leaf）是后来加的，树里没有它。")
LEAF_OUTSIDE = zh("位置（leaf）的序号 {sequence} 不是正常的序号。")
ENTRY_MISSING = zh("第 {sequence} 条存证 {entry} 被删除。")
STILL_PENDING = zh("存证 {entry} 已有位置，却还列在待存证里。")
SWAPPED = zh("第 {sequence} 条的位置上放着第 {other} 条的存证：位置被调换。")
REWRITTEN = zh("第 {sequence} 条存证 {entry} 被改写：与树里的哈希不符。")
TILE_ALTERED = zh("树块 {tile} 里第 {sequence} 条的哈希被改动：与存证和签名的根不符。")


@dataclass(frozen=True, slots=True)
class Mismatch:
    sequence: int
    key: str
    hash: bytes
    tile_hash: bytes


class LeafPass:
    """Reads leaves as a stream and carries two right edges: as the tiles have it, and as the entries have it."""

    def __init__(self, reader: Reader, findings: Findings, signed: Signed) -> None:
        self.reader, self.findings, self.signed = reader, findings, signed
        self.size = max(signed.last_size, min(reader.leaf_extent(), reader.tile_extent()))
        self.position = 0
        self.by_tiles, self.by_entries = Range(), Range()
        self.mismatches: list[Mismatch] = []
        self.tiles_lie = False
        self.broken = False  # a hash is lost both in tile and entry: no root after it can be known
        self._window: dict[int, list[bytes]] = {}
        self._window_of = -1

    def run(self) -> int:
        """Check every leaf; how many leaves there should be."""
        for row in self.reader.leaves():
            if row[0] < 0:
                self.findings.add("altered", LEAF, row[0], "sequence", LEAF_OUTSIDE.fill(sequence=row[0]))
            else:
                self._leaf(row)
        self._missing_until(self.size)
        self._say_mismatches()
        for sequence, _ in self.reader.misplaced_leaves():
            text = (octets(sequence) or b"").decode("utf-8", "replace")
            self.findings.add("altered", LEAF, text, "sequence", LEAF_OUTSIDE.fill(sequence=text))
        return self.size

    def _leaf(self, row: Row) -> None:
        sequence, entry_key, pending = row[0], key_text(row[1]), row[2]
        inside = sequence < self.size
        truth = self._tile_hash(sequence) if inside else None
        found = self._entry(row, entry_key, truth)
        if pending is not None:
            self.findings.add("inserted", "ledger_pending", entry_key, "", STILL_PENDING.fill(entry=entry_key))
        if not inside:
            self.findings.add("inserted", LEAF, sequence, "", LEAF_INSERTED.fill(sequence=sequence))
            return
        self._missing_until(sequence)
        if found and truth and found.hash != truth and len(self.mismatches) < MOST_NAMED:
            self.mismatches.append(Mismatch(sequence, found.key, found.hash, truth))
        self._push(truth, found.hash if found else None)

    def _entry(self, row: Row, entry_key: str, truth: bytes | None) -> Checked | None:
        columns = row[3 : 3 + len(ENTRY_COLUMNS)]
        if columns[0] is None:
            sentence = ENTRY_MISSING.fill(sequence=row[0], entry=entry_key)
            self.findings.add("missing", "ledger_entry", entry_key, "", sentence)
            return None
        self.findings.entries += 1
        found = check_entry(columns, truth=truth, sqlite=self.reader.sqlite, findings=self.findings)
        check_facts(row[3 + len(ENTRY_COLUMNS) :], entry=found, findings=self.findings)
        return found

    def _missing_until(self, sequence: int) -> None:
        """Name the leaves that should stand before `sequence`."""
        while self.position < sequence:
            self.findings.add("missing", LEAF, self.position, "", LEAF_MISSING.fill(sequence=self.position))
            self._push(self._tile_hash(self.position), None)
            if self.broken and self.findings.unnamed:  # a forged sequence far away must not keep us for ever
                self.findings.unnamed += sequence - self.position
                self.position = sequence

    def _push(self, by_tile: bytes | None, by_entry: bytes | None) -> None:
        """Go on by one leaf, with the hash the tile has and the hash the entry has."""
        self.position += 1
        known = by_tile or by_entry
        if known is None or self.broken:
            self.broken = True
            return
        self.by_tiles.push(known)
        self.by_entries.push(by_entry or known)
        for checkpoint in self.signed.at(self.position):
            if checkpoint.root == self.by_tiles.root():
                continue
            if checkpoint.root == self.by_entries.root():
                self.tiles_lie = True
            else:
                self.signed.contradicted(checkpoint)

    def _tile_hash(self, sequence: int) -> bytes | None:
        """The hash of a leaf as level 0 has it, or None beyond the tree's end. Eight tiles are read at a time."""
        index, inside = divmod(sequence, WIDTH)
        if index // 8 != self._window_of:
            self._window_of = index // 8
            first = self._window_of * 8
            rows = self.reader.level_tiles(0, first, first + 7)
            self._window = {index: split(octets(hashes) or b"") for index, _, hashes in rows}
        hashes = self._window.get(index, [])
        return hashes[inside] if inside < len(hashes) and len(hashes[inside]) == 32 else None

    def _say_mismatches(self) -> None:
        belongs = {mismatch.tile_hash: mismatch.sequence for mismatch in self.mismatches}
        for wrong in self.mismatches:
            other = belongs.get(wrong.hash)
            if self.tiles_lie:
                tile = f"0/{wrong.sequence // WIDTH}"
                sentence = TILE_ALTERED.fill(tile=tile, sequence=wrong.sequence)
                self.findings.add("altered", "ledger_tile", tile, "hashes", sentence)
            elif other is not None:
                sentence = SWAPPED.fill(sequence=wrong.sequence, other=other)
                self.findings.add("swapped", LEAF, wrong.sequence, "entry_id", sentence)
            else:
                sentence = REWRITTEN.fill(sequence=wrong.sequence, entry=wrong.key)
                self.findings.add("altered", "ledger_entry", wrong.key, "canonical", sentence)
