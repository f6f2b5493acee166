"""EmoBox's folds where they are of clips: EMO-DB, CREMA-D and TESS.

Those of SAVEE, RAVDESS and EMOVO are the test folds of the ranking protocols. EmoBox (Ma et al., Interspeech
2024) publishes lists of clips. The split files are our copy of them, which this reads again. What validates
is ours, since EmoBox has no validation sets.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

from protocols import corpora, parts, splits
from protocols.split_rules import split_file
from protocols.split_rules.clips import drawn

SHARED = "EmoBox's folds keep no speakers apart: all {n} speakers, and all texts, are in training and in test"


def documents() -> Iterator[dict[str, Any]]:
    """Five folds of EMO-DB, one of CREMA-D, one of TESS."""
    yield emodb(tested("emodb"))
    for name in ("cremad", "tess"):
        yield one_fold(name, tested(name)["t"])


def tested(corpus: str) -> dict[str, list[str]]:
    """The clips of each part of the split file that there is."""
    document = tomllib.loads((splits.HERE / f"{corpus}-emobox.toml").read_text(encoding="utf-8"))
    return parts.members(document)


def emodb(folds: dict[str, list[str]]) -> dict[str, Any]:
    """EMO-DB: the clips that each of five folds tests, by its number; the next fold validates."""
    names = sorted(folds)
    return split_file.document(
        name="emodb-emobox",
        on=["emodb"],
        rule="EmoBox's 5 folds of 107 clips; the next fold validates, which is ours.",
        leaks=SHARED.format(n=10),
        apart=["clip"],
        validation_apart=["clip"],
        parts=parts.letters(folds, [row.clip for row in corpora.load("emodb").manifest]),
        folds=[
            {"test": {"parts": [test]}, "validation": [{"parts": [following]}]}
            for test, following in zip(names, names[1:] + names[:1], strict=True)
        ],
    )


def one_fold(name: str, test: list[str]) -> dict[str, Any]:
    """CREMA-D and TESS: one fold that tests a quarter of the clips."""
    corpus = corpora.load(name)
    rest = [row for row in corpus.manifest if row.clip not in set(test)]
    validation = drawn(rest, [row.emotion for row in rest], 5, seed=0)
    return split_file.document(
        name=f"{name}-emobox",
        on=[name],
        rule=(
            f"EmoBox's one fold: it tests {len(test)} clips, a quarter. A fifth of the others, drawn "
            "within each emotion, validates, which is ours."
        ),
        leaks=SHARED.format(n=len(corpus.speakers)),
        apart=["clip"],
        validation_apart=["clip"],
        parts=parts.letters({"t": test, "v": validation}, [row.clip for row in corpus.manifest]),
        folds=[{"test": {"parts": ["t"]}, "validation": [{"parts": ["v"]}]}],
    )
