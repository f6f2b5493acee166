"""Speakers and texts unseen: groups of speakers times groups of texts, each block a fold.

A block is tested by a model that has met none of its speakers and none of its texts. That leaves fewer clips
to train on; the control has as few, and its texts may have been met.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from protocols import ladder
from protocols.split_rules.base import Base, bases, of_savee, shuffled
from protocols.split_rules.clips import PARTS, of_sex, text_groups

TEXTS = {"ravdess": 2}  # groups of texts, which are all that it has
ELSE = 4  # groups of texts of other corpora
MANY = 10  # texts of a group, from which on the file has letters of the clips in place of the texts
INNER = {"savee": 3, "emodb": 3, "emovo": 3}  # inner folds; of other corpora one
INNER_APART = {  # of other corpora both
    "tess": (["sentence"], "Of the one training speaker another group of texts validates."),
    "ravdess": (["speaker"], "Other speakers validate with the one training text."),
}

Place = tuple[int, int]  # a group of speakers, a group of texts


def documents() -> Iterator[dict[str, Any]]:
    """One file for each corpus, and the controls."""
    for base in bases():
        blocks = Blocks(base)
        yield document(blocks)
        if base.corpus.name in ladder.CONTROLS:
            yield control(blocks)


@dataclass(frozen=True)
class Blocks:
    """A corpus's clips in groups of speakers times groups of texts."""

    base: Base

    @cached_property
    def voices(self) -> list[list[str]]:
        """The groups of speakers: those that the ranking protocol tests together; of EMO-DB's ten, pairs."""
        if self.base.corpus.name != "emodb":
            return self.base.tested
        women, men = of_sex(self.base.corpus, list(self.base.corpus.speakers))
        return [list(pair) for pair in zip(women, men, strict=True)]

    @cached_property
    def texts(self) -> list[list[str]]:
        """The groups of texts."""
        return text_groups(self.base.rows, TEXTS.get(self.base.corpus.name, ELSE))

    @property
    def group(self) -> np.ndarray:
        """The group of each clip's text: (clips,)."""
        group_of = {text: at for at, texts in enumerate(self.texts) for text in texts}
        return np.array([group_of[row.sentence] for row in self.base.rows])

    def folds(self, of_texts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """A fold a block; `of_texts` selects the clips of each group of texts."""
        return [
            {"test": self.block(at, of_texts), "validation": [self.block(one, of_texts) for one in inner]}
            for at, inner in self.places()
        ]

    def places(self) -> Iterator[tuple[Place, list[Place]]]:
        """Each block, and in each inner fold one of other speakers and other texts, which validates."""
        steps = range(1, 1 + INNER.get(self.base.corpus.name, 1))
        for voice, text in product(range(len(self.voices)), range(len(self.texts))):
            yield (voice, text), [(voice + step, text + step) for step in steps]

    def block(self, at: Place, of_texts: list[dict[str, Any]]) -> dict[str, Any]:
        """What selects a block's clips."""
        return {"speakers": self.voices[at[0] % len(self.voices)], **of_texts[at[1] % len(of_texts)]}


def document(blocks: Blocks) -> dict[str, Any]:
    """No training clip shares a speaker or a text with a test clip."""
    base, lettered = blocks.base, max(map(len, blocks.texts)) > MANY
    apart, how = INNER_APART.get(
        base.corpus.name, (["speaker", "sentence"], "Blocks of other speakers and other texts validate.")
    )
    voices, texts = len(blocks.voices), len(blocks.texts)
    share = round(100 * (1 - 1 / voices) * (1 - 1 / texts))
    return base.document(
        "unseen-both",
        rule=(
            f"Speakers and texts unseen: {voices} groups of speakers times {texts} groups of texts, a fold "
            f"each. It trains on what shares neither with its test clips, about {share} % of all clips, "
            f"fewer than in {base.protocol.name}: other texts of the test speakers and other speakers of "
            f"the test texts are in no part of it. {how}" + of_savee(base)
        ),
        apart=["speaker", "sentence"],
        validation_apart=apart,
        parts="".join(PARTS[group] for group in blocks.group) if lettered else "",
        folds=blocks.folds(
            [
                {"parts": [PARTS[at]]} if lettered else {"sentences": each}
                for at, each in enumerate(blocks.texts)
            ]
        ),
    )


def control(blocks: Blocks) -> dict[str, Any]:
    """The same blocks are tested, and as many clips of each speaker and emotion train, whatever their texts.

    A letter says two groups: that of the clip's text, by which it is tested, and that of the text of another
    clip of its speaker and emotion, by which it trains.
    """
    base, n = blocks.base, len(blocks.texts)
    drawn = shuffled(blocks.group, [(row.speaker, row.emotion) for row in base.rows])

    def parts(texts: Iterable[int], others: Iterable[int]) -> dict[str, Any]:
        return {"parts": [PARTS[text * n + other] for text, other in product(texts, others)]}

    folds = []
    for at, inner in blocks.places():
        training = [group for group in range(n) if group != at[1]]
        held_out = [parts([text], training) for text in range(n)]
        folds.append(
            {
                "test": blocks.block(at, [parts([text], range(n)) for text in range(n)]),
                "validation": [blocks.block(one, held_out) for one in inner],
                "train": parts(range(n), training),
            }
        )
    return base.document(
        "fewer-clips",
        rule=(
            f"The control of {base.corpus.name}-unseen-both: its folds test the same clips and "
            "train on as many of each speaker and emotion, drawn whatever their texts are. What differs "
            "is that texts may have been met. In inner folds too only speakers are kept apart, so that "
            "these train on more clips."
        ),
        apart=["speaker"],
        validation_apart=["speaker"],
        parts="".join(PARTS[text * n + other] for text, other in zip(blocks.group, drawn, strict=True)),
        folds=folds,
    )
