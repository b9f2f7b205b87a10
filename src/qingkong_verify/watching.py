"""One visit of a watcher: is the log's newest checkpoint a continuation of the one seen last? Then countersign it.

The watcher computes the tree itself from the log's tiles of hashes: what it had, plus what is new, must lead to the
signed root. Anything else is a fork: both checkpoints are kept as evidence, and nothing is signed until a person
has taken the mark away.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from qingkong_verify.errors import VerificationError
from qingkong_verify.fetching import Absent, Log, Unreachable
from qingkong_verify.folder import WIDTH, bundle_path, leaf_hashes, tile_path
from qingkong_verify.memory import Memory, keep
from qingkong_verify.notes import Checkpoint, parse_body, parse_key, split_note, verify_checkpoint
from qingkong_verify.signing import Cosigner
from qingkong_verify.tiling import Edge, Place, extend, root_of_edge, split, widths

NOTE = 1 << 20
BUNDLE = WIDTH * (2 + 65_535)
Tiles = dict[Place, list[bytes]]


class Forked(VerificationError):
    """The log shows another history than the one that was seen. `evidence` are the files that show it."""

    evidence: tuple[Path, ...] = ()


class _Contradiction(VerificationError):
    """What is shown doesn't fit what was seen; asked again once before it is called a fork."""

    shown: bytes = b""


@dataclass(frozen=True)
class Seen:
    """A checkpoint that was found sound. `before` entries were known at the last visit; `line` is the cosignature."""

    name: str
    size: int
    before: int
    root: bytes
    line: str
    new: bool


def visit(memory: Memory, log: Log, cosigner: Cosigner, vkey: str, *, seconds: int, entries: bool = False) -> Seen:
    """Look once, prove, countersign at `seconds` since 1970, and keep it all in the watcher's folder.

    `entries` also fetches each new entry and hashes it, where the log publishes them. Raises Forked (evidence kept),
    Unreachable where the network or the log didn't answer, VerificationError where the folder itself is damaged.
    """
    last = memory.last_note()
    before = verify_checkpoint(last, [vkey]) if last is not None else None
    try:
        note, now, tiles = _look_twice(memory, log, vkey, before, entries)
    except _Contradiction as found:
        raise _fork(memory, found, seen=last, shown=found.shown) from None
    if memory.forked():
        raise Forked(
            f"这个文件夹里有分叉标记，查明以前不联署：{memory.folder / 'FORK'}",
            f"This folder carries the mark of a fork; nothing is cosigned until a person removes {memory.folder / 'FORK'}",
        )
    known = memory.folder / "cosigned"
    signed = known.read_text(encoding="utf-8") if known.exists() else ""
    if before is not None and now.size == before.size and signed.startswith(note):
        return Seen(cosigner.name, now.size, before.size, now.root, signed[len(note) :].rstrip("\n"), new=False)
    memory.remember(note, tiles)
    line = cosigner.line(note, seconds)
    keep(known, f"{note}{line}\n".encode())
    return Seen(cosigner.name, now.size, before.size if before else 0, now.root, line, new=True)


def _look_twice(
    memory: Memory, log: Log, vkey: str, before: Checkpoint | None, entries: bool
) -> tuple[str, Checkpoint, Tiles]:
    """A contradiction is asked for again: a copy on the way may have been old, a file half replaced."""
    try:
        return _look(memory, log, vkey, before, entries)
    except _Contradiction:
        return _look(memory, log, vkey, before, entries)


def _look(
    memory: Memory, log: Log, vkey: str, before: Checkpoint | None, entries: bool
) -> tuple[str, Checkpoint, Tiles]:
    data = log.get("checkpoint", NOTE)
    try:
        note, now = _signed(data, vkey)
        if before is not None and now.size < before.size:
            raise _Contradiction(
                f"记录由 {before.size} 条变少为 {now.size} 条。若警方宣布过从备份恢复，请当面核对那条声明。",
                f"The log shrank from {before.size} to {now.size} entries. If the police declared a restore, go and see that declaration.",
            )
        if before is not None and now.size == before.size:
            if now.root != before.root:
                raise _Contradiction("条数相同，根不同：历史被改写。", "Same size, other root: history was rewritten.")
            return note, now, {}
        return note, now, _prove(memory, log, before, now, entries)
    except _Contradiction as found:
        found.shown = data
        raise


def _signed(data: bytes, vkey: str) -> tuple[str, Checkpoint]:
    """The checkpoint without the lines of others. What can't be read at all is the network's fault, not the log's."""
    try:
        text = data.decode()
        body, lines = split_note(text)
        parse_body(body)
    except (VerificationError, UnicodeDecodeError):
        raise Unreachable("收到的不是校验点。", "What came isn't a checkpoint.", place="checkpoint") from None
    key = parse_key(vkey)
    written = text.rpartition("\n\n")[2].split("\n")
    own = [written[place] for place, line in enumerate(lines) if line[:2] == (key.name, key.id)]
    note = f"{body}\n" + "".join(f"{line}\n" for line in own)
    try:
        return note, verify_checkpoint(note if own else text, [vkey])
    except VerificationError as error:
        raise _Contradiction(error.zh, error.en) from None


