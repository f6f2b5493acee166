"""The models that a model's page compares it with, as that model sees them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from benchmark.ranking.cells import Track, track
from benchmark.ranking.comparison import Comparison
from benchmark.records.schema import ModelFacts
from benchmark.scores import holm

MOST = 6  # that a page lists, the nearest first


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """Another model, and how far this one's overall score is above its."""

    model: ModelFacts
    track: Track
    path: str  # in the site, of the page that compares the two
    uar: float
    interval: tuple[float, float] | None
    p: float
    detectable: float | None

    @property
    def sure(self) -> bool:
        """Whether the difference is significant."""
        return self.p < holm.ALPHA


def neighbours(compared: Iterable[tuple[str, Comparison]]) -> dict[str, list[Neighbour]]:
    """Of each model, the nearest in the overall score; `compared`: paths of pages and what they compare."""
    found: dict[str, list[Neighbour]] = defaultdict(list)
    for path, each in compared:
        first, second = each.models
        found[first.name] += _seen(path, each, second, sign=1)
        found[second.name] += _seen(path, each, first, sign=-1)
    return {name: sorted(own, key=lambda one: abs(one.uar))[:MOST] for name, own in found.items()}


def _seen(path: str, each: Comparison, other: ModelFacts, *, sign: int) -> list[Neighbour]:
    if not (apart := each.overall):
        return []
    ends = sorted(sign * end for end in apart.interval) if apart.interval else None
    return [
        Neighbour(
            model=other,
            track=track(other),
            path=path,
            uar=sign * apart.uar,
            interval=(ends[0], ends[1]) if ends else None,
            p=apart.p,
            detectable=apart.detectable,
        )
    ]
