"""Follow the stream. Ids commit out of order where many write at once, so a gap is waited for a while."""

from django.db.models import Q

from qingkong.kernel.events.stream import Announced, last_id, read

WAIT_SECONDS = 30.0  # longer than any transaction of ours may last
MOST_GAPS = 500
BATCH = 500


class Tail:
    """Where one reader stands in the stream. Each announcement comes out once.

    One that begins at the end looks back first: what is missing just before it may still be written.
    """

    def __init__(self, after: int | None = None) -> None:
        self.last = last_id() if after is None else after
        self._gaps: dict[int, float] = {}  # missing id → when it is given up
        self._looked_back = after is not None

    def poll(self, now: float) -> list[Announced]:
        """What is new at `now` (seconds of a clock that only goes forward)."""
        if not self._looked_back:
            self._look_back(now)
        rows = read(Q(id__gt=self.last) | Q(id__in=list(self._gaps)), limit=BATCH)
        for row in rows:
            if self._gaps.pop(row.id, None) is None:
                self._note_gap(row.id, now)
                self.last = row.id
        self._gaps = {missing: until for missing, until in self._gaps.items() if until > now}
        return rows

    def _look_back(self, now: float) -> None:
        self._looked_back = True
        there = [row.id for row in read(Q(id__gt=self.last - MOST_GAPS, id__lte=self.last), limit=MOST_GAPS)]
        for missing in set(range(there[0], self.last)).difference(there) if there else ():
            self._gaps[missing] = now + WAIT_SECONDS

    def _note_gap(self, reached: int, now: float) -> None:
        for missing in range(max(self.last + 1, reached - MOST_GAPS), reached):
            self._gaps[missing] = now + WAIT_SECONDS
