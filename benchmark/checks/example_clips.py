"""The clips that a check tries a model on: a few of the embedded SAVEE, and three odd ones."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np

from benchmark.audio import augmentation, reader
from benchmark.audio.reader import RATE
from benchmark.checks.material import Material
from benchmark.corpora import embedded
from benchmark.features import enrolment as features_enrolment
from benchmark.features import feature_store
from benchmark.features.stack import Stack
from benchmark.records import answers
from protocols import corpora
from protocols.contract import ClipBatch
from protocols.corpora import ManifestRow

CORPUS = "savee"  # four speakers, seven emotions
TRAIN = 2  # speakers; validation and test have one each, with one clip of each emotion
SECONDS = {"0.05 s": 0.05, "20 s": 20.0}


class Recordings(NamedTuple):
    """Some clips: their names, their audio (samples,) each, their emotions and their speakers (n,)."""

    names: list[str]
    waves: list[np.ndarray]
    labels: np.ndarray
    speakers: np.ndarray


def make(wanted: Stack, *, each: int = 3, enrolment: str = "") -> Material:
    """The clips of a check through these front ends, `each` of an emotion and train speaker.

    With `enrolment`, so many others of its speaker beside each.
    """
    train, validation, test = recordings(each)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of front ends, about clips as odd as these
        odd = {name: feature_store.clips(wanted, [wave]) for name, wave in _odd(train.waves[0]).items()}
        made = Material(
            n_classes=len(corpora.load(CORPUS).labels),
            train=replace(_clips(wanted, train), copies=_copies(wanted, train.waves)),
            validation=_clips(wanted, validation),
            test=_clips(wanted, test),
            odd=odd,
        )
    return _enrolled(made, enrolment) if enrolment else made


def _enrolled(made: Material, enrolment: str) -> Material:
    """The same with clips of the speaker; the odd ones' is the test speaker."""
    train, validation, test = (
        _beside(clips, enrolment) for clips in (made.train, made.validation, made.test)
    )
    first = test.enrolment and test.enrolment[:1]
    odd = {name: replace(clips, enrolment=first) for name, clips in made.odd.items()}
    return replace(made, train=train, validation=validation, test=test, odd=odd)


def _beside(clips: ClipBatch, enrolment: str) -> ClipBatch:
    assert clips.speakers is not None
    places = np.arange(len(clips))
    drawn = (
        features_enrolment.drawn(
            places[(clips.speakers == speaker) & (places != place)], enrolment, seed=[copy, place]
        )
        for copy in range(1 + len(clips.copies))
        for place, speaker in enumerate(clips.speakers)
    )
    return replace(clips, enrolment=[[clips.inputs[other] for other in others] for others in drawn])


@cache
def recordings(each: int) -> tuple[Recordings, Recordings, Recordings]:
    """Train, validation and test, of different speakers."""
    corpus, folder = corpora.load(CORPUS), embedded.ensure() / CORPUS
    speakers = sorted(corpus.speakers)
    parts: tuple[list[ManifestRow], ...] = ([], [], [])
    taken: dict[tuple[str, str], int] = {}
    for clip in embedded.select(corpus):
        part = max(0, speakers.index(clip.speaker) - TRAIN + 1)
        cell = clip.speaker, clip.emotion
        taken[cell] = taken.get(cell, 0) + 1
        if taken[cell] <= (1 if part else each):
            parts[part].append(clip)
    train, validation, test = (
        Recordings(
            [clip.clip for clip in clips],
            [reader.read(folder / clip.path) for clip in clips],
            answers.indices(clips, corpus.labels),
            np.array([speakers.index(clip.speaker) for clip in clips], dtype=np.int64),
        )
        for clips in parts
    )
    vars(corpus).pop("manifest", None)  # whoever reads it again opens its file, which is noted
    return train, validation, test


def _odd(wave: np.ndarray) -> dict[str, np.ndarray]:
    """Too short, too long, and nothing at all."""
    lengths = {name: np.resize(wave, round(seconds * RATE)) for name, seconds in SECONDS.items()}
    return {**lengths, "silence": np.zeros(RATE, np.float32)}


def _clips(wanted: Stack, given: Recordings) -> ClipBatch:
    return replace(feature_store.clips(wanted, given.waves), labels=given.labels, speakers=given.speakers)


def _copies(wanted: Stack, waves: Sequence[np.ndarray]) -> list[Sequence[np.ndarray]]:
    """Augmented copies of the train clips, as the engine caches them."""
    return [
        feature_store.clips(
            wanted,
            [
                augmentation.augmented(wave, steps, rng=np.random.default_rng([copy, row]))
                for row, wave in enumerate(waves)
            ],
        ).inputs
        for copy in range(1, 1 + wanted[0].copies)
        for steps in [augmentation.of_copy(wanted[0].augmentation, copy)]
    ]
