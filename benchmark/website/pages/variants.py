"""A model beside its variants: what each of its parts adds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmark.ranking.cells import Entry
from benchmark.ranking.leaderboard import Board, Table


@dataclass(frozen=True, kw_only=True)
class Ablation:
    """A model by one protocol, as it is and in its variants."""

    table: Table
    whole: Entry
    variants: Mapping[str, Entry]  # by name

    def change(self, variant: str) -> float:
        """A variant's UAR less the model's own."""
        return self.variants[variant].uar - self.whole.uar


def ablations(model: str, results: Sequence[tuple[Table, Entry]], board: Board) -> Iterator[Ablation]:
    """The model's results that have a variant beside them: of the same code, under the same conditions."""
    own = {name for name, facts in board.models.items() if facts.variant_of == model}
    for table, whole in results:
        found = {e.model: e for e in table.entries if e.model in own and _comparable(e, whole)}
        if found:
            yield Ablation(table=table, whole=whole, variants=found)


def _comparable(variant: Entry, whole: Entry) -> bool:
    """Whether being a variant is all that parts them: what else keeps them from ranking is the same."""
    besides = tuple(reason for reason in variant.unranked if reason.kind != "variant")
    return (variant.maker[1:], besides) == (whole.maker[1:], whole.unranked)
