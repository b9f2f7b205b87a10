"""Whether calls, their stamps and their numbers agree with what was entered about them (`qingkong check --deep`)."""

from collections.abc import Iterator

from django.db.models import Count

from qingkong.domains.enforcement.calls import rules
from qingkong.domains.enforcement.calls.models import Call, SceneStep
from qingkong.kernel.ledger.trails import trails, without_row
from qingkong.kernel.numbering.auditing import plain_gaps
from qingkong.kernel.text import Sentence, zh

STATE = zh("{number}：现在是“{state}”，按派出单位的时间应是“{wanted}”。")
STEPS = zh("{number}：现场清单勾了 {rows} 步，存证里有 {entries} 条。")
STAMPS = {f"calls.{stamp.value}": f"{stamp.value}_at" for stamp in rules.Stamp} | {"calls.stood_down": "stood_down_at"}


def disagreements() -> Iterator[Sentence]:
    """Calls taken, sent to, stamped and closed in the rows and not in the ledger, or the other way round."""
    stamps = {act: Count(f"responses__{column}") for act, column in STAMPS.items()}
    rows = Call.objects.annotate(n_sent=Count("responses"), **{_name(act): count for act, count in stamps.items()})
    columns = ["pk", "number", "state", "linked_to", "n_sent", *map(_name, stamps)]
    steps = dict(SceneStep.objects.order_by().values_list("call_id").annotate(Count("pk")))
    for trail in trails(rows.values_list(*columns)):
        if trail.row is None:
            yield without_row(trail, Call)
            continue
        _, number, state, linked, sent, *pressed = trail.row
        wanted = {"calls.taken": 1, "calls.dispatched": sent, **dict(zip(STAMPS, pressed, strict=True))}
        wanted |= {"calls.closed": int(state == rules.State.CLOSED), "calls.linked": int(linked is not None)}
        yield from trail.differs(number, wanted)
        if trail.acts["calls.scene_step"] < steps.get(trail.key, 0):
            yield STEPS.fill(number=number, rows=steps[trail.key], entries=trail.acts["calls.scene_step"])
    yield from _states()
    yield from plain_gaps("J", Call.objects.values_list("number", flat=True))


def _states() -> Iterator[Sentence]:
    """An open call stands where its units stand."""
    open_calls = Call.objects.open().prefetch_related("responses").iterator(chunk_size=1000)
    for call in open_calls:
        wanted = rules.state_of(one.sent for one in call.responses.all())
        if call.state != wanted:
            yield STATE.fill(number=call.number, state=call.state_label, wanted=wanted.label)


def _name(act: str) -> str:
    return act.replace(".", "_")
