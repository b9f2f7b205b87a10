"""The law this room decides under, as rows: loaded from `data/`, never edited by an operation of a case."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language

from qingkong.domains.enforcement.cases.rules import deciding
from qingkong.kernel.identity.posts import Post, UnitKind
from qingkong.kernel.records import Record, RecordSet
from qingkong.kernel.text import article_in_words, number_in_words


class LawRows(RecordSet):
    def in_force(self, on: date) -> "LawRows":
        """Rows that hold on a day: half-open, from the first day to the one before `until_on`."""
        return self.filter(Q(from_on__lte=on) & (Q(until_on=None) | Q(until_on__gt=on)))


class LawRow(Record):
    """A rule with its source, and how sure we are of it (S read, P partial, M memory, L local)."""

    code = models.CharField(max_length=60)
    law = models.CharField(max_length=60)
    article_number = models.PositiveSmallIntegerField()
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    status = models.CharField(max_length=1)
    note = models.CharField(max_length=200, blank=True)

    objects = LawRows.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint("code", "from_on", name="%(class)s_once_a_day"),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gt=F("from_on")), name="%(class)s_ends_after_start"
            ),
        ]

    @property
    def article(self) -> str:
        return article_in_words(self.law, self.article_number)


class PowerRow(LawRow):
    """Who may approve or decide a matter, in cases of which kind of unit, up to how much."""

    matter = models.CharField(max_length=30)
    penalty = models.CharField(max_length=12, blank=True)
    unit_kind = models.CharField(max_length=20, blank=True)  # empty: any unit
    posts = models.JSONField()
    up_to_fen = models.PositiveBigIntegerField(null=True)

    class Meta(LawRow.Meta):
        abstract = False

    def as_power(self) -> deciding.Power:
        return deciding.Power(
            id=self.code,
            penalty=deciding.PenaltyKind(self.penalty) if self.penalty else None,
            unit=UnitKind(self.unit_kind) if self.unit_kind else None,
            posts=frozenset(Post(post) for post in self.posts),
            up_to_fen=self.up_to_fen,
            article=self.article,
        )


class ThresholdRow(LawRow):
    """From which amount on a right or a bound holds."""

    what = models.CharField(max_length=30)
    penalty = models.CharField(max_length=12)
    from_fen = models.PositiveBigIntegerField(null=True)
    days = models.PositiveSmallIntegerField(null=True)

    class Meta(LawRow.Meta):
        abstract = False

    def as_threshold(self) -> deciding.Threshold:
        return deciding.Threshold(
            what=self.what,
            penalty=deciding.PenaltyKind(self.penalty),
            from_fen=self.from_fen,
            days=self.days,
            article=self.article,
        )


class Ground(LawRow):
    """A ground on which a report is declined or a case ends, in the words of its article."""

    matter = models.CharField(max_length=30)
    text = models.CharField(max_length=120)
    text_en = models.CharField(max_length=200)
    needs = models.CharField(max_length=30, blank=True)
    item = models.PositiveSmallIntegerField(default=0)

    class Meta(LawRow.Meta):
        abstract = False

    @property
    def article(self) -> str:
        item = f"第（{number_in_words(self.item)}）项" if self.item else ""
        return article_in_words(self.law, self.article_number) + item

    def __str__(self) -> str:
        return self.text_en if (get_language() or "").startswith("en") else self.text


class PaperForm(LawRow):
    """The title and number form of a statutory paper."""

    title = models.CharField(max_length=40)
    form = models.CharField(max_length=80)

    class Meta(LawRow.Meta):
        abstract = False


class KeepingRow(LawRow):
    """How long a kind of personal record is kept, and for what."""

    years = models.PositiveSmallIntegerField()
    purpose = models.CharField(max_length=60)

    class Meta(LawRow.Meta):
        abstract = False
