"""Whether invitations and answers agree with what was entered: as many answers as spent codes (`qingkong check --deep`)."""

from collections.abc import Iterator

from qingkong.domains.trust.satisfaction.models import Answer, Invitation, WaitingAnswer
from qingkong.kernel.ledger.models import Entry
from qingkong.kernel.ledger.trails import trails, without_row
from qingkong.kernel.text import Sentence, zh

COUNTS = zh("评价码用掉 {spent} 个，答卷 {answers} 份，存证 {entries} 条：三者应当相等。")


def disagreements() -> Iterator[Sentence]:
    for trail in trails(Invitation.objects.values_list("pk", "number")):
        if trail.row is None:
            yield without_row(trail, Invitation)
        else:
            yield from trail.differs(trail.row[1], {"satisfaction.invited": 1})
    spent = Invitation.objects.exclude(spent_on=None).count()
    answers = WaitingAnswer.objects.count() + Answer.objects.count()
    entries = Entry.objects.filter(subject="satisfaction:answers", act="satisfaction.answered").count()
    if not spent == answers == entries:
        yield COUNTS.fill(spent=spent, answers=answers, entries=entries)
