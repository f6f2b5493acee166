"""What exported files do on clips of the corpus and on a clip of 3 s, beside the model that they are of."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmark.cost import graph, measure
from benchmark.deployment.front import Front
from benchmark.records import schema

TURNS = 50  # in which files are timed: a machine's speed drifts
Answer = Callable[[np.ndarray], np.ndarray]  # (samples,) -> (classes,)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Of one file, beside what `predict` gives."""

    file: str
    bytes: int
    latency: float  # ms of one thread for a clip of 3 s, from the wave on; the median
    difference: float  # in probability, of a clip the largest; of all clips the largest
    median: float  # of all clips
    flips: float  # share of clips with another label than `predict` gives
    clips: int  # that were tried


def of(
    models: Mapping[str, bytes], waves: Sequence[np.ndarray], wanted: np.ndarray, before: Front
) -> list[Trial]:
    """Of files, by name, on clips (samples,) for which `predict` gives `wanted` (clips, classes)."""
    answers = [_answer(data, before) for data in models.values()]
    speech = measure.speech(schema.OFFICIAL)
    times = [[_seconds(partial(answer, speech)) for answer in answers] for _ in range(TURNS)]
    return [
        _trial(name, data, np.array([answer(wave) for wave in waves]), wanted, float(milliseconds))
        for (name, data), answer, milliseconds in zip(
            models.items(), answers, 1e3 * np.median(times, axis=0), strict=True
        )
    ]


def _trial(name: str, data: bytes, given: np.ndarray, wanted: np.ndarray, milliseconds: float) -> Trial:
    differences = np.abs(given - wanted).max(axis=1)  # (clips,)
    return Trial(
        file=name,
        bytes=len(data),
        latency=round(milliseconds, 3),
        difference=float(differences.max()),
        median=float(np.median(differences)),
        flips=float((given.round(schema.DECIMALS).argmax(axis=1) != wanted.argmax(axis=1)).mean()),
        clips=len(wanted),
    )


def _seconds(call: Callable[[], object]) -> float:
    """Of the processor, so that what else a machine does is not in it."""
    started = time.process_time()
    call()
    return time.process_time() - started


def _answer(data: bytes, before: Front) -> Answer:
    """What asks a file, on one thread."""
    session = graph.session(data)

    def answer(wave: np.ndarray) -> np.ndarray:
        row: np.ndarray = session.run(None, graph.accepted(session, before.inputs(wave)))[0][0]
        return row

    return answer
