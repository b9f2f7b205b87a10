"""Tables of calls. What must always hold is a constraint here; what depends on the moment is in `rules`."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connections, models
from django.db.models import F, Q
from django.utils.translation import get_language

from qingkong.domains.enforcement.calls import rules
from qingkong.kernel.access.models import Personal
from qingkong.kernel.access.sealed import SealedDigestField, SealedTextField
from qingkong.kernel.records import Record, RecordSet, Watched, choices
from qingkong.kernel.text import Sentence

CLOSED = rules.State.CLOSED.value
OPEN = Q(closed_at__isnull=True)  # without a parameter, so that SQLite too uses the partial indexes


class Kind(Watched):
    """A kind of call: a row of the local list in data/kinds.toml."""

    key = models.CharField(max_length=24, primary_key=True)
    label = models.CharField(max_length=40)
    label_en = models.CharField(max_length=60)
    group = models.CharField(max_length=16)
    priority = models.PositiveSmallIntegerField()
    scene = models.CharField(max_length=16)
    position = models.PositiveSmallIntegerField()
    retired = models.BooleanField(default=False)  # left the list; old calls keep it

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(priority__gte=1, priority__lte=4), name="kind_priority_1_to_4")
        ]

    def __str__(self) -> str:
        return self.label_en if (get_language() or "").startswith("en") else self.label


class CallSet(RecordSet):
    def open(self) -> "CallSet":
        return self.filter(OPEN)

    def latest_first(self) -> "CallSet":
        return self.order_by("-taken_at", "-id")


class Call(Record):
    """One thing reported to 110, at the window, online or found on patrol."""

    number = models.CharField(max_length=16, unique=True)
    external_number = models.CharField(max_length=64, null=True, unique=True)  # its number in 警综平台 or at its source
    channel = models.CharField(max_length=8, choices=choices(rules.Channel))
    kind = models.ForeignKey(Kind, on_delete=models.PROTECT, related_name="+", db_index=False)
    priority = models.PositiveSmallIntegerField()
    division_code = models.CharField(max_length=12)
    place_text = models.CharField(max_length=200, blank=True)
    place_words = models.CharField(max_length=260)  # township, village and text, as they were called that day
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    what = models.TextField(max_length=1000)
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(
        "identity.Officer", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    taken_by_name = models.CharField(max_length=40)
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=12, choices=choices(rules.State), default=rules.State.TAKEN)
    result = models.CharField(max_length=16, choices=choices(rules.Result), blank=True)
    result_note = models.TextField(max_length=1000, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by_name = models.CharField(max_length=40, blank=True)
    linked_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="repeats")

    look_permission = "calls.look"
    objects = CallSet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(priority__gte=1, priority__lte=4), name="call_priority_1_to_4"),
            models.CheckConstraint(
                condition=Q(state=CLOSED, closed_at__isnull=False) & ~Q(result="")
                | ~Q(state=CLOSED) & Q(closed_at__isnull=True, result=""),
                name="closed_call_has_a_result",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("taken_at")), name="call_closed_after_taken"
            ),
            models.CheckConstraint(condition=~Q(linked_to=F("id")), name="call_not_linked_to_itself"),
            models.CheckConstraint(
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(longitude__isnull=False, latitude__isnull=False),
                name="call_has_both_coordinates_or_none",
            ),
        ]
        indexes = [
            models.Index("taken_at", "id", name="call_by_time"),
            models.Index("unit", "taken_at", "id", name="call_by_unit"),
            models.Index("unit", "kind", "taken_at", "id", name="call_by_unit_and_kind"),
            models.Index("kind", "taken_at", "id", name="call_by_kind"),
            models.Index("division_code", "taken_at", name="call_by_division"),
            models.Index(fields=["taken_at", "id"], condition=OPEN, name="open_call_by_time"),
            models.Index(fields=["unit", "taken_at", "id"], condition=OPEN, name="open_call_by_unit"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def thread(self) -> str:
        return self.number

    @property
    def state_label(self) -> Sentence:
        return rules.State(self.state).label

    @property
    def result_label(self) -> Sentence | str:
        return rules.Result(self.result).label if self.result else ""

    @property
    def channel_label(self) -> Sentence:
        return rules.Channel(self.channel).label

    @property
    def priority_label(self) -> Sentence:
        return rules.PRIORITIES[self.priority]

    def move_to(self, state: rules.State) -> None:
        if state.value != self.state:
            self.state = state.value
            self.save(update_fields=["state"])


class Caller(Personal):
    """Who called, sealed; in a row of its own so that it can expire while the call stays."""

    call = models.OneToOneField(Call, on_delete=models.CASCADE, related_name="caller")
    name = SealedTextField(max_length=40, blank=True)
    phone = SealedTextField(max_length=20, blank=True)
    phone_digest = SealedDigestField(of="phone")
    keep_secret = models.BooleanField(default=False)  # 报案人要求保密 (程序规定 §63)

    look_permission = "calls.look"

    @property
    def sealed_under(self) -> str:
        return f"calls.call:{self.call_id}"


class Response(Record):
    """One unit sent to a call, led by a police officer, with its stamps."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="responses")
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+", db_index=False)
    lead = models.ForeignKey("identity.Officer", on_delete=models.PROTECT, related_name="+", db_index=False)
    lead_name = models.CharField(max_length=40)
    sent_at = models.DateTimeField()
    sent_by_name = models.CharField(max_length=40)
    acknowledged_at = models.DateTimeField(null=True)
    departed_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    stood_down_at = models.DateTimeField(null=True)
    relayed = models.JSONField(default=list)  # stamps that somebody else pressed for the unit
    report = models.TextField(max_length=2000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "call", "unit", condition=Q(reported_at=None, stood_down_at=None), name="one_open_response_a_unit"
            ),
            *[
                models.CheckConstraint(
                    condition=Q(**{f"{later}_at__isnull": True})
                    | Q(**{f"{earlier}_at__isnull": True})
                    | Q(**{f"{later}_at__gte": F(f"{earlier}_at")}),
                    name=f"{later}_not_before_{earlier}",
                )
                for earlier, later in [
                    ("sent", "acknowledged"),
                    ("sent", "departed"),
                    ("sent", "arrived"),
                    ("sent", "stood_down"),
                    ("acknowledged", "departed"),
                    ("acknowledged", "arrived"),
                    ("departed", "arrived"),
                    ("arrived", "reported"),
                ]
            ],
            models.CheckConstraint(
                condition=Q(reported_at__isnull=True) | Q(arrived_at__isnull=False), name="reported_only_after_arrived"
            ),
            models.CheckConstraint(
                condition=Q(reported_at__isnull=True) | Q(stood_down_at__isnull=True),
                name="stood_down_or_reported_not_both",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lead"], condition=Q(reported_at=None, stood_down_at=None), name="response_under_way_by_lead"
            ),
            models.Index(
                fields=["unit"], condition=Q(reported_at=None, stood_down_at=None), name="response_under_way_by_unit"
            ),
        ]

    @property
    def thread(self) -> str:
        return self.call.number

    @property
    def sent(self) -> rules.Sent:
        return rules.Sent(
            self.sent_at, self.acknowledged_at, self.departed_at, self.arrived_at, self.reported_at, self.stood_down_at
        )

    def press(self, stamp: rules.Stamp, *, at: datetime, relayed: bool) -> None:
        column = f"{stamp.value}_at"
        setattr(self, column, at)
        if relayed:
            self.relayed = [*self.relayed, stamp.value]
        self.save(update_fields=[column, "relayed", "report"])


