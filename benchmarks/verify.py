"""How fast one core checks a whole exported ledger offline: every entry hashed, every tile, the signed root."""

import tempfile
import time
from pathlib import Path
from typing import Any

from qingkong.kernel.ledger.keys import ED25519, Signer
from qingkong.kernel.ledger.notes import sign_checkpoint
from qingkong.kernel.ledger.tiling import WIDTH, Edge, extend, root_of_edge
from qingkong_verify.folder import bundle_path, check_folder, tile_path
from qingkong_verify.merkle import leaf_hash

ENTRIES = 1_000_000
TARGET = 400_000
ROUNDS = 3


def run() -> dict[str, Any]:
    """Entries a second and core; the peer is the design's limit of 400,000."""
    signer = Signer("qingkong/bench", ED25519, b"b" * 32)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = _ledger(folder, signer)
        seconds = min(_once(folder, signer.vkey) for _ in range(ROUNDS))
    rate = ENTRIES / seconds
    return {
        "name": "verify",
        "value": round(rate),
        "unit": "entries/s, one core, offline",
        "peer": f"design limit {TARGET:,} entries/s",
        "ratio": round(rate / TARGET, 2),
        "note": f"{ENTRIES:,} entries of {size // ENTRIES} bytes each, files cached, best of {ROUNDS}",
    }


def _once(folder: Path, vkey: str) -> float:
    start = time.perf_counter()
    check_folder(folder, [vkey])
    return time.perf_counter() - start


def _ledger(folder: Path, signer: Signer) -> int:
    """Write an exported ledger of invented entries of a real one's length; how many bytes of entries."""
    entry = (
        '{{"act":"calls.taken","actor_id":"0190aaaa-0000-7000-8000-{0:012d}","actor_kind":"officer","actor_name":"示例","actor_post":'
        '"dispatcher","at":"2026-11-24T01:00:00.000000Z","commitment":"{0:064x}","format":"qingkong-entry/1","id":"0190aaaa-0000-7000-'
        '8000-{0:012d}","purpose":"","reference":"","subject":"calls.call:0190aaaa-0000-7000-8000-{0:012d}","thread":"J2026-{0:06d}",'
        '"unit_code":"002","unit_id":"0190aaaa-0000-7000-8000-0000000000aa","unit_name":"指挥中心"}}'
    )
    edge, total = Edge(), 0
    for index in range((ENTRIES + WIDTH - 1) // WIDTH):
        first = index * WIDTH
        entries = [entry.format(number).encode() for number in range(first, min(first + WIDTH, ENTRIES))]
        bundle = b"".join(len(data).to_bytes(2, "big") + data for data in entries)
        total += len(bundle)
        _put(folder / bundle_path(index, len(entries)), bundle)
        for place, hashes in extend(edge, [leaf_hash(data) for data in entries]).items():
            if place.level == 0 or len(hashes) == WIDTH:
                _put(folder / tile_path(place.level, place.index, len(hashes)), b"".join(hashes))
    for level, hashes in enumerate(edge.open):
        if hashes:
            _put(folder / tile_path(level, (ENTRIES >> 8 * level) // WIDTH, len(hashes)), b"".join(hashes))
    (folder / "checkpoint").write_text(sign_checkpoint(signer, ENTRIES, root_of_edge(edge)))
    return total


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
