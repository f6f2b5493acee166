"""What the rules ask of a corpus's clips: groups of texts, voices by sex, and draws by class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from protocols.corpora import Corpus, ManifestRow
from protocols.selection import units

PARTS = "0123456789abcdefghijklmnopqrstuvwxyz"  # the letters of parts


def text_groups(rows: Sequence[ManifestRow], n: int) -> list[list[str]]:
    """The sentences in `n` groups with about as many clips of each class, in order."""
    from sklearn.model_selection import StratifiedGroupKFold  # here, since to read splits nobody needs it

    sentences = np.array(units(rows, "sentence"))
    folds = StratifiedGroupKFold(n).split(sentences, [row.emotion for row in rows], sentences)
    return [sorted(set(sentences[test])) for _, test in folds]


def of_sex(corpus: Corpus, speakers: Sequence[str]) -> tuple[list[str], list[str]]:
    """The women and the men among the speakers, in the order of their names."""
    women, men = ([s for s in sorted(speakers) if corpus.speakers[s] == sex] for sex in ("female", "male"))
    return women, men


def drawn(rows: Sequence[ManifestRow], strata: Sequence[object], share: int, *, seed: int) -> list[str]:
    """One clip in `share` of each stratum, drawn at random, by name."""
    from sklearn.model_selection import StratifiedKFold

    keys = np.array([str(stratum) for stratum in strata])
    _, chosen = next(StratifiedKFold(share, shuffle=True, random_state=seed).split(keys, keys))
    return [rows[row].clip for row in chosen]
