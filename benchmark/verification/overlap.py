"""What a protocol's test clips share with the clips that their fold trains and validates on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from protocols.corpora import ManifestRow
from protocols.folds import Split
from protocols.population import source


@dataclass(frozen=True)
class Overlap:
    """Shares are of the test clips of all folds."""

    speakers: int  # that are tested
    shared_speakers: int  # of these, those who are in training or validation of the fold that tests them
    speaker: float  # share of test clips whose speaker is there
    text: float  # whose text is
    audio: float  # whose very audio is, under whatever name
    twin: float  # of which another row is, such as an augmented copy that was split as a clip of its own


def of(splits: Iterable[Split], clips: Sequence[ManifestRow], content: Mapping[str, str]) -> Overlap:
    """Over all folds; `content` is a digest of each clip's audio, by clip, "" while unknown."""
    keys: dict[str, Callable[[ManifestRow], str]] = {
        "speaker": lambda row: row.speaker,
        "text": lambda row: row.sentence,
        "audio": lambda row: content.get(row.clip, ""),
        "twin": source,
    }
    shared: dict[str, list[bool]] = {what: [] for what in keys}
    tested, both = set[str](), set[str]()
    for parts in splits:
        test, others = ([clips[row] for row in rows] for rows in (parts.test, parts.development))
        for what, key in keys.items():
            there = set(map(key, others)) - {""}
            shared[what] += [key(row) in there for row in test]
        voices = {row.speaker for row in test}
        tested |= voices
        both |= voices & {row.speaker for row in others}
    shares = {what: round(float(np.mean(each)), 4) for what, each in shared.items()}
    return Overlap(speakers=len(tested), shared_speakers=len(both), **shares)
