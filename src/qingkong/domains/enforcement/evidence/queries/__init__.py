"""Everything that can be asked about evidence. Other rooms import from here, types too."""

from qingkong.domains.enforcement.evidence.models import Derivative, EvidenceItem, Reading
from qingkong.domains.enforcement.evidence.queries.content import Content, content_of, original_name, shown_as
from qingkong.domains.enforcement.evidence.queries.items import (
    LATEST_FIRST,
    Link,
    count_of,
    find,
    get_item,
    item_by_number,
    link_by_number,
    listed,
    of_link,
    twin,
    undrawn,
    unmade,
)
from qingkong.domains.enforcement.evidence.queries.keeping import kept
from qingkong.domains.enforcement.evidence.queries.looks import Reason, is_reference, reasons_for
from qingkong.domains.enforcement.evidence.queries.recordings import lacks_recording
from qingkong.domains.enforcement.evidence.queries.scope import handles, may_add_to, may_see, visible
from qingkong.domains.enforcement.evidence.rules import DerivativeKind, Kind, Source, State

__all__ = [
    "Content", "Derivative", "DerivativeKind", "EvidenceItem", "Kind", "LATEST_FIRST", "Link", "Reading", "Reason",
    "Source", "State", "content_of", "count_of", "find", "get_item", "handles", "is_reference", "item_by_number",
    "kept", "lacks_recording", "link_by_number", "listed", "may_add_to", "may_see", "of_link", "original_name",
    "reasons_for", "shown_as", "twin", "undrawn", "unmade", "visible",
]  # fmt: skip
