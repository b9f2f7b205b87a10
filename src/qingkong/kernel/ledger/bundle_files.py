"""The files of a proof bundle: a proof an entry with what may be shown, attached files, and what helps the reader."""

import json
import re
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.utils.translation import override

from qingkong.kernel.ledger import acts, canonical, keys, readme, tree
from qingkong.kernel.ledger.bundle_scope import Attached, CannotBundle, Scope, is_about, is_erased
from qingkong.kernel.ledger.models import Checkpoint, Cosigner, Entry
from qingkong.kernel.ledger.proving import FORMAT, note_with_cosignatures
from qingkong.kernel.ledger.tiling import inclusion_ranges
from qingkong.kernel.text import Sentence, zh
from qingkong_verify.build import archive
from qingkong_verify.bundle import ATTACHED, DISCLOSED, ENTRIES, ERASED, NONE, WITHHELD, written

CHUNK = 64  # proofs whose hashes are read in one query
LEFT_OUT = "……"

NOT_NAMED = zh("没有哪条存证写明这个文件：{name}。")
HOW_NAMED = zh("只有存证里写明摘要、并且内容一并出示的文件可以放进证明包。")


def entry_files(
    rows: list[Entry], scope: Scope, shown: set[Any], standings: list[Checkpoint], using: str
) -> dict[str, bytes]:
    """A proof file an entry, against the cosigned checkpoint where that covers it."""
    places = [(row.leaf.sequence, next(s for s in standings if s.size > row.leaf.sequence)) for row in rows]
    paths: list[list[bytes]] = []
    for start in range(0, len(places), CHUNK):
        paths += _paths([(index, standing.size) for index, standing in places[start : start + CHUNK]], using)
    notes = {standing.number: note_with_cosignatures(standing) for standing in standings}
    return {
        f"{ENTRIES}{index:010}.json": written(
            {
                "format": FORMAT, "entry": bytes(row.canonical).decode(), "index": index, "size": standing.size,
                "proof": [b64encode(digest).decode() for digest in path], "checkpoint": notes[standing.number],
                **_content(row, row.pk in shown), "about": _told(row, scope, row.pk in shown),
            }
        )
        for row, (index, standing), path in zip(rows, places, paths, strict=True)
    }  # fmt: skip


def _paths(wanted: list[tuple[int, int]], using: str) -> list[list[bytes]]:
    """The inclusion proofs of several leaves, in one query."""
    ranges = [inclusion_ranges(index, size) for index, size in wanted]
    hashes = iter(tree.ranges([one for several in ranges for one in several], using))
    return [[next(hashes) for _ in several] for several in ranges]


def _content(row: Entry, shown: bool) -> dict[str, Any]:
    facts = getattr(row, "facts", None)
    if not shown or facts is None or facts.value is None:
        return {}
    salt = canonical.bare_salt(bytes(facts.salt))
    return {"facts": {"salt": b64encode(salt).decode(), "text": facts.value}}


def _told(row: Entry, scope: Scope, shown: bool) -> dict[str, Any]:
    """What became of an entry's content, and the act in both languages for who reads it."""
    told: dict[str, Any] = {"state": _state(row, shown), "explains": not is_about(row, scope)}
    told |= {name: _in_words(row, shown, language) for name, language in (("zh", "zh-hans"), ("en", "en"))}
    if is_erased(row):
        told["erased_by"] = str(row.facts.erasure_id)
    return told


def _in_words(row: Entry, shown: bool, language: str) -> str:
    """What was done, in a reader's words: with its content where that is shown, else with its gaps left open."""
    facts = getattr(row, "facts", None)
    with override(language):
        if shown and facts is not None and facts.value is not None:
            return str(acts.sentence_of(row.act, json.loads(facts.value)))
        said = acts.sentence_of(row.act, None)
        return str(said.fill(**dict.fromkeys(said.params, LEFT_OUT)) if isinstance(said, Sentence) else said)


def _state(row: Entry, shown: bool) -> str:
    if not row.commitment:
        return NONE
    if is_erased(row):
        return ERASED
    return DISCLOSED if shown and hasattr(row, "facts") else WITHHELD


def history(standings: list[Checkpoint], using: str) -> bytes:
    """The checkpoints on which the proofs rest, and that each begins the next."""
    sizes = [standing.size for standing in standings]
    steps = [
        {"from": old, "to": new, "proof": [digest.hex() for digest in tree.consistency(old, new, using)]}
        for old, new in zip(sizes, sizes[1:], strict=False)
    ]
    return written({"checkpoints": [note_with_cosignatures(one) for one in standings], "consistency": steps})


def attached_files(attached: Iterable[Attached], rows: list[Entry], shown: set[Any]) -> dict[str, bytes]:
    disclosed = "".join(
        row.facts.value for row in rows if row.pk in shown and hasattr(row, "facts") and row.facts.value
    )
    found = {}
    for one in attached:
        digest = sha256(one.data).hexdigest()
        if digest not in disclosed:
            raise CannotBundle(NOT_NAMED.fill(name=digest), how=HOW_NAMED)
        found[f"{ATTACHED}{digest}{_suffix(one.suffix)}"] = one.data
    return found


def for_the_reader(scope: Scope, rows: list[Entry], at: datetime, using: str) -> dict[str, bytes]:
    """What isn't proved but helps: how to check and what it means, in both languages, the checker, the keys."""
    vkeys = [*keys.known_vkeys(using), *Cosigner.objects.using(using).order_by("name").values_list("vkey", flat=True)]
    return {
        "readme-zh.txt": readme.text("zh", label=scope.label, entries=len(rows), at=at).encode(),
        "readme-en.txt": readme.text("en", label=scope.label, entries=len(rows), at=at).encode(),
        "keys.txt": "".join(f"{vkey}\n" for vkey in vkeys).encode(),
        "qingkong-verify.pyz": archive(),
    }


def _suffix(text: str) -> str:
    """An ending that every system takes, or none."""
    return text.lower() if re.fullmatch(r"\.[a-zA-Z0-9]{1,8}", text) else ""


def listed(data: bytes) -> dict[str, Any]:
    return {"sha256": sha256(data).hexdigest(), "size": len(data)}
