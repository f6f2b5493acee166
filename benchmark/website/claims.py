"""Published results, each beside our run of the same model: under its kind of protocol, and unheard."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from benchmark.ranking.catalogue import Known, Published
from benchmark.ranking.cells import Entry
from benchmark.ranking.leaderboard import Board, Table
from benchmark.ranking.reasons import Doubt, Unranked

Result = tuple[Table, Entry]


@dataclass(frozen=True, kw_only=True)
class Run:
    """What our run gives in a metric, in [0, 1]."""

    table: Table
    entry: Entry
    score: float
    low: float
    high: float
    interval: bool  # of 95 %; else the range of the speakers

    @property
    def besides(self) -> tuple[Unranked, ...]:
        """Why it does not rank, but for its protocol, which never does."""
        return tuple(one for one in self.entry.unranked if one.kind not in ("leaks", "protocol"))


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A published result and our runs; None where there is no record."""

    row: Published
    same: Run | None  # under the protocol that the claim's row names
    unheard: Run | None  # under the protocol by which its corpus ranks

    @property
    def measured(self) -> bool:
        """Whether the model was run here."""
        return bool(self.same or self.unheard)


@dataclass(frozen=True, kw_only=True)
class Leaking:
    """A model on one corpus: unheard, and by the protocols that leak."""

    unheard: Result
    leaky: tuple[Result, ...]


def claims(board: Board, published: Sequence[Published]) -> dict[str, list[Claim]]:
    """The claims by corpus, the highest first."""
    found: dict[str, list[Claim]] = {}
    for row in sorted(published, key=lambda row: -row.percent):
        same, unheard = board.tables.get(row.protocol_here), _ranking(board, row.corpus)
        ours = [run(table, row.model_here, row.metric) for table in (same, unheard)]
        claim = Claim(row=row, same=ours[0], unheard=ours[1])
        found.setdefault(row.corpus, []).append(claim)
    return dict(sorted(found.items()))


def spans(found: Mapping[str, Sequence[Claim]]) -> dict[str, dict[Known, list[float]]]:
    """Corpus -> whether no test speaker is in training -> what is reported, the highest first."""
    return {
        corpus: {
            known: [claim.row.percent for claim in group if claim.row.speaker_independent == known]
            for known in get_args(Known)
        }
        for corpus, group in found.items()
    }


def best(board: Board, corpus: str) -> Run | None:
    """The run that ranks highest on a corpus."""
    table = _ranking(board, corpus)
    ranked = [entry for entry in table.entries if not entry.unranked] if table else []
    return run(table, max(ranked, key=lambda entry: entry.uar).model) if ranked else None


def same_folds(board: Board, published: Sequence[Published]) -> dict[str, list[Published]]:
    """Published UARs of the very folds by which a protocol ranks, of models that have no run here."""
    found: dict[str, list[Published]] = {}
    for name, table in board.tables.items():
        here = {entry.model for entry in table.entries}
        rows = [row for row in published if row.protocol_here == name and row.metric == "UAR"]
        rows = [row for row in rows if row.speaker_independent == "yes" and row.model_here not in here]
        if table.ranks and rows:
            found[name] = rows
    return found


def leaking(results: Sequence[Result]) -> Iterator[Leaking]:
    """Of one model's results, those on a corpus of which it has both kinds."""
    for table, entry in results:
        same = (one for one in results if _asks(one[0]) == _asks(table))
        leaky = tuple(one for one in same if _shows_a_leak(*one))
        if leaky and not entry.unranked:
            yield Leaking(unheard=(table, entry), leaky=leaky)


def _asks(table: Table) -> tuple[tuple[str, ...], ...]:
    """Of whom, and what: a protocol may ask for the speaker in place of the emotion."""
    return table.corpora, table.labels


def _shows_a_leak(table: Table, entry: Entry) -> bool:
    return bool(table.leaks) and not doubted(entry)


def doubted(entry: Entry) -> bool:
    """Whether it counts for nothing, whatever the protocol."""
    return any(one.kind in get_args(Doubt) for one in entry.unranked)


def _ranking(board: Board, corpus: str) -> Table | None:
    """The table that is called as the corpus is, since it ranks by it."""
    return next((table for table in board.tables.values() if table.ranks and table.title == corpus), None)


def run(table: Table | None, model: str, metric: str = "UAR") -> Run | None:
    """The model's entry with the fewest reasons not to rank, in UAR or accuracy; none that is in doubt."""
    entries = table.entries if table else ()
    own = [entry for entry in entries if entry.model == model and not doubted(entry)]
    if not table or not own:
        return None
    entry = min(own, key=lambda entry: len(entry.unranked))
    score, interval, speakers = entry.uar, entry.interval, entry.speaker_uars
    if metric != "UAR":
        score, interval, speakers = entry.accuracy, entry.accuracy_interval, entry.speaker_accuracies
    known = [one for one in speakers.values() if not math.isnan(one)] or [score]
    low, high = interval or (min(known), max(known))
    return Run(table=table, entry=entry, score=score, low=low, high=high, interval=interval is not None)
