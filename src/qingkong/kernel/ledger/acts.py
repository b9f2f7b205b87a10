"""The acts the ledger knows, in words. An act nobody registered can't be recorded."""

from collections.abc import Iterable, Mapping
from string import Formatter

from django.utils.translation import get_language

from qingkong.kernel.text import Sentence, zh

ERASED = zh("（已依法删除）")

_acts: dict[str, Sentence] = {}
_looks: set[str] = {"access.looked"}
_posts: dict[str, Sentence] = {}


class UnknownAct(ValueError):
    """The act isn't registered, or is registered twice with different words."""


def register_acts(acts: Mapping[str, Sentence]) -> None:
    """Say which acts an app records and how each reads: `{"calls.taken": zh("接警登记")}`.

    A sentence may have gaps, `{name}`, which the facts of the entry fill. Raises UnknownAct where an act is
    registered already with other words.
    """
    for act, sentence in acts.items():
        if _acts.setdefault(act, sentence).source != sentence.source:
            raise UnknownAct(f"{act} is registered twice: {_acts[act].source} and {sentence.source}")


def register_looks(acts: Iterable[str]) -> None:
    """Say which acts are looks at one person's data (`access.looked` is one)."""
    _looks.update(acts)


def register_posts(labels: Mapping[str, Sentence]) -> None:
    """Say how posts read, for the timeline."""
    _posts.update(labels)


def known(act: str) -> bool:
    return act in _acts


def looks() -> list[str]:
    return sorted(_looks)


def is_look(act: str) -> bool:
    return act in _looks


def post_label(post: str) -> str:
    """A post's name in the reader's language; the bare value where nobody registered it."""
    return str(_posts[post]) if post in _posts else post


SYSTEM = zh("系统")
PERSON = zh("群众")


def who(kind: str, name: str) -> str:
    """An officer by name; the system and the public by what they are, whatever way they came."""
    return name if kind == "officer" else str(SYSTEM if kind == "system" else PERSON)


def sentence_of(act: str, facts: Mapping[str, object] | None) -> Sentence | str:
    """What was done, in words. A gap whose fact was erased says so; an unknown act stands for itself.

    A fact that was kept in both languages (`name` and `name_en`) is told in the reader's.
    """
    sentence = _acts.get(act)
    if sentence is None:
        return act
    gaps = [name for _, name, _, _ in Formatter().parse(sentence.source) if name]
    known = {**(facts or {})}
    if get_language() == "en":
        known |= {name: known[f"{name}_en"] for name in gaps if known.get(f"{name}_en")}
    return sentence.fill(**{name: known.get(name, ERASED) for name in gaps}) if gaps else sentence
