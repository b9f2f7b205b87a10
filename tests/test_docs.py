"""The documents are true: links lead somewhere, commands and make targets exist, words of the screen are on the screen."""

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from qingkong.project.cli import _parser

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
READMES = [ROOT / "README.md", ROOT / "README.zh.md"]
TAKEN_LATER: set[str] = set()


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def links(page: Path) -> list[str]:
    """Relative targets of links and pictures, outside code."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.S)
    found = re.findall(r"\]\(([^)\s]+)\)", text)
    return [target for target in found if not re.match(r"[a-z]+:", target)]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_relative_link_and_picture_exists(page):
    targets = [
        (page.parent / target.partition("#")[0]).resolve() for target in links(page) if not target.startswith("#")
    ]
    gone = [str(target.relative_to(ROOT)) for target in targets if not target.exists()]
    assert [target for target in gone if target not in TAKEN_LATER] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_to_a_heading_leads_to_one(page):
    targets = [target.partition("#") for target in links(page) if "#" in target]
    lost = [
        f"{name}#{wanted}"
        for name, _, wanted in targets
        if wanted not in headings_of((page.parent / name).resolve() if name else page)
    ]
    assert lost == []


def headings_of(page: Path) -> set[str]:
    return {anchor(line) for line in re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.M)}


def anchor(heading: str) -> str:
    """A heading's anchor as forges make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@cache
def commands() -> dict[str, set[str]]:
    """Each sub-command of `qingkong` with its verbs."""
    choices = _parser()._subparsers._group_actions[0].choices
    return {name: verbs_of(parser) for name, parser in choices.items()}


def verbs_of(parser) -> set[str]:
    nested = parser._subparsers._group_actions[0].choices if parser._subparsers else {}
    return set(nested) or {str(choice) for action in parser._actions for choice in action.choices or ()}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_that_a_page_names_exists(page):
    said = re.findall(r"(?:bin/|`)qingkong ([a-z]+)(?: ([a-z]+))?", page.read_text(encoding="utf-8"))
    wrong = [
        f"{name} {verb}".strip()
        for name, verb in said
        if name != "manage" and (name not in commands() or (verb and commands()[name] and verb not in commands()[name]))
    ]
    assert wrong == []


def test_both_readmes_name_the_same_make_targets_and_commands():
    def told(page: Path) -> list[set[str]]:
        text = page.read_text(encoding="utf-8")
        return [set(re.findall(r"make [a-z-]+", text)), set(re.findall(r"qingkong(?:-verify)?(?: [a-z]+)+", text))]

    english, chinese = map(told, READMES)
    assert english == chinese
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M))
    assert {name.removeprefix("make ") for name in english[0]} <= targets


# --- words of the screen --------------------------------------------------------------------------------------


@cache
def sources() -> str:
    kinds = ("*.py", "*.html", "*.toml")
    files = [file for kind in kinds for file in (ROOT / "src").rglob(kind) if "/tests/" not in str(file)]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@cache
def english_words() -> set[str]:
    words: set[str] = set()
    for file in (ROOT / "src").rglob("django.po"):
        with file.open("rb") as source:
            for message in read_po(source, locale="en"):
                words |= {message.string} if isinstance(message.string, str) else set(message.string)
    return words


def quoted(page: str) -> set[str]:
    """Words between 「」: Chinese as the screen has it."""
    return set(re.findall(r"「([^」]+)」", (ROOT / "docs" / page).read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", ["guide.md", "guide.en.md"])
def test_every_word_that_a_guide_quotes_from_the_screen_stands_in_the_source(page):
    assert sorted(word for word in quoted(page) if f'"{word}"' not in sources() and f">{word}<" not in sources()) == []


def test_every_english_word_that_the_guide_quotes_stands_in_a_catalogue():
    said = set(re.findall(r"“([^”]+)”", (ROOT / "docs" / "guide.en.md").read_text(encoding="utf-8")))
    assert len(said) > 60
    assert sorted(said - {"quotes"} - english_words()) == []
