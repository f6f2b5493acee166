"""From rung to rung: what training has no more of a test clip, and what that takes from a model's UAR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from benchmark.website.claims import Run
from benchmark.website.rungs import Facts, Ladder, Rung

ALIKE = 0.1  # training sets whose sizes differ by less are as large


@dataclass(frozen=True, kw_only=True)
class Step:
    """A model on a rung, and what differs from the rung before that it ran on."""

    rung: Rung
    run: Run
    above: Rung | None = None  # the rung before
    change: float | None = None  # of its UAR; None on its first rung
    gone: tuple[str, ...] = ()  # what training has no more of a test clip
    back: tuple[str, ...] = ()  # what it has again
    clips: tuple[float, float] | None = None  # that train in a fold, before and now; None where as many do
    lower: int | None = None  # speakers whose UAR falls; None where other clips are tested


def steps(ladder: Ladder, model: str) -> tuple[Step, ...]:
    """The rungs that a model ran on, without the control."""
    own = [
        (rung, run)
        for rung, run in zip(ladder.rungs, ladder.models[model], strict=True)
        if run and not rung.control
    ]
    first = tuple(Step(rung=rung, run=run) for rung, run in own[:1])
    return first + tuple(_step(*before, *now) for before, now in pairwise(own))


def risen(ladder: Ladder) -> list[tuple[str, Step]]:
    """The models that score higher on a rung than on the one before, and where."""
    return [
        (model, step)
        for model in ladder.models
        for step in steps(ladder, model)
        if step.change is not None and step.change > 0
    ]


def example(ladders: Sequence[Ladder]) -> tuple[Ladder, str]:
    """The corpus and the model with most rungs; of several, the highest on its first rung, as papers are.

    Corpora with an interval come first: what two or four speakers show is no example.
    """

    def rank(one: tuple[Ladder, str]) -> tuple[int, bool, float]:
        own = [step.run for step in steps(*one)]
        return len(own), all(run.interval for run in own), own[0].score if own else 0.0

    return max(((ladder, model) for ladder in ladders for model in ladder.models), key=rank)


def _step(above: Rung, before: Run, rung: Rung, run: Run) -> Step:
    had, has = (each.facts.has if each.facts else () for each in (above, rung))
    same = above.facts and rung.facts and not _copies(above) and not _copies(rung)
    return Step(
        rung=rung,
        run=run,
        above=above,
        change=run.score - before.score,
        gone=tuple(what for what in had if what not in has),
        back=tuple(what for what in has if what not in had),
        clips=_sizes(above.facts, rung.facts) if same and above.facts and rung.facts else None,
        lower=_lower(before, run) if same else None,
    )


def _copies(rung: Rung) -> bool:
    """Whether it tests a part of many rows a clip, in place of each clip once."""
    return bool(rung.protocol and rung.protocol.copies)


def _sizes(before: Facts, now: Facts) -> tuple[float, float] | None:
    alike = abs(now.train - before.train) < ALIKE * before.train
    return None if alike else (before.train, now.train)


def _lower(before: Run, now: Run) -> int:
    was = before.entry.speaker_uars
    return sum(uar < was[speaker] for speaker, uar in now.entry.speaker_uars.items() if speaker in was)
