"""What evidence hangs on the frames: its menu line, the tabs of call and case, the finder."""

from collections.abc import Iterable
from datetime import datetime

from qingkong.domains.enforcement.evidence import queries
from qingkong.domains.enforcement.evidence.ways import desk as pages
from qingkong.kernel.access import Actor
from qingkong.kernel.text import zh
from qingkong.web import desk


def hang() -> None:
    """Called once by the project's wiring."""
    desk.hang_menu("source", zh("电子证据"), "desk:evidence.list", "evidence.see", icon="film")
    for page in ("calls.call", "cases.case"):
        desk.hang_tab(
            page, key="evidence", label=zh("证据"), template="evidence/tab.html", context=pages.tab,
            count=queries.count_of,
        )  # fmt: skip
    desk.hang_subject("evidence.evidenceitem", route="desk:evidence.item", arg="item_id")
    desk.hang_finder(find)


def find(actor: Actor, text: str, at: datetime) -> Iterable[desk.Hit]:
    """Evidence by its number, for the command bar."""
    for item in queries.find(actor=actor, text=text):
        yield desk.Hit(
            label=f"{item.number} {item.kind_label}",
            note=item.thread,
            url=desk.subject_url(item.subject_key),
            icon="film",
        )
