"""Suites: named sets of protocols and models."""

from __future__ import annotations

from dataclasses import dataclass

from protocols import registry
from protocols.errors import UnheardError

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
    cheap: bool  # only the models that declare themselves cheap


SUITES = {
    suite.name: suite
    for suite in (
        Suite("all", "the six speaker-independent protocols, every model", SPEAKER_INDEPENDENT, cheap=False),
        Suite("quick", "the same protocols, the cheap models", SPEAKER_INDEPENDENT, cheap=True),
    )
}


def find(name: str) -> Suite:
    """The suite called `name`; UnheardError names the nearest ones where there is none."""
    if name not in SUITES:
        raise UnheardError(registry.unknown("suites", name, SUITES))
    return SUITES[name]
