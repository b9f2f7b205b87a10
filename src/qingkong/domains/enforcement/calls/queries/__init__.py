"""Everything that can be asked about calls. Other rooms import from here, types too."""

from qingkong.domains.enforcement.calls.models import Call, Caller, Kind, Response
from qingkong.domains.enforcement.calls.queries.figures import Times, Today, today
from qingkong.domains.enforcement.calls.queries.lists import (
    LATEST_FIRST,
    Filters,
    Unclosed,
    helping,
    listed,
    may_see,
    open_count,
    riding,
    sees_whole_county,
    start_of_day,
    unclosed,
    visible,
)
from qingkong.domains.enforcement.calls.queries.local_lists import (
    Known,
    Scene,
    caller_kept,
    holds_caller,
    in_english,
    kinds,
    known,
    moment_of,
    scene,
    standard_in_words,
    standards,
)
from qingkong.domains.enforcement.calls.queries.one import (
    REGISTER_WITHIN,
    Late,
    actor_may,
    call_by_number,
    caller_of,
    closing_of,
    get_call,
    get_response,
    is_reference,
    late_stamps,
    lead_of,
    near,
    open_calls_from,
    responses_of,
    rides_in,
    rides_to,
    scene_marks,
)
from qingkong.domains.enforcement.calls.queries.search import Found, find_calls
from qingkong.domains.enforcement.calls.rules import Channel, Result, Stamp, State, next_stamp

__all__ = [
    "holds_caller",
    "Call", "Caller", "Channel", "Filters", "Found", "Kind", "Known", "LATEST_FIRST", "Late", "REGISTER_WITHIN", "Response", "Result", "Scene",
    "Stamp", "State", "Times", "Today", "Unclosed", "actor_may", "call_by_number", "caller_kept", "caller_of",
    "closing_of", "find_calls", "get_call", "get_response", "helping", "in_english", "is_reference",
    "kinds", "known", "late_stamps", "lead_of", "listed", "may_see", "moment_of", "near", "next_stamp", "open_calls_from", "open_count",
    "responses_of", "rides_in", "rides_to", "riding", "scene", "scene_marks", "sees_whole_county",
    "standard_in_words", "standards", "start_of_day", "today", "unclosed", "visible",
]  # fmt: skip
