"""Facts with a kind: why an entry does not rank, and what a reader should know of one that does.

Only the website puts them into words (benchmark.website.wording).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Doubt = Literal["invalid", "stale", "seed"]  # why a record never ranks, whatever the others
UnrankedKind = Literal[
    "invalid",  # the record does not hold
    "stale",  # it was made with another version than today's
    "seed",  # it is of another seed than those that count
    "leaks",  # the protocol leaks by design; here: how
    "protocol",  # the protocol does not rank, though it does not leak
    "split",  # another version of the split; digests
    "engine",  # another version of search and training; numbers
    "miniature",  # clips that were selected: "full" or "miniature"
    "trials",  # of each search; numbers
    "epochs",  # at most so many a fit; None = as the recipe says
    "folds",  # that were run; None = all
    "numerics",  # another class of arithmetic; names
    "missing",  # clips; names
    "labels",  # other labels
    "copy",  # another copy of the audio; digests
    "clips",  # other test clips
    "variant",  # it is a variant of a model; here: of which
    "pretraining",  # the model was trained on the corpus before; here: its title
    "enrolment",  # the model is given clips of the test speaker; here: how many
    "transductive",  # it uses several test clips
    "version",  # another version of a model that ranks; here: which
    "absent",  # there are no results
]
NoteKind = Literal["seeds", "folds", "numerics", "miniature", "missing"]
Value = int | str | tuple[int, ...] | tuple[str, ...] | None


@dataclass(frozen=True)
class Unranked:
    """One reason why an entry does not rank: what it has here, and what those that rank have."""

    kind: UnrankedKind
    here: Value = None
    needed: Value = None


@dataclass(frozen=True)
class Note:
    """Something that a reader should know of an entry, whether it ranks or not."""

    kind: NoteKind
    here: Value = None
    needed: Value = None
