"""Texts unseen, speakers seen: groups of texts in place of the ranking protocol's speakers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from protocols import parts
from protocols.split_rules.base import Base, bases, of_savee
from protocols.split_rules.clips import drawn, text_groups

LEAKS = "the speakers of the test clips are in training; their texts are not"
Texts = list[str]


def documents() -> Iterator[dict[str, Any]]:
    """One file for each corpus."""
    for base in bases():
        yield _of_two_texts(base) if base.corpus.name == "ravdess" else _of_groups(base)


def _of_groups(base: Base) -> dict[str, Any]:
    groups = text_groups(base.rows, len(base.tested))
    held_out = base.corpus.name == "tess"
    inner = [[other[4::5]] for other in groups[::-1]] if held_out else _in_place(base, groups)
    what = ", and every fifth text of the other group validates" if held_out else ""
    return base.document(
        "unseen-texts",
        rule=(
            f"Texts unseen, speakers seen: the folds of {base.protocol.name}, with {len(groups)} groups of "
            f"texts in place of its speakers{what}. A fold has as many training clips as there, on average: "
            "texts are not divided." + of_savee(base)
        ),
        leaks=LEAKS,
        apart=["sentence"],
        validation_apart=["sentence"],
        folds=[
            {"test": {"sentences": test}, "validation": [{"sentences": texts} for texts in validation]}
            for test, validation in zip(groups, inner, strict=True)
        ],
    )


def _in_place(base: Base, groups: list[Texts]) -> list[list[Texts]]:
    """The inner folds of each fold: the texts that stand in place of its validation speakers."""
    stand_in = {
        speaker: texts
        for speakers, texts in zip(base.tested, groups, strict=True)
        for speaker in speakers[:1]  # those that are tested together validate together
    }
    return [
        [
            sorted(text for name in selection.speakers or () for text in stand_in.get(name, ()))
            for selection in fold.validation
        ]
        for fold in base.protocol.folds
    ]


def _of_two_texts(base: Base) -> dict[str, Any]:
    strata = [(row.sentence, row.emotion) for row in base.rows]
    held = drawn(base.rows, strata, 5, seed=0)
    texts = sorted({row.sentence for row in base.rows})
    return base.document(
        "unseen-texts",
        rule=(
            "Texts unseen, speakers seen: train on one of the two texts, test on the other. Two folds of "
            f"720 training clips, where {base.protocol.name} has six of 1200: there are no more texts. "
            "With one text left to train on, no other can validate: a fifth of its clips does, drawn "
            "within each emotion."
        ),
        leaks=LEAKS,
        apart=["sentence"],
        validation_apart=["clip"],
        parts=parts.letters({"v": held}, [row.clip for row in base.rows]),
        folds=[
            {"test": {"sentences": [test]}, "validation": [{"sentences": [other], "parts": ["v"]}]}
            for test, other in (texts, texts[::-1])
        ],
    )
