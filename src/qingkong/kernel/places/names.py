"""How an official division name is written and typed by people. Pure.

前河涯村委会 is shown as 前河涯村, and written 前河涯村, 前河涯, 前河涯村村委会 or 前河涯村民委员会.
"""

import re
import unicodedata
from itertools import product

EDITION = b"1"
"""Raise it when the ways of writing change: aliases are then made anew at the next load."""

ENDINGS = ("镇", "乡", "街道", "村", "社区", "委会", "委员会", "县", "市", "省")
"""A name that ends so is complete: what follows is a place in it, not more of the name."""

SURNAME_READINGS = {"单": "shan", "解": "xie", "查": "zha", "仇": "qiu", "朴": "piao", "曾": "zeng", "尉": "yu"}
"""Surnames read otherwise than the common word; villages are named after families, so both are typed."""

_GAP = re.compile(r"[\s,，、。.;；:：·・\-—_/|()（）'’\"“”]+")


def normal(text: str) -> tuple[str, frozenset[int]]:
    """Text without gaps, and the positions in it where a gap stood: "沙河站 前河涯" → 沙河站前河涯, {3}."""
    pieces = [p for p in _GAP.split(unicodedata.normalize("NFKC", text).lower()) if p]
    gaps, length = set(), 0
    for piece in pieces[:-1]:
        length += len(piece)
        gaps.add(length)
    return "".join(pieces), frozenset(gaps)


def shown(name: str) -> str:
    """The name as pages print it: 前河涯村委会 → 前河涯村, 刘范村社区居委会 → 刘范村社区."""
    if name.endswith("村村委会"):
        return name[:-3]
    if name.endswith("村委会"):
        return name[:-2]
    if name.endswith("居委会"):
        return name[:-3]
    return name


def written(name: str) -> list[str]:
    """Every way the name is written, the official one first, none shorter than two characters."""
    forms = [name, shown(name)]
    if name.endswith(("镇", "乡")):
        forms.append(name[:-1])
    elif name.endswith("街道"):
        forms += [f"{name}办事处", f"{name}办", name[:-2]]
    elif name.endswith("委会"):
        forms += _written_village(shown(name))
    return [form for form in dict.fromkeys(forms) if len(form) >= 2]


def _written_village(short: str) -> list[str]:
    core = short.removesuffix("社区")
    stem = core.removesuffix("村")
    village = f"{stem}村"
    if short.endswith("社区"):
        return [core, stem, f"{core}居委会", f"{stem}社区", f"{core}社区居民委员会"]
    return [stem, f"{village}村委会", f"{village}委会", f"{stem}居委会", f"{village}民委员会", f"{stem}社区"]


def readings(form: str) -> list[tuple[str, str]]:
    """Pinyin without tones and its initials, for each way the first surname in it may be read."""
    from pypinyin import lazy_pinyin  # its dictionaries load slowly, and only loading data needs them

    syllables = [[s] for s in lazy_pinyin(form, errors="ignore")]
    if len(syllables) != len(form):
        return []
    for i, character in enumerate(form):
        other = SURNAME_READINGS.get(character)
        if other and other not in syllables[i]:
            syllables[i].append(other)
    return [("".join(way), "".join(s[0] for s in way)) for way in product(*syllables)]
