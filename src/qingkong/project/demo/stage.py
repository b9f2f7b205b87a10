"""Play many stories at once, in the order of their times.

A story is a generator: it yields the instant of its next step, and does that step when it is resumed. What would
happen after `until` isn't played, so that matters are left open as in a real bureau.
"""

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import count

from django.db import transaction

Story = Iterator[datetime]
TOGETHER = 150


def play(stories: Iterable[Story], *, until: datetime) -> int:
    """Play the stories up to `until`; how many steps were done. Steps are committed some at a time."""
    waiting: list[tuple[datetime, int, Story]] = []
    order, steps = count(), 0
    for story in stories:
        _queue(waiting, story, order)
    while waiting and waiting[0][0] <= until:
        with transaction.atomic():
            for _ in range(TOGETHER):
                if not waiting or waiting[0][0] > until:
                    break
                _, _, story = heapq.heappop(waiting)
                steps += 1
                _queue(waiting, story, order)
    return steps


def _queue(waiting: list[tuple[datetime, int, Story]], story: Story, order: Iterator[int]) -> None:
    at = next(story, None)  # does the step that was waited for, and says when the next one is
    if at is not None:
        heapq.heappush(waiting, (at, next(order), story))
