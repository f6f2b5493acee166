"""Across corpora: train on all but one, test on that one, with the labels that all of them have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from protocols import corpora
from protocols.corpora import Corpus
from protocols.split_rules import split_file
from protocols.split_rules.clips import of_sex

# A corpus's label -> the shared one. Boredom, calm and surprise are left out: not all corpora have them, and
# an actor who was asked for calm did not act neutral.
LABELS = {label: label for label in ("anger", "disgust", "fear", "happiness", "neutral", "sadness")}
FIVE = ("savee", "ravdess", "tess", "emodb", "emovo")
ENGLISH = ("savee", "ravdess", "tess")
LARGE = "cremad"  # as many clips as the five others together, so that what it adds is shown by itself
WITHOUT_VALIDATION = ("tess",)
INNER = 3
SHARE = 10  # one woman in ten, and one man in ten, of a training corpus validates in an inner fold


def documents() -> Iterator[dict[str, Any]]:
    """Over all languages and within English, each with and without CREMA-D."""
    for name, on in (("cross-corpus", FIVE), ("cross-corpus-english", ENGLISH)):
        yield leave_one_out(f"{name}-{len(on)}", on)
        yield leave_one_out(f"{name}-{len(on) + 1}", (*on, LARGE))


def leave_one_out(name: str, on: Sequence[str]) -> dict[str, Any]:
    """A fold a corpus."""
    loaded = [corpora.load(corpus) for corpus in on]
    return split_file.document(
        name=name,
        on=on,
        rule=(
            f"Leave one corpus out ({len(on)} folds), with the six emotions that all have. In each of "
            f"{INNER} inner folds other speakers validate: a tenth of the women and a tenth of the men of "
            "each training corpus, at least one of each where it has them. TESS only trains: one of its "
            "two speakers has more clips than all others that validate."
        ),
        apart=["corpus"],
        validation_apart=["speaker"],
        labels=LABELS,
        folds=[
            {
                "test": {"corpora": [test.name]},
                "validation": [
                    {"speakers": _voices([one for one in loaded if one is not test], inner)}
                    for inner in range(INNER)
                ],
            }
            for test in loaded
        ],
    )


def _voices(training: Sequence[Corpus], inner: int) -> list[str]:
    """The speakers of the training corpora that validate in an inner fold."""
    chosen: list[str] = []
    for corpus in training:
        for voices in of_sex(corpus, list(corpus.speakers) if corpus.name not in WITHOUT_VALIDATION else []):
            n = max(1, len(voices) // SHARE)
            chosen += (f"{corpus.name}/{speaker}" for speaker in voices[inner * n : (inner + 1) * n])
    return chosen
