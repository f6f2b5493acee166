"""As many papers have it: altered copies of the clips are rows of their own, and rows are split at random.

The attention 1D-CNN's public code does so (Lee and Nadeem, arXiv 2507.03251, github.com/spilabkorea/ser), and
the figures that the ViT student and teacher publish (Kim and Lee, IEEE Access 2024, arXiv 2403.17327) are
multiples of a fifth of four rows a clip: that these were split alike is an inference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from protocols import parts
from protocols.population import Population
from protocols.split_rules import clips
from protocols.split_rules.base import Base, bases

COPIES = 3
AUGMENTATION = [  # the first copy has noise, the second another pitch, the third both
    {"kind": "pitch", "low": 0.7, "high": 2.0, "copies": [2, 3]},
    {"kind": "noise", "low": 10.0, "high": 25.0, "copies": [1, 3]},
]
SHARE, SEED = 5, 0  # one row in so many is tested
OTHERWISE = {  # in the paper
    "savee": " The paper has 256 rows a clip instead; how they arose is not known.",
    "ravdess": (
        " The paper has 256 rows a clip instead, of which it is not known how they arose, and counts calm as "
        "neutral; here calm is a class, as on every rung."
    ),
}


def documents() -> Iterator[dict[str, Any]]:
    """One file for each corpus."""
    yield from map(document, bases())


def document(base: Base) -> dict[str, Any]:
    """One fold, without validation: the papers validate on the test rows, and report the last epoch."""
    rows = Population((base.corpus,), {}, COPIES).rows
    tested = clips.drawn(rows, [row.emotion for row in rows], SHARE, seed=SEED)
    return base.document(
        "as-published",
        rule=(
            "As published: four rows a clip, the clip itself and three altered copies (noise; another pitch; "
            "both). All rows are pooled, and a fifth of them is tested, drawn at random within each emotion. "
            "Nothing is searched: every model trains in its own setting on all other rows, to the last epoch "
            "of its recipe. Its own augmented copies are off."
        )
        + OTHERWISE.get(base.corpus.name, ""),
        leaks=(
            "altered copies of the test rows' clips are in training, and so are their speakers and texts; "
            "where a paper validates, it does so on the test rows"
        ),
        apart=["clip"],
        validation_apart=[],
        search=False,
        copies=COPIES,
        augmentation=AUGMENTATION,
        parts=parts.letters({"t": tested}, [row.clip for row in rows]),
        folds=[{"test": {"parts": ["t"]}}],
    )
