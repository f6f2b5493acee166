"""Suites: named sets of protocols and models."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from protocols import folds, ladder, registry
from protocols.errors import UnheardError
from protocols.folds import Protocol

SPEAKER_INDEPENDENT = tuple(ladder.RANKING.values())
LADDER = tuple(name for corpus in ladder.RANKING for name in ladder.all_of(corpus))
ACROSS = ("cross-corpus-5", "cross-corpus-6", "cross-corpus-english-3", "cross-corpus-english-4")
OTHER_BENCHMARKS = (
    "savee-serab",
    "ravdess-serab",
    "ravdess-audb",
    "cremad-emobox",
    "cremad-serab",
    "tess-emobox",
    "emodb-emobox",
    "emodb-serab",
    "emodb-audb",
    "emovo-serab",
)
# What one sees by: functionals, statistics of frames, a large set of features, the suite's own small model,
# and a compact network.
EXEMPLARY = ("egemaps-svm", "mfcc-logreg", "compare-lda", "functionals-lda", "small-cnn")


@dataclass(frozen=True)
class Suite:
    """What `run --suite NAME` runs."""

    name: str
    summary: str
    protocols: tuple[str, ...]
    cheap: bool = False  # only the models that declare themselves cheap
    enrolment: bool = False  # only those that take clips of the speaker, without any and with each number
    models: tuple[str, ...] = ()  # only these
    robust: bool = False  # then the models of the folds are asked under acoustic conditions


SUITES = {
    suite.name: suite
    for suite in (
        Suite("all", "the six speaker-independent protocols, every model", SPEAKER_INDEPENDENT),
        Suite("quick", "the same protocols, the cheap models", SPEAKER_INDEPENDENT, cheap=True),
        Suite(
            "enrolment",
            "the same protocols, the models that take clips of the speaker, with 0, 5, 10, 20 and all",
            SPEAKER_INDEPENDENT,
            enrolment=True,
        ),
        Suite(
            "robustness",
            "the same protocols; then the models of the folds predict their test clips again: in noise, over "
            "a telephone, at other levels, in a room, through a codec; five models",
            SPEAKER_INDEPENDENT,
            models=EXEMPLARY,
            robust=True,
        ),
        Suite(
            "leakage",
            "the ladder of each corpus: as published, random clips, unseen texts, unseen speakers, both; "
            "and which speaker, which text; five models",
            LADDER,
            models=EXEMPLARY,
        ),
        Suite(
            "cross-corpus",
            "train on all corpora but one, test on that one; also within English; five models",
            ACROSS,
            models=EXEMPLARY,
        ),
        Suite(
            "other-benchmarks",
            "the folds of EmoBox, SERAB and audb where they are not those of `all`; five models",
            OTHER_BENCHMARKS,
            models=EXEMPLARY,
        ),
    )
}


def find(name: str) -> Suite:
    """The suite called `name`; UnheardError names the nearest ones where there is none."""
    if name not in SUITES:
        raise UnheardError(registry.unknown("suites", name, SUITES))
    return SUITES[name]


def ranking_protocol(corpus: str) -> Protocol:
    """The protocol that ranks models on this corpus alone: a suite's before somebody else's.

    RegistryError where there is no such corpus, UnheardError where no installed protocol ranks on it.
    """
    registry.load("corpora", corpus)
    installed = registry.names("protocols")
    first = [name for name in SPEAKER_INDEPENDENT if name in installed]
    for name in dict.fromkeys([*first, *installed]):
        with suppress(UnheardError):  # somebody else's split file that cannot be used stops nobody
            protocol = folds.load(name)
            if protocol.ranks and protocol.corpora == (corpus,):
                return protocol
    raise UnheardError(f"{corpus}: no installed protocol ranks models on it; see CONTRIBUTING.md.")
