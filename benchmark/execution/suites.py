"""Suites: named sets of protocols and models."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from protocols import folds, registry
from protocols.errors import UnheardError
from protocols.folds import Protocol

# In the order of the overview's columns.
SPEAKER_INDEPENDENT = (
    "savee-loso",
    "ravdess-6fold",
    "cremad-5fold",
    "tess-2fold",
    "emodb-loso",
    "emovo-loso",
)


@dataclass(frozen=True)
class Suite:
    """What `run --suite NAME` runs."""

    name: str
    summary: str
    protocols: tuple[str, ...]
    cheap: bool = False  # only the models that declare themselves cheap
    enrolment: bool = False  # only those that take clips of the speaker, without any and with each number


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