def _prove(memory: Memory, log: Log, before: Checkpoint | None, now: Checkpoint, entries: bool) -> Tiles:
    """The tiles that came about since, proved to lead from the old root to the new one."""
    if now.size == 0:
        return {}
    if before is None or before.size == 0:
        edge, tiles = _first(log, now)
        if entries:
            _check_entries(log, 0, now, {})
    else:
        edge, tiles = _grown(memory, log, before, now)
        if entries:
            _check_entries(log, before.size // WIDTH, now, tiles)
    if root_of_edge(edge) != now.root:
        raise _Contradiction(
            "已有的和新增的哈希算不出签名的根：历史被改写，或公布的哈希块不对。",
            "What was seen and what is new don't lead to the signed root: history was rewritten, or the tiles are wrong.",
        )
    return tiles


def _first(log: Log, now: Checkpoint) -> tuple[Edge, Tiles]:
    """At the first visit: the right edge of the tree, a tile a level, is enough to compute its root."""
    edge, tiles = Edge(now.size), {}
    level = 0
    wanted = widths(now.size)
    while now.size >> (8 * level):
        place = Place(level, (now.size >> (8 * level)) // WIDTH)
        hashes = _tile(log, place, wanted[place]) if place in wanted else []
        if hashes:
            tiles[place] = hashes
        edge.open.append(hashes)
        level += 1
    return edge, tiles


def _grown(memory: Memory, log: Log, before: Checkpoint, now: Checkpoint) -> tuple[Edge, Tiles]:
    """From the edge that was kept, leaf by leaf to the new size."""
    edge = memory.edge(before.size)
    if root_of_edge(edge) != before.root:
        raise VerificationError(
            "自己留存的哈希块与自己留存的校验点不符。从备份放回这个文件夹。",
            "This folder's own tiles don't match its own checkpoint. Put the folder back from a copy.",
            place=str(memory.folder),
        )
    tiles: Tiles = {}
    for index in range(before.size // WIDTH, (now.size + WIDTH - 1) // WIDTH):
        hashes = _tile(log, Place(0, index), min(WIDTH, now.size - index * WIDTH))
        known = edge.open[0] if index == before.size // WIDTH else []
        if hashes[: len(known)] != known:
            raise _Contradiction(
                f"第 {index * WIDTH} 条起的哈希与上次所见不同：历史被改写。",
                f"The hashes from entry {index * WIDTH} on aren't those seen before: history was rewritten.",
                place=tile_path(0, index, len(hashes)),
            )
        tiles.update(extend(edge, hashes[len(known) :]))
    return edge, tiles


def _tile(log: Log, place: Place, width: int) -> list[bytes]:
    """A tile's first `width` hashes: from the tile of that width or, where that has been outgrown, the full one."""
    try:
        data = log.get(tile_path(place.level, place.index, width), 32 * WIDTH)
    except Absent:
        if width == WIDTH:
            raise
        data = log.get(tile_path(place.level, place.index, WIDTH), 32 * WIDTH)[: 32 * width]
    if len(data) != 32 * width:
        raise _Contradiction(
            f"哈希块的长度不对：{len(data)} 字节。",
            f"A tile has the wrong length: {len(data)} bytes.",
            place=tile_path(place.level, place.index, width),
        )
    return split(data)


def _check_entries(log: Log, first: int, now: Checkpoint, tiles: Tiles) -> None:
    """Each entry, where the log publishes them, hashes to what stands in its tile."""
    for index in range(first, (now.size + WIDTH - 1) // WIDTH):
        width = min(WIDTH, now.size - index * WIDTH)
        told = tiles.get(Place(0, index)) or _tile(log, Place(0, index), width)
        path = bundle_path(index, width)
        try:
            bundle = log.get(path, BUNDLE)
        except Absent:
            bundle, width = log.get(bundle_path(index, WIDTH), BUNDLE), WIDTH
        try:
            hashes = leaf_hashes(bundle, width, path)
        except VerificationError as error:
            raise _Contradiction(error.zh, error.en, place=path) from None
        if hashes[: len(told)] != told:
            raise _Contradiction("条目与哈希不符。", "The entries don't match their hashes.", place=path)


def _fork(memory: Memory, found: VerificationError, *, seen: str | None, shown: bytes) -> Forked:
    """Keep both checkpoints, and say it loudly."""
    name = f"fork-{sha256(shown).hexdigest()[:16]}"
    files = memory.keep_evidence(name, seen=seen, shown=shown, said=found)
    names = "、".join(path.name for path in files)
    forked = Forked(
        f"拒绝联署：存证与上次所见不一致。{found.said('zh')} 前后的校验点都已留作证据（{memory.folder}：{names}）。",
        f"NOT cosigned: the ledger contradicts what was seen before. {found.said('en')} "
        f"The checkpoints are kept as evidence ({memory.folder}: {names}).",
    )
    forked.evidence = tuple(files)
    return forked
