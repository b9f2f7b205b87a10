"""All tiles: each where it belongs, as wide as it should be, and hashed rightly into the one above."""

from qingkong.kernel.ledger.auditing.findings import Findings
from qingkong.kernel.ledger.auditing.rows import Reader, octets
from qingkong.kernel.ledger.tiling import STEP, WIDTH, split
from qingkong.kernel.text import zh
from qingkong_verify.merkle import perfect_root

TILE = "ledger_tile"

MISSING = zh("树块 {tile} 不见了。")
INSERTED = zh("树块 {tile}（宽 {width}）不该存在。")
NARROW = zh("树块 {tile} 的内容不是 {width} 个哈希。")
DISAGREES = zh("树块 {tile} 与上一层的树块 {above} 不符，两者之一被改动。")


def check_tiles(reader: Reader, size: int, findings: Findings) -> None:
    """Check every tile of a tree that has `size` leaves."""
    deepest = 0
    while size >> (STEP * deepest):
        _check_level(reader, deepest, size >> (STEP * deepest), findings)
        deepest += 1
    for level in reader.levels():
        if not 0 <= level < deepest:
            for index, width, _, _ in reader.tiles(level):
                _inserted(level, index, width, findings)


def _check_level(reader: Reader, level: int, nodes: int, findings: Findings) -> None:
    full, rest = divmod(nodes, WIDTH)
    expected, above, above_index = 0, list[bytes](), -1
    for index, width, hashes, _ in reader.tiles(level):
        wanted = WIDTH if index < full else rest if index == full else 0
        if index < expected or not wanted or width != wanted:
            _inserted(level, index, width, findings)
            continue
        _missing(level, expected, index, findings)
        expected = index + 1
        data = octets(hashes) or b""
        if len(data) != 32 * wanted:
            findings.add(
                "altered", TILE, f"{level}/{index}", "hashes", NARROW.fill(tile=f"{level}/{index}", width=wanted)
            )
            continue
        if wanted == WIDTH:
            if index // WIDTH != above_index:
                above_index = index // WIDTH
                above = _hashes_at(reader, level + 1, above_index)
            if above[index % WIDTH : index % WIDTH + 1] != [perfect_root(split(data))]:
                _disagree(level, index, findings)
    _missing(level, expected, full + (1 if rest else 0), findings)


def _hashes_at(reader: Reader, level: int, index: int) -> list[bytes]:
    rows = reader.level_tiles(level, index, index)
    return split(octets(rows[-1][2]) or b"") if rows else []


def _missing(level: int, first: int, last: int, findings: Findings) -> None:
    for index in range(first, min(last, first + 1000)):
        findings.add("missing", TILE, f"{level}/{index}", "", MISSING.fill(tile=f"{level}/{index}"))


def _inserted(level: int, index: int, width: int, findings: Findings) -> None:
    tile = f"{level}/{index}"
    findings.add("inserted", TILE, tile, "", INSERTED.fill(tile=tile, width=width))


def _disagree(level: int, index: int, findings: Findings) -> None:
    tile, above = f"{level}/{index}", f"{level + 1}/{index // WIDTH}"
    for row in (tile, above):
        findings.add("disagrees", TILE, row, "hashes", DISAGREES.fill(tile=tile, above=above))
