"""The journal of erasures: kept with the keys, apart from data and backups, so that a restore can't undo them.

Two lines an erasure: `begun` before its transaction commits, `done` after; `void` where it never committed. Each line
holds the hash of the one before and is signed with the ledger's key. It names no person whose data was erased.
"""

import fcntl
import hashlib
import json
import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import transaction

from qingkong.kernel import ledger
from qingkong.kernel.ledger import keys
from qingkong.kernel.ledger.canonical import moment
from qingkong.kernel.ledger.erasing import Erased
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh
from qingkong.project.backup import ring
from qingkong_verify.notes import parse_key

FILE = "erasures.jsonl"
BROKEN = zh("删除日志 {path} 第 {line} 行被改动或被删去。")
BROKEN_HOW = zh("从密钥副本放回原件；查明是谁动了它。")


class JournalBroken(Refusal):
    """A line of the journal isn't what was written."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `what` is `facts:<entry id>` or `blob:<sha256>`; `erasure` the id of the entry that says so."""

    stage: str
    what: str
    erasure: str
    at: str
    ground: str
    first: str
    second: str


def witness(erased: Erased) -> None:
    """Told by the ledger inside the erasure's transaction: what can't be written here isn't erased."""
    entry = erased.erasure
    if entry._state.db not in (None, "default"):
        return
    folder, key = Path(settings.QINGKONG_KEYS), str(entry.pk)
    line = Line("begun", erased.what, key, moment(entry.at), erased.ground, erased.first, erased.second)
    append(folder, line)
    transaction.on_commit(lambda: finish(folder, line), robust=True)


def finish(folder: Path, line: Line, stage: str = "done") -> None:
    """Close a line that was begun; an original's key is destroyed in the ring of backups."""
    append(folder, Line(stage, line.what, line.erasure, line.at, "", "", ""))
    kind, _, sha256 = line.what.partition(":")
    if stage == "done" and kind == "blob" and (folder / ring.FILE).exists():
        with ring.changing(folder) as held:
            held.destroy_blob(sha256)


def settle(folder: Path) -> int:
    """Close what a crash left begun, by what the ledger knows; how many lines."""
    open_lines = unsettled(read(folder))
    for line in open_lines:
        committed = ledger.Entry.objects.filter(pk=line.erasure).exists()
        finish(folder, line, "done" if committed else "void")
    return len(open_lines)


def unsettled(lines: list[Line]) -> list[Line]:
    """Lines that were begun and neither done nor void."""
    closed = {line.erasure for line in lines if line.stage != "begun"}
    return [line for line in lines if line.stage == "begun" and line.erasure not in closed]


def erased(lines: list[Line]) -> list[Line]:
    """What was erased for good, as it was begun, the oldest first."""
    done = {line.erasure for line in lines if line.stage == "done"}
    return [line for line in lines if line.stage == "begun" and line.erasure in done]


def append(folder: Path, line: Line) -> None:
    """Write one line at the end, signed, on the disk. What a killed writer left half-written is cut off first."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / FILE, os.O_CREAT | os.O_RDWR, 0o600)
    with os.fdopen(handle, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        whole = file.read()
        kept = whole[: whole.rfind(b"\n") + 1]
        body = {"n": kept.count(b"\n") + 1, "previous": _head(kept), **_fields(line)}
        signature = b64encode(_signer(folder).sign(_bytes(body))).decode()
        file.seek(len(kept))
        file.truncate()
        file.write(_bytes({**body, "signature": signature}) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def standing(folder: Path, lines: int | None = None) -> tuple[int, str]:
    """How many lines the journal has (or its first so many), and the hash of the last."""
    whole = _whole_lines(folder)
    kept = b"".join(whole[: len(whole) if lines is None else lines])
    return kept.count(b"\n"), _head(kept)


def read(folder: Path) -> list[Line]:
    """All lines, each checked against the one before and against the ledger's public keys. Raises JournalBroken."""
    publics = [Ed25519PublicKey.from_public_bytes(parse_key(vkey).public) for vkey in _vkeys(folder)]
    found, before = [], b""
    for number, raw in enumerate(_whole_lines(folder), 1):
        try:
            body = json.loads(raw)
            signature = b64decode(body.pop("signature"))
            if (body.pop("n"), body["previous"]) != (number, _head(before)):
                raise ValueError
            signed = _bytes({"n": number, **body})
            body.pop("previous")
            if not any(_good(public, signature, signed) for public in publics):
                raise ValueError
            found.append(Line(**body))
        except (ValueError, KeyError, TypeError):
            raise JournalBroken(BROKEN.fill(path=folder / FILE, line=number), how=BROKEN_HOW) from None
        before = raw
    return found


def instant(line: Line) -> datetime:
    """When it was erased."""
    return datetime.strptime(line.at, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def _whole_lines(folder: Path) -> list[bytes]:
    path = folder / FILE
    data = path.read_bytes() if path.exists() else b""
    return [line for line in data.splitlines(keepends=True) if line.endswith(b"\n")]


def _head(kept: bytes) -> str:
    return hashlib.sha256(kept.splitlines(keepends=True)[-1]).hexdigest() if kept else ""


def _fields(line: Line) -> dict[str, str]:
    return {name: getattr(line, name) for name in Line.__slots__}


def _bytes(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _signer(folder: Path) -> keys.Signer:
    return keys.read_key(folder / "ledger.key")


def _vkeys(folder: Path) -> list[str]:
    public = folder / "ledger.pub"
    return public.read_text().split() if public.exists() else [_signer(folder).vkey]


def _good(public: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        public.verify(signature, message)
    except InvalidSignature:
        return False
    return True
