"""MTEB's way with a data set that has no test split: five shuffled folds, eight training clips a label.

Its class of classification tasks (`AbsTaskClassification`, `is_cross_validation`) has `KFold(5, shuffle=True,
random_state=42)`, whatever speakers there are, and trains on the first eight clips of each label in an order
by chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from protocols import corpora, parts
from protocols.corpora import Corpus
from protocols.split_rules import split_file

FOLDS, EACH, SEED = 5, 8, 42
INNER = 2  # clips of each label that validate in an inner fold


def documents() -> Iterator[dict[str, Any]]:
    """One file for each corpus."""
    for name in ("savee", "ravdess", "cremad", "tess", "emodb", "emovo"):
        yield document(corpora.load(name))


def document(corpus: Corpus) -> dict[str, Any]:
    """Five folds; the eight clips of a label validate two by two, which is ours."""
    from sklearn.model_selection import KFold  # here, since to read splits nobody needs it

    clips = np.array([row.clip for row in corpus.manifest])
    pairs = list(KFold(FOLDS, shuffle=True, random_state=SEED).split(clips))
    inner = [_drawn(corpus, train, np.random.RandomState(SEED)) for train, _ in pairs]
    return split_file.document(
        name=f"{corpus.name}-mteb",
        on=[corpus.name],
        rule=(
            f"MTEB's way: {FOLDS} shuffled folds, and of the rest {EACH} clips of each emotion train. MTEB "
            f"searches nothing; here {INNER} of them at a time validate, in {EACH // INNER} inner folds. "
            "The order of clips is the manifest's, MTEB's another: the draw is of its kind, not the same "
            "clips."
        ),
        leaks="clips at random: speakers and texts of the test clips are in training",
        apart=["clip"],
        validation_apart=["clip"],
        parts=parts.letters(
            {str(number): list(clips[test]) for number, (_, test) in enumerate(pairs)}, list(clips)
        ),
        folds=[
            {
                "test": {"parts": [str(number)]},
                "validation": [{"clips": names} for names in sets],
                "train": {"clips": sorted(clip for names in sets for clip in names)},
            }
            for number, sets in enumerate(inner)
        ],
    )


def _drawn(corpus: Corpus, train: np.ndarray, rng: np.random.RandomState) -> list[list[str]]:
    """Eight clips of each label among the training rows, in sets that validate together."""
    rows = [corpus.manifest[row] for row in rng.permutation(train)]
    of_label = [[row.clip for row in rows if row.emotion == label][:EACH] for label in corpus.labels]
    return [
        sorted(clip for clips in of_label for clip in clips[start : start + INNER])
        for start in range(0, EACH, INNER)
    ]
