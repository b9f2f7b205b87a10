"""Check a proof bundle: every entry of one subject, each proved, none altered, and what the makers stated.

The manifest lists every file with its digest; the digest of the manifest stands in the ledger, in the entry of the
bundle's making, which `made.json` proves. So no byte can be changed without the ledger's own key.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from qingkong_verify.errors import VerificationError
from qingkong_verify.merkle import verify_consistency
from qingkong_verify.notes import Checkpoint, verify_checkpoint
from qingkong_verify.opening import MANIFEST, Files, check_listed, opened
from qingkong_verify.proofs import Proved, loaded, prove

FORMAT = "qingkong-bundle/1"
MADE, HISTORY = "made.json", "history.json"
ENTRIES, ATTACHED = "entries/", "files/"
NONE, DISCLOSED, WITHHELD, ERASED = "none", "disclosed", "withheld", "erased"
MADE_KEYS = {"format", "entry", "index", "size", "proof", "checkpoint", "facts", "consistency", "since"}


@dataclass(frozen=True)
class Told:
    """One proved entry. `state`: none, disclosed, withheld or erased; `erased_by`: the place of the erasure's entry."""

    proved: Proved
    state: str
    words: dict[str, str]
    explains: bool
    erased_by: int | None = None


@dataclass
class Bundle:
    """A bundle that was found sound."""

    subject: str
    thread: str
    entries: list[Told]
    made: Proved
    newest: Checkpoint
    attached: list[str]
    named: dict[str, list[int]]  # SHA-256 in disclosed facts → places of the entries that name it
    converted: list[str] = field(default_factory=list)


def check_bundle(path: Path, keys: list[str]) -> Bundle:
    """Check a bundle (folder or zip) against the public keys you trust. Raises VerificationError, which names the file."""
    files = opened(path)
    manifest_bytes = files.read(MANIFEST)
    manifest = _json(manifest_bytes, MANIFEST)
    listed = manifest.get("files")
    if manifest.get("format") != FORMAT or not isinstance(listed, dict):
        raise VerificationError("这不是证明包的清单。", "This isn't the manifest of a proof bundle.", place=MANIFEST)
    stated_by = _cached(keys)
    made, proof = _made(files, manifest, manifest_bytes, stated_by)
    check_listed(files, listed, (MANIFEST, MADE))
    entries = _entries(files, manifest, stated_by)
    _one_history([told.proved.checkpoint for told in entries], made.checkpoint, files, proof, stated_by)
    named = _named(entries)
    attached = [name for name in listed if name.startswith(ATTACHED)]
    for name in attached:
        if sha256(files.raw(name)).hexdigest() not in named:
            raise VerificationError("没有哪条存证写明这个文件。", "No entry names this file.", place=name)
    return Bundle(
        manifest["subject"], manifest["thread"], entries, made, made.checkpoint, attached, named, files.converted
    )


def _made(
    files: Files, manifest: dict[str, Any], data: bytes, stated_by: Callable[[str], Checkpoint]
) -> tuple[Proved, dict[str, Any]]:
    """The entry of the bundle's making, which binds the manifest. Every byte of its file has one proper form."""
    text = files.read(MADE)
    proof = _json(text, MADE)
    if set(proof) != MADE_KEYS or written(proof) != text:
        raise VerificationError("这个文件被改动过。", "This file was altered.", place=MADE)
    made = _at(MADE, lambda: prove(proof, stated_by))
    facts = made.facts or {}
    if made.entry.get("act") != "ledger.bundled":
        raise VerificationError("这不是制作证明包的存证。", "This isn't the entry of a bundle's making.", place=MADE)
    if facts.get("manifest") != sha256(data).hexdigest():
        raise VerificationError(
            "清单被改动过：与制作时记入存证的摘要不符。",
            "The manifest was altered: the ledger holds another digest of it.",
            place=MANIFEST,
        )
    if (made.entry.get("subject"), made.entry.get("thread")) != (manifest.get("subject"), manifest.get("thread")):
        raise VerificationError("清单说的是另一个对象。", "The manifest is about another subject.", place=MANIFEST)
    return made, proof


def _entries(files: Files, manifest: dict[str, Any], stated_by: Callable[[str], Checkpoint]) -> list[Told]:
    found: dict[str, Told] = {}
    erasures: dict[str, str] = {}
    last = -1
    for name in sorted(name for name in files.names if name.startswith(ENTRIES)):
        proof = _json(files.read(name), name)
        proved = _at(name, lambda proof=proof: prove(proof, stated_by))  # type: ignore[misc]
        given = proof.get("about")
        about: dict[str, Any] = given if isinstance(given, dict) else {}
        if name != f"{ENTRIES}{proved.index:010}.json" or proved.index <= last:
            raise VerificationError("文件名与序号不符。", "The file's name isn't its place.", place=name)
        last = proved.index
        state = _state(proved, about, name)
        words = {language: str(about.get(language, "")) for language in ("zh", "en")}
        found[name] = Told(proved, state, words, bool(about.get("explains")))
        if state == ERASED:
            erasures[name] = str(about.get("erased_by"))
    told = _explained(found, erasures)
    _about_the_subject(told, manifest, set(erasures.values()))
    return list(told.values())


