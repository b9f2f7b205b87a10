"""What the policy says of another unit's things, written down once more by hand, and what a route asks about."""

from typing import Any

from qingkong.kernel import access
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.posts import Post
from tests.security.stations import Subjects

WHOLE_COUNTY = {Post.LEGAL_SECTION, Post.CASE_OFFICE, Post.BUREAU_LEADER, Post.INSPECTOR}
FOREIGN_EYES: dict[str, set[Post]] = {
    "call": WHOLE_COUNTY | {Post.DISPATCHER},
    "case": WHOLE_COUNTY,
    "report": WHOLE_COUNTY,
    "exhibit": WHOLE_COUNTY,
    "list": WHOLE_COUNTY,
    "item": WHOLE_COUNTY,
    "dossier": WHOLE_COUNTY,
    "finding": WHOLE_COUNTY,
    "account": {Post.ADMINISTRATOR},
    "line": set(),  # an inbox is its reader's alone
}
"""Who may know of a thing of a unit that isn't theirs. Nobody else gets another answer than for what isn't there."""

ABOUT = {
    "call_id": "call", "response_id": "call", "report_id": "report", "number": "report", "case_id": "case",
    "decision_id": "case", "approval_id": "report", "desk:property.approve approval_id": "list",
    "series_id": "case", "exhibit_id": "exhibit", "list_id": "list", "item_id": "item", "dossier_id": "dossier",
    "paper_id": "dossier", "fault_id": "dossier", "finding_id": "finding", "line_id": "line", "officer_id": "account", "kind": "call",
}  # fmt: skip
"""What an argument of an address leads to; the first of an address decides."""

SEE = {
    "call": "calls.see", "case": "cases.see", "report": "cases.see_reports", "exhibit": "property.see",
    "list": "property.see", "item": "evidence.see", "dossier": "dossiers.see",
}  # fmt: skip


def kind_of(route: str, argument: str) -> str:
    """What a route's argument is about; fails for one that nobody has written down."""
    return ABOUT.get(f"{route} {argument}") or ABOUT[argument]


def may_know(actor: Actor, kind: str) -> bool:
    """By the table: whether this post may know of another unit's thing."""
    return actor.post in FOREIGN_EYES[kind]


def policy_says(actor: Actor, kind: str, subjects: Subjects) -> bool:
    """By the code that runs: the same."""
    return access.may(actor, SEE[kind], subjects.things[kind])


def coarse(actor: Actor, needs: str) -> Any:
    """Whether the post opens the page at all."""
    return access.may(actor, needs)
