"""What a protocol's table is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from protocols.corpora import Corpus
from protocols.folds import Protocol


def of_corpus(name: str, corpora: Mapping[str, Corpus]) -> str:
    """A corpus's title, or its name where it is not known."""
    return corpora[name].title if name in corpora else name


def of_protocol(
    name: str, on: Sequence[str], *, protocols: Mapping[str, Protocol], corpora: Mapping[str, Corpus]
) -> str:
    """The corpus's title for the protocol by which a single corpus ranks; else the protocol's name.

    `on` are the names of the protocol's corpora. Of several protocols that rank on one corpus it is the one
    that counts in the overall score.
    """
    if len(on) != 1:
        return name
    rivals = {p.name: p for p in protocols.values() if p.ranks and list(p.corpora) == list(on)}
    own = [p.name for p in rivals.values() if p.overall] if len(rivals) > 1 else list(rivals)
    is_own = own == [name] or (not rivals and name not in protocols)
    return of_corpus(on[0], corpora) if is_own else name
