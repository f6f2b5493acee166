"""The order in which jobs begin: as planned, but each after those whose records it follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from graphlib import TopologicalSorter
from heapq import heappop, heappush

from benchmark.execution.jobs import Job


class Order:
    """Knows which jobs may begin: a job a step, however many there are."""

    def __init__(self, todo: Sequence[Job]) -> None:
        self.todo, self.left = todo, len(todo)  # that have not begun
        self.places = {job.record: place for place, job in enumerate(todo)}
        self.sorter = TopologicalSorter(
            {job.record: [path for path in followed(job) if path in self.places] for job in todo}
        )
        self.sorter.prepare()
        self.ready: list[int] = []  # a heap of places

    def begin(self, take: Callable[[Job], bool]) -> Job | None:
        """The first job that may begin and that `take` takes; None without one. It is not offered again."""
        for record in self.sorter.get_ready():
            heappush(self.ready, self.places[record])
        refused = []
        try:
            while self.ready:
                place = heappop(self.ready)
                if take(self.todo[place]):
                    self.left -= 1
                    return self.todo[place]
                refused.append(place)
        finally:
            for place in refused:
                heappush(self.ready, place)
        return None

    def ended(self, job: Job) -> None:
        """Those that follow it may begin."""
        self.sorter.done(job.record)


def followed(job: Job) -> Iterator[object]:
    """The records that it needs: of seed 0, and of its teacher."""
    if job.seed:
        yield job.leader
    if job.teacher:
        yield job.teacher.record
