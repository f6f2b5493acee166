"""What a model's page shows: its results, its search, its cost, and where its records come from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from benchmark.ranking import cells
from benchmark.ranking.cells import Entry, track
from benchmark.ranking.leaderboard import Board, Table
from benchmark.records import search_facts
from benchmark.records.prediction_table import PredictionsOf
from benchmark.records.schema import Environment, FoldFacts, ModelFacts, Record
from benchmark.records.states import StateOf, unchecked
from benchmark.records.tuning import tuning
from benchmark.scores import calibration
from benchmark.website import claims
from benchmark.website.pages import search
from benchmark.website.pages.citation import bibtex
from benchmark.website.pages.commands import commands
from benchmark.website.pages.model_details import Details, details
from benchmark.website.pages.neighbours import Neighbour
from benchmark.website.pages.tuning import settings
from benchmark.website.pages.variants import ablations
from benchmark.website.rows import Row
from protocols.population import Population

Populations = Mapping[str, Population | None]  # the clips of each table's corpora; None: not installed


@dataclass(frozen=True)
class Search:
    """What the search of one fold tried, and what won."""

    fold: FoldFacts

    @property
    def states(self) -> str:
        states = [trial.state for trial in self.fold.trials]
        return ", ".join(f"{states.count(s)} {s}" for s in ("complete", "pruned", "failed") if s in states)

    @property
    def at_bound(self) -> bool:
        return calibration.at_bound(self.fold.temperature)

    @property
    def default(self) -> float | None:
        return self.fold.trials[0].uar if self.fold.trials else None

    @property
    def best(self) -> float | None:
        uars = [t.uar for t in self.fold.trials if t.state == "complete" and t.uar is not None]
        return max(uars, default=None)


def context(
    facts: ModelFacts,
    records: Sequence[Record],
    board: Board,
    populations: Populations,
    predictions_of: PredictionsOf,
    state_of: StateOf = unchecked,
    *,
    near: Sequence[Neighbour] = (),
    home: str = "",
) -> dict[str, Any]:
    """The model, its results by each protocol, its search, where its records come from, what is checked.

    `near`: the models that it is compared with; `home`: the project's address.
    """
    order = list(board.tables)
    records = sorted(records, key=lambda r: (order.index(r.protocol.name), r.seed))
    results = [
        (table, entry)
        for table in board.tables.values()
        for entry in table.entries
        if entry.model == facts.name
    ]
    found = list(_details(results, records, populations, predictions_of, state_of))
    leaking = list(claims.leaking(results))
    ablated = list(ablations(facts.name, results, board))
    searches = _searches(records, board)
    return {
        "model": facts,
        "track": track(facts),
        "results": results,
        "one_inner_fold": [table.title for table, _ in results if table.inner_folds == 1],
        "leaking": leaking,
        "ablations": ablated,
        "variants": sorted({name for one in ablated for name in one.variants}),
        "leaks": sorted({table.leaks for one in leaking for table, _ in one.leaky}),
        "details": found,
        "sexes": [one for one in found if one.by_sex],
        "row": _row(facts, results, records, board),
        "costs": [(table, entry) for table, entry in _ranking(results) if entry.cost],
        "varying": _varying(facts, records, board),
        "records": [(record, state_of(record), search_facts.optimism(record)) for record in records],
        "near": near,
        **_effort(facts.name, records),
        "states": Counter(state_of(record) for record in records),
        "optimism": [
            entry.optimism
            for table, entry in results
            if table.protocol in board.overall.protocols and entry.place and entry.optimism is not None
        ],
        "rank_of": sum(one.track == track(facts) for one in board.overall.standings),
        "submitters": sorted({r.run.submitter for r in records if r.run.submitter}),
        "searches": searches,
        "bought": search.of_model(records, board),
        "at_bound": sum(one.at_bound for _, own in searches for _, folds in own for one in folds),
        "environments": _environments(records),
        "bibtex": bibtex(facts, results, records, kind=board.kind, home=home),
    }


def _searches(
    records: Sequence[Record], board: Board
) -> list[tuple[Table, list[tuple[Record, list[Search]]]]]:
    """Of each record that searched, by protocol."""
    found: dict[str, list[tuple[Record, list[Search]]]] = defaultdict(list)
    for record in filter(search_facts.searched, records):
        found[record.protocol.name].append((record, list(map(Search, record.folds))))
    return [(board.tables[name], own) for name, own in found.items()]


def _effort(model: str, records: Sequence[Record]) -> dict[str, Any]:
    """How its records were made: commands, work, and what was searched."""
    return {
        "commands": commands(model, records),
        "work": sum(record.run.seconds for record in records),
        "settings": settings(records),
    }


def _ranking(results: Sequence[tuple[Table, Entry]]) -> Sequence[tuple[Table, Entry]]:
    """Those by protocols that rank, or all where there are none: what costs are shown of."""
    return [one for one in results if one[0].ranks] or results


def _row(
    facts: ModelFacts, results: Sequence[tuple[Table, Entry]], records: Sequence[Record], board: Board
) -> Row:
    """The model as the overview has it, so that both show the same costs."""
    return Row(
        model=facts,
        standing=next((s for s in board.overall.standings if s.model == facts.name), None),
        entries={table.protocol: entry for table, entry in reversed(_ranking(results))},
        tuning=tuning(records),
    )


def _varying(facts: ModelFacts, records: Sequence[Record], board: Board) -> list[str] | None:
    """Of a model of which a fit is the same whatever the seed: protocols whose seeds' predictions differ.

    None of another model, and where each seed has a search of its own.
    """
    if not facts.deterministic or any(record.space for record in records):
        return None
    found: dict[str, set[str]] = defaultdict(set)
    for record in records:
        found[record.protocol.name].add(record.predictions)
    return [board.tables[name].title for name, digests in found.items() if len(digests) > 1]


def _environments(records: Sequence[Record]) -> list[tuple[Environment, list[str]]]:
    """Each environment, and the commits of records that were made in it and differ in nothing else."""
    commits: dict[str, tuple[Environment, set[str]]] = {}
    for record in records:
        for one in (record.environment, *record.run.environments):
            same = msgspec.structs.replace(one, commit="")
            commits.setdefault(repr(same), (same, set()))[1].add(one.commit[:10])
    return [(one, sorted(filter(None, found))) for one, found in commits.values()]


def _details(
    results: Sequence[tuple[Table, Entry]],
    records: Sequence[Record],
    populations: Populations,
    predictions_of: PredictionsOf,
    state_of: StateOf,
) -> Iterator[Details]:
    """Each protocol by which the model ranks."""
    for table, entry in results:
        if not entry.unranked:
            own = [record for record in records if record.protocol.name == table.protocol]
            cells_of = cells.gather(own, state_of)
            yield details(table, entry, cells_of, populations.get(table.protocol), predictions_of)
