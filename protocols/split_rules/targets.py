"""What else a model may recognise in a clip: its speaker, or its text, on the test folds of random clips."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from protocols import ladder
from protocols.population import Target
from protocols.split_rules import random_clips
from protocols.split_rules.base import Base, bases

TARGETS: dict[str, Target] = {"speaker": "speaker", "text": "sentence"}


def documents() -> Iterator[dict[str, Any]]:
    """For each corpus, a file of its speakers and one of its texts."""
    for base in bases():
        for what in ladder.probes(base.corpus.name):
            yield document(base, what)


def document(base: Base, what: str) -> dict[str, Any]:
    """The outer folds of random clips: the same clips train and test, and all that differs is the label."""
    random = random_clips.document(base)
    return base.document(
        f"which-{what}",
        rule=(
            f"Which {what}: the test folds of {random['name']}, where a clip's label is its {what} in place "
            "of its emotion. Nothing is searched: every model trains in its own setting."
        ),
        leaks=f"by its question: the {what}s of the test clips are in training, since they are the labels",
        apart=["clip"],
        validation_apart=[],
        target=TARGETS[what],
        search=False,
        parts="".join(random["parts"].split()),
        folds=[{"test": fold["test"]} for fold in random["folds"]],
    )