def _state(proved: Proved, about: dict[str, Any], name: str) -> str:
    """Whether the entry has content and what became of it. Raises VerificationError for what doesn't fit together."""
    state = about.get("state")
    committed = bool(proved.entry.get("commitment"))
    fits = {NONE: not committed, DISCLOSED: proved.facts is not None, WITHHELD: committed, ERASED: committed}
    if not fits.get(str(state), False) or (state != DISCLOSED and proved.facts is not None):
        raise VerificationError("内容的状态与存证不符。", "What it says of its content isn't so.", place=name)
    return str(state)


def _explained(found: dict[str, Told], erasures: dict[str, str]) -> dict[str, Told]:
    """Every erased content with the entry of its erasure, which must be in the bundle."""
    by_id = {str(told.proved.entry.get("id")): told.proved for told in found.values()}
    for name, erasure in erasures.items():
        told, erased = found[name], by_id.get(erasure)
        about = f"ledger.entry:{told.proved.entry.get('id')}"
        if erased is None or (erased.entry.get("act"), erased.entry.get("subject")) != ("ledger.erased", about):
            raise VerificationError(
                "说是依法删除，却没有删除它的存证。", "It says erased by law, but no entry erased it.", place=name
            )
        found[name] = Told(told.proved, told.state, told.words, told.explains, erased.index)
    return found


def _about_the_subject(told: dict[str, Told], manifest: dict[str, Any], erasures: set[str]) -> None:
    subject, thread = manifest.get("subject"), manifest.get("thread")
    for name, one in told.items():
        entry = one.proved.entry
        about = entry.get("subject") == subject or bool(thread and entry.get("thread") == thread)
        if not about and entry.get("id") not in erasures:
            raise VerificationError("这条存证说的不是这个对象。", "This entry is about another subject.", place=name)
    if manifest.get("entries") != sum(not one.explains for one in told.values()):
        raise VerificationError("条数与清单不符。", "The manifest tells of another number of entries.", place=MANIFEST)


def _one_history(
    used: list[Checkpoint],
    newest: Checkpoint,
    files: Files,
    made: dict[str, Any],
    stated_by: Callable[[str], Checkpoint],
) -> None:
    """All checkpoints of the bundle belong to one history: each begins the next."""
    history = _json(files.read(HISTORY), HISTORY)
    notes, proofs = history.get("checkpoints"), history.get("consistency")
    if not isinstance(notes, list) or not isinstance(proofs, list):
        raise VerificationError("校验点的历史读不懂。", "The history of checkpoints can't be read.", place=HISTORY)
    told = [_at(HISTORY, lambda note=note: stated_by(str(note))) for note in notes]  # type: ignore[misc]
    roots: dict[int, bytes] = {}
    for checkpoint in [*told, *used, newest]:
        if checkpoint.origin != newest.origin or roots.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
            raise VerificationError(
                "校验点互相矛盾：这是分叉的证据。", "The checkpoints contradict each other: a fork.", place=HISTORY
            )
    steps = {(step.get("from"), step.get("to")): step.get("proof") for step in proofs if isinstance(step, dict)}
    sizes = sorted(roots)
    last = len(sizes) - 2
    for number, old in enumerate(sizes[:-1]):
        new, place = sizes[number + 1], MADE if number == last else HISTORY
        if place == MADE and made["since"] != old:
            raise VerificationError("校验点接不上。", "The checkpoints don't join.", place=MADE)
        path = _hashes(made["consistency"] if place == MADE else steps.get((old, new)), place)
        _at(place, lambda o=old, n=new, p=path: verify_consistency(o, roots[o], n, roots[n], p))  # type: ignore[misc]


def _hashes(proof: Any, place: str) -> list[bytes]:
    try:
        found = [bytes.fromhex(digest) for digest in proof]
    except (TypeError, ValueError):
        found = None
    if found is None or [digest.hex() for digest in found] != proof:
        raise VerificationError(
            "一致性证明缺少或读不懂。", "A consistency proof is missing or unreadable.", place=place
        )
    return found


def _named(entries: list[Told]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for told in entries:
        for digest in digests_in(told.proved.facts):
            found.setdefault(digest, []).append(told.proved.index)
    return found


def digests_in(value: Any) -> list[str]:
    """Every SHA-256 in hex that stands anywhere in facts."""
    if isinstance(value, dict):
        return [digest for inner in value.values() for digest in digests_in(inner)]
    if isinstance(value, list):
        return [digest for inner in value for digest in digests_in(inner)]
    hexadecimal = isinstance(value, str) and len(value) == 64 and not set(value) - set("0123456789abcdef")
    return [value] if hexadecimal else []


def written(value: dict[str, Any]) -> bytes:
    """The one form in which a bundle's JSON is written."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def _cached(keys: list[str]) -> Callable[[str], Checkpoint]:
    """Verify a checkpoint's text once, however many proofs rest on it."""
    known: dict[str, Checkpoint] = {}

    def stated_by(note: str) -> Checkpoint:
        if note not in known:
            known[note] = verify_checkpoint(note, keys)
        return known[note]

    return stated_by


def _json(data: bytes, name: str) -> dict[str, Any]:
    return _at(name, lambda: loaded(data))  # type: ignore[no-any-return]


def _at(name: str, work: Callable[[], Any]) -> Any:
    """What `work` gives; where it refuses, with the file it is about."""
    try:
        return work()
    except VerificationError as error:
        raise VerificationError(error.zh, error.en, place=error.place or name) from None
