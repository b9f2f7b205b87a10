"""What a sound bundle proves and what it doesn't, said in words."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from qingkong_verify.bundle import DISCLOSED, ERASED, NONE, WITHHELD, Bundle, Told
from qingkong_verify.notes import instant

WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "sound": "属实：关于 {subject} 的 {count} 条，都在 {origin} 的存证里，一字未改（存证共 {size} 条）。",
        "made": "警方于 {at} 由 {name} 制作，并声明当时关于它的存证就是这 {count} 条；这句声明是第 {index} 条存证。",
        "entry": "#{index} {at} {who}：{words}",
        NONE: "    没有另外的内容。",
        DISCLOSED: "    内容属实：{facts}",
        WITHHELD: "    内容没有出示，只有承诺值。",
        ERASED: "    内容已依法删除，删除记在第 {erased_by} 条。",
        "explains": "    （这一条说的是上面的一次删除。）",
        "seen": "    见证：{names}",
        "unseen": "    您所信任的单位还没有见证这一条。",
        "named": "存证写明的文件（SHA-256）：",
        "digest": "  {digest}  第 {places} 条{within}",
        "within": "，在包里，相符",
        "held": "您的文件 {path}：存证第 {places} 条写明的就是它。",
        "strange": "您的文件 {path}：这个包里没有哪一条写明它。",
        "unread": "您的文件 {path}：读不了。",
        "converted": "（{count} 个文本文件的换行被改成了 Windows 的样子，内容没有变。）",
        "not": "没有证明：",
    },
    "en": {
        "sound": "True: the {count} entries about {subject} stand in the ledger {origin}, to the letter ({size} entries in all).",
        "made": "Made by {name} at {at}, who stated that these {count} are all that the ledger held about it then; the statement is entry {index}.",
        "entry": "#{index} {at} {who}: {words}",
        NONE: "    No further content.",
        DISCLOSED: "    Content as entered: {facts}",
        WITHHELD: "    Content not given, only its commitment.",
        ERASED: "    Content erased by law, by entry {erased_by}.",
        "explains": "    (This entry is about an erasure above.)",
        "seen": "    Seen by: {names}",
        "unseen": "    No body you trust has seen this entry yet.",
        "named": "Files that entries name (SHA-256):",
        "digest": "  {digest}  entry {places}{within}",
        "within": ", in the bundle, the same",
        "held": "Your file {path}: entry {places} names it.",
        "strange": "Your file {path}: no entry of this bundle names it.",
        "unread": "Your file {path}: can't be read.",
        "converted": "(Line ends of {count} text files were turned into those of Windows; nothing else changed.)",
        "not": "Not proved:",
    },
}
NOT_PROVED = {
    "zh": (
        "  · 写进去的话是真的；没有出示的内容里写了什么。",
        "  · 再没有别的条目，除非您相信上面的声明。查全要核对整本存证。",
        "  · 钟是准的。时间是服务器的钟。",
    ),
    "en": (
        "  - that what was entered is true, and what stands in content that isn't given;",
        "  - that there are no other entries, unless you believe the statement above; for that, check the whole ledger;",
        "  - that the clocks were right: times are the server's.",
    ),
}
UNSEEN = {
    "zh": "  · {count} 条还没有您所信任的单位见证：没有证明它们未被掌握服务器密钥的人重写过。",
    "en": "  - that {count} entries, which no body you trust has seen, weren't rewritten by somebody with the server's key.",
}


def lines(bundle: Bundle, held: list[Path], language: str) -> list[str]:
    """What is said of a sound bundle, and of files the reader holds."""
    words = WORDS[language]
    made, own = bundle.made, [told for told in bundle.entries if not told.explains]
    said = [
        words["sound"].format(subject=bundle.thread or bundle.subject, count=len(own), origin=bundle.newest.origin, size=bundle.newest.size),
        words["made"].format(at=_when(made.entry), name=_who(made.entry), count=len(own), index=made.index),
    ]  # fmt: skip
    for told in bundle.entries:
        said += _entry(told, language)
    if bundle.named:
        said.append(words["named"])
        within = {name.split("/")[-1][:64] for name in bundle.attached}
        for digest, places in bundle.named.items():
            there = words["within"] if digest in within else ""
            said.append(words["digest"].format(digest=digest, places=_places(places), within=there))
    said += [_held(path, bundle, words) for path in held]
    if bundle.converted:
        said.append(words["converted"].format(count=len(set(bundle.converted))))
    unseen = sum(not told.proved.checkpoint.cosigned for told in bundle.entries)
    return [*said, words["not"], *NOT_PROVED[language], *([UNSEEN[language].format(count=unseen)] if unseen else [])]


def as_json(bundle: Bundle, held: list[Path]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "ok": True, "subject": bundle.subject, "thread": bundle.thread, "origin": bundle.newest.origin,
        "size": bundle.newest.size, "root": bundle.newest.root.hex(), "made": bundle.made.entry,
        "entries": [
            {
                "index": told.proved.index, "entry": told.proved.entry, "state": told.state, "facts": told.proved.facts,
                "erased_by": told.erased_by,
                "cosigned": [{"name": c.name, "at": instant(c.seconds)} for c in told.proved.checkpoint.cosigned],
            }
            for told in bundle.entries
        ],
        "named": bundle.named, "attached": bundle.attached,
        "held": {str(path): bundle.named.get(_digest(path) or "", []) for path in held},
    }  # fmt: skip


def _entry(told: Told, language: str) -> list[str]:
    words, proved = WORDS[language], told.proved
    entry = proved.entry
    spoken = told.words.get(language) or entry.get("act")
    said = [words["entry"].format(index=proved.index, at=_when(entry), who=_who(entry), words=spoken)]
    state = NONE if told.state == DISCLOSED and not proved.facts else told.state
    facts = json.dumps(proved.facts, ensure_ascii=False)
    said.append(words[state].format(facts=facts, erased_by=told.erased_by))
    if told.explains:
        said.append(words["explains"])
    names = "、".join(f"{c.name} {instant(c.seconds)}" for c in proved.checkpoint.cosigned)
    return [*said, words["seen"].format(names=names) if names else words["unseen"]]


def _who(entry: dict[str, Any]) -> str:
    parts = [entry.get("unit_name"), entry.get("actor_name"), entry.get("actor_post")]
    return " ".join(str(part) for part in parts if part) or str(entry.get("actor_kind"))


def _when(entry: dict[str, Any]) -> str:
    """An entry's time by the county's clock; as it stands where it can't be read."""
    text = str(entry.get("at"))
    try:
        return f"{datetime.strptime(text, '%Y-%m-%dT%H:%M:%S.%fZ') + timedelta(hours=8):%Y-%m-%d %H:%M:%S} +08:00"
    except (ValueError, OverflowError):
        return text


def _held(path: Path, bundle: Bundle, words: dict[str, str]) -> str:
    digest = _digest(path)
    if digest is None:
        return words["unread"].format(path=path)
    places = bundle.named.get(digest)
    return words["held"].format(path=path, places=_places(places)) if places else words["strange"].format(path=path)


def _digest(path: Path) -> str | None:
    found = sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                found.update(piece)
    except OSError:
        return None
    return found.hexdigest()


def _places(places: list[int]) -> str:
    return ", ".join(str(place) for place in sorted(set(places)))
