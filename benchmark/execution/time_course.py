"""What a model predicts window by window: of a long recording a time course, of a clip one window."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.audio import level
from benchmark.audio.reader import RATE
from benchmark.execution.model_card import Card
from benchmark.features import feature_store
from benchmark.features.stack import Stack
from benchmark.records.schema import DECIMALS
from protocols.contract import ClipBatch
from protocols.errors import UnheardError

TOGETHER = 32  # windows that a model is given at once
SHORTEST = 0.1  # seconds of a window, and of a hop
SILENT, UNLIKE = "silent", "unlike every training clip"


@dataclass(frozen=True, kw_only=True)
class Windows:
    """How a recording is cut: `seconds` long each, one every `hop` seconds."""

    seconds: float
    hop: float

    def __post_init__(self) -> None:
        if not (SHORTEST <= self.seconds < np.inf and SHORTEST <= self.hop < np.inf):
            raise UnheardError(f"--windows and --hop are seconds, at least {SHORTEST:g} each.")

    def spans(self, samples: int) -> list[tuple[int, int]]:
        """First sample of each window, and the one after its last; of a shorter recording all of it.

        The last window ends with the recording, and may overlap the one before by more than others do.
        """
        size, hop = round(self.seconds * RATE), round(self.hop * RATE)
        if samples <= size:
            return [(0, samples)]
        starts = [*range(0, samples - size, hop), samples - size]
        return [(start, start + size) for start in starts]


@dataclass(frozen=True, kw_only=True)
class Window:
    """What is predicted for a part of a recording, or for all of it."""

    start: float  # seconds
    end: float
    label: str
    probabilities: dict[str, float]
    notes: tuple[str, ...] = ()  # what makes this window doubtful


def of(
    sound: np.ndarray,
    spans: Sequence[tuple[int, int]],
    *,
    ask: Callable[[ClipBatch], np.ndarray],
    card: Card,
    features: Stack,
) -> tuple[list[Window], list[str]]:
    """The windows of (samples,), and what front ends doubt, such as functionals of a clip that is too short.

    `ask` gives the probabilities of some clips, (n, classes).
    """
    windows, doubts = list[Window](), dict[str, None]()
    for first in range(0, len(spans), TOGETHER):
        some = spans[first : first + TOGETHER]
        waves = [sound[slice(*span)] for span in some]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            clips = feature_store.clips(features, waves)
        doubts |= dict.fromkeys(str(each.message) for each in caught if each.category is UserWarning)
        for span, wave, clip, row in zip(some, waves, clips.inputs, ask(clips), strict=True):
            windows.append(_window(span, row, card.labels, _notes(wave, clip, card)))
    return windows, list(doubts)


def _window(span: tuple[int, int], row: np.ndarray, labels: Sequence[str], notes: Iterator[str]) -> Window:
    start, end = (sample / RATE for sample in span)
    found = dict(zip(labels, row.tolist(), strict=True))
    return Window(
        start=start, end=end, label=max(found, key=found.__getitem__), probabilities=found, notes=tuple(notes)
    )


def _notes(wave: np.ndarray, clip: np.ndarray, card: Card) -> Iterator[str]:
    if level.silent(wave):
        yield SILENT
    elif card.familiar and card.familiar.unlike(clip):
        yield UNLIKE


def average(windows: Sequence[Window]) -> dict[str, float]:
    """The mean probability of each label over the windows that are not silent; over all where all are."""
    counted = [each for each in windows if SILENT not in each.notes] or windows
    rows = np.array([list(each.probabilities.values()) for each in counted])  # (windows, classes)
    return dict(zip(windows[0].probabilities, rows.mean(axis=0).round(DECIMALS).tolist(), strict=True))


def doubts(windows: Sequence[Window], cut: Windows) -> Iterator[str]:
    """What makes the average doubtful, in words."""
    silent, unlike = (sum(words in each.notes for each in windows) for words in (SILENT, UNLIKE))
    if 0 < silent < len(windows):
        yield f"{silent} of {len(windows)} windows are silent, and not in the average"
    if unlike:
        yield f"{unlike} of {len(windows)} windows are {UNLIKE}"
    if cut.hop > cut.seconds and len(windows) > 1:
        yield f"{cut.hop - cut.seconds:g} s between windows are left out"
