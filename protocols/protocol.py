"""A protocol: fixed folds over the clips of one corpus or several, and how they divide clips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

import numpy as np
from msgspec import Meta

from protocols import corpora
from protocols.contract import Augmentation
from protocols.corpora import ManifestRow
from protocols.errors import FoldError
from protocols.population import Population
from protocols.selection import Selection, Unit, sharing


@dataclass(frozen=True)
class Fold:
    """One outer fold: what the model is tested on, and what each inner fold of its search validates on."""

    test: Selection
    validation: tuple[Selection, ...] = ()  # none where there is no search
    train: Selection = field(default_factory=Selection)  # from which training clips may come; default: all


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """Fixed folds over one corpus or several."""

    name: str
    version: int
    corpora: tuple[str, ...]
    rule: str  # how the folds are made, in words
    objective: Literal["uar", "cross-entropy"]  # what an inner search maximises or minimises
    apart: tuple[Unit, ...]  # no test clip shares any of these with a clip of training or validation
    validation_apart: tuple[Unit, ...]  # likewise, an inner fold's validation and its training clips
    overall: bool  # whether it counts in the overall score
    folds: tuple[Fold, ...]
    digest: str  # SHA-256
    leaks: str = ""  # how it leaks, by design; "" = not at all
    ranks: bool = True
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)  # a corpus's label -> the shared one
    copies: Annotated[int, Meta(ge=0, le=99)] = 0  # altered copies of each clip that are rows of their own
    augmentation: tuple[Augmentation, ...] = ()  # of the waveform, by which they are altered
    search: bool = True  # else every model runs in its own setting, for its recipe's epochs


@dataclass(frozen=True)
class Split:
    """Indices into a list of clips. `inner` holds one (train, validation) pair for each inner fold."""

    test: np.ndarray
    development: np.ndarray  # training + validation: all that a model may be fitted on
    inner: tuple[tuple[np.ndarray, np.ndarray], ...]

    @property
    def whole(self) -> bool:
        """Whether no part is empty."""
        return all(map(len, (self.test, self.development, *(part for pair in self.inner for part in pair))))


def population(protocol: Protocol) -> Population:
    """All clips of the protocol's corpora; RegistryError where one is not installed."""
    return Population(tuple(map(corpora.load, protocol.corpora)), protocol.labels, protocol.copies)


def split(protocol: Protocol, fold: Fold, rows: Sequence[ManifestRow]) -> Split:
    """Split `rows` by one fold; FoldError where a part that is needed is empty."""
    found = divided(protocol, fold, rows)
    if not found.whole:
        raise FoldError(f"{protocol.name}, test {fold.test}: too many clips are missing, a part is empty.")
    return found


def divided(protocol: Protocol, fold: Fold, rows: Sequence[ManifestRow]) -> Split:
    """Split `rows` by one fold, whether or not a part is empty.

    Training clips are those of `fold.train` that share nothing that is kept apart with a test clip; those of
    an inner fold share nothing that is kept apart with its validation either.
    """
    test = fold.test.of(rows)
    free = ~sharing(rows, test, protocol.apart)
    train = fold.train.of(rows) & free
    validation = [selection.of(rows) & free for selection in fold.validation]
    inner = [(train & ~sharing(rows, chosen, protocol.validation_apart), chosen) for chosen in validation]
    return Split(
        test=np.flatnonzero(test),
        development=np.flatnonzero(np.any([train, *validation], axis=0)),
        inner=tuple((np.flatnonzero(one), np.flatnonzero(other)) for one, other in inner),
    )
