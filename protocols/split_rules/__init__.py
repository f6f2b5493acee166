"""The rules by which split files are made from the manifests, one kind a module.

`python -m protocols.split_rules` makes the files again: the ladder on each corpus (protocols/ladder.py), the
protocols across corpora, and those of other benchmarks. The ranking protocols are not among them: their files
were written by hand, and the ladder is built on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from protocols.split_rules import (
    across,
    as_published,
    audb,
    emobox,
    mteb,
    random_clips,
    serab,
    unseen_both,
    unseen_texts,
)

KINDS = (as_published, random_clips, unseen_texts, unseen_both, across, emobox, serab, audb, mteb)


def documents() -> Iterator[dict[str, Any]]:
    """The contents of every split file that has a rule."""
    for kind in KINDS:
        yield from kind.documents()
