"""The printed part of docs/adversary.md: what isn't sealed and why; `--markdown` prints the attacks."""

from tests.adversary.exempt import EXEMPT


def exemptions() -> str:
    lines = ["| table or column | why no entry seals it |", "|---|---|"]
    return "\n".join([*lines, *[f"| `{name}` | {reason} |" for name, reason in EXEMPT.items()]])
