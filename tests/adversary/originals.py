"""Attacks on the vault: bytes, files, and the rows that speak of them."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from qingkong.kernel import vault
from qingkong.kernel.vault.models import Blob, Tombstone
from tests.adversary.outcomes import Outcome
from tests.adversary.stage import Stage

FAMILY = "originals in the vault"


def attacks(stage: Stage) -> Iterator[Outcome]:
    """Each on a file of its own; the vault is put back after each. Seen by `ledger verify --originals`."""
    for sha256 in _stored(stage)[:1]:
        for name, do in ATTACKS.items():
            with stage.attack(), _kept(Path(vault.path(sha256))) as file:
                do(stage, file, sha256)
                named = {problem.name for problem in vault.scrub()}
                named |= {problem.row for problem in stage.compare([Blob, Tombstone])}
                seen = any(sha256 in name or STRANGE in name for name in named)
                yield Outcome(FAMILY, name, "vault", seen, stage.cosigner_sees())


STRANGE = "0" * 63 + "1"


def _stored(stage: Stage) -> list[str]:
    """Blobs whose file is there; one is made where there is none."""
    there = [sha for sha in Blob.objects.filter(tombstone=None).values_list("pk", flat=True) if vault.exists(sha)]
    if there:
        return there
    from io import BytesIO

    made = vault.receive(BytesIO(b"evidence" * 1000)).sha256
    stage.enter("vault")
    return [made]


@contextmanager
def _kept(file: Path) -> Iterator[Path]:
    """The file and its folder as they were, afterwards."""
    data, mode, folder = file.read_bytes(), file.stat().st_mode, file.parent
    there = set(folder.iterdir())
    try:
        yield file
    finally:
        for strange in set(folder.iterdir()) - there:
            strange.unlink()
        _put(file, data)
        file.chmod(mode)


def _put(file: Path, data: bytes) -> None:
    if file.exists():
        file.chmod(0o600)
        file.unlink()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def flip(stage: Stage, file: Path, sha256: str) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    times = file.stat()
    _put(file, bytes(data))
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))  # same size, same times


def delete(stage: Stage, file: Path, sha256: str) -> None:
    file.chmod(0o600)
    file.unlink()


def delete_with_row(stage: Stage, file: Path, sha256: str) -> None:
    delete(stage, file, sha256)
    stage.sql("DELETE FROM vault_blob WHERE sha256 = %s", sha256)


def replace(stage: Stage, file: Path, sha256: str) -> None:
    _put(file, b"another film" * (file.stat().st_size // 12 + 1))


def replace_with_row(stage: Stage, file: Path, sha256: str) -> None:
    """Another content, its row saying its true size."""
    replace(stage, file, sha256)
    stage.sql("UPDATE vault_blob SET size = %s WHERE sha256 = %s", file.stat().st_size, sha256)


def cut(stage: Stage, file: Path, sha256: str) -> None:
    _put(file, file.read_bytes()[:-1])


def empty(stage: Stage, file: Path, sha256: str) -> None:
    _put(file, b"")


def add(stage: Stage, file: Path, sha256: str) -> None:
    _put(file.parent / STRANGE, b"slipped in")


def add_with_row(stage: Stage, file: Path, sha256: str) -> None:
    add(stage, file, sha256)
    stage.sql("INSERT INTO vault_blob (sha256, size) VALUES (%s, %s)", STRANGE, 10)


def bury(stage: Stage, file: Path, sha256: str) -> None:
    """Delete, and put up a tombstone as if it had been erased by law."""
    delete(stage, file, sha256)
    stage.sql(
        "INSERT INTO vault_tombstone (blob_id, ground, first_name, second_name, erased_at) VALUES (%s, %s, %s, %s, %s)",
        sha256, "依法", "示例甲", "示例乙", stage.at,
    )  # fmt: skip


ATTACKS: dict[str, Callable[[Stage, Path, str], None]] = {
    "flip a bit, keep size and times": flip,
    "cut off the last byte": cut,
    "empty the file": empty,
    "replace the file": replace,
    "replace the file and the size in its row": replace_with_row,
    "delete the file": delete,
    "delete the file and its row": delete_with_row,
    "delete the file and forge its erasure": bury,
    "add a file": add,
    "add a file and a row": add_with_row,
}