class Responder(Record):
    """An officer or auxiliary who accompanies the lead. An auxiliary is here, never the lead."""

    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="responders")
    officer = models.ForeignKey("identity.Officer", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    auxiliary = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint("response", "officer", name="one_place_a_responder")]


class SceneStep(Record):
    """A step of the scene checklist (data/scene.toml) that was done, and by whom."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="scene_steps")
    step = models.CharField(max_length=24)
    done_at = models.DateTimeField()
    done_by_name = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint("call", "step", name="one_mark_a_scene_step")]


class PlaceGramSet(models.QuerySet["PlaceGram"]):
    def enter(self, pairs: Iterable[tuple[str, int]]) -> None:
        """Add (pair of characters, moment) rows; those that stand already stay. Plain SQL: a call has a dozen."""
        with connections[self.db].cursor() as cursor:
            cursor.executemany(
                f'INSERT INTO "{self.model._meta.db_table}" ("gram", "moment") VALUES (%s, %s) ON CONFLICT DO NOTHING',
                list(pairs),
            )


class PlaceGram(models.Model):
    """Two neighbouring characters of the place of a call taken at a moment: the index behind place search.

    It names a moment and not a call, so that a row is small and the newest come first by the index alone.
    """

    gram = models.CharField(max_length=2)
    moment = models.BigIntegerField()  # microseconds since 1970-01-01 UTC, of Call.taken_at

    objects = PlaceGramSet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("gram", "moment", name="one_row_a_gram_and_moment")]
