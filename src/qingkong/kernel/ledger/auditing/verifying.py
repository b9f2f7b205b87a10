"""The whole verification, in one snapshot of the database."""

from qingkong.kernel.ledger import keys, sequencing
from qingkong.kernel.ledger.auditing.checkpoints import CHECKPOINT, UNSIGNED, Signed, check_cosignatures
from qingkong.kernel.ledger.auditing.entries import ENTRY, FACTS, check_entry, check_facts
from qingkong.kernel.ledger.auditing.findings import Findings, Report
from qingkong.kernel.ledger.auditing.leaves import LeafPass
from qingkong.kernel.ledger.auditing.rows import ENTRY_COLUMNS, Reader, key_text, snapshot
from qingkong.kernel.ledger.auditing.tiles import check_tiles
from qingkong.kernel.text import zh

NOWHERE = zh("存证 {entry} 既不在树里，也不在待存证里：是后来加的，或它的位置被删去。")
WITHOUT_ENTRY = zh("{table} 里有一行指着不存在的存证 {entry}。")


def verify(using: str = "default", *, vkeys: list[str] | None = None) -> Report:
    """Check the whole ledger of a database; the report names what was altered, deleted, inserted or swapped.

    `vkeys` are the public keys the ledger may have signed with; by default those beside its key file.
    """
    findings = Findings()
    with snapshot(using):
        reader = Reader(using)
        signed = Signed(reader, findings, vkeys if vkeys is not None else keys.known_vkeys(using))
        leaves = LeafPass(reader, findings, signed)
        size = leaves.run()
        signed.finish(size)
        _leafless(reader, findings)
        for table in (FACTS, "ledger_pending"):
            for (key,) in reader.orphans(table):
                entry = key_text(key)
                findings.add("inserted", table, entry, "", WITHOUT_ENTRY.fill(table=table, entry=entry))
        check_tiles(reader, size, findings)
        check_cosignatures(reader, findings)
    if signed.covered < size and not _signed_meanwhile(size, using):
        findings.add("unsigned", CHECKPOINT, "", "", UNSIGNED.fill(first=signed.covered))
    return findings.report()


def _leafless(reader: Reader, findings: Findings) -> None:
    """Entries without a leaf: fine while they are pending, and checked like all others."""
    for row in reader.leafless_entries():
        columns = row[1 : 1 + len(ENTRY_COLUMNS)]
        findings.entries += 1
        found = check_entry(columns, truth=None, sqlite=reader.sqlite, findings=findings)
        check_facts(row[1 + len(ENTRY_COLUMNS) :], entry=found, findings=findings)
        if row[0] is None:
            findings.add("inserted", ENTRY, found.key, "", NOWHERE.fill(entry=found.key))


def _signed_meanwhile(size: int, using: str) -> bool:
    """Whether the checkpoint that was being signed while we read has come since."""
    newest = sequencing.newest(using)
    return newest is not None and newest.size >= size
