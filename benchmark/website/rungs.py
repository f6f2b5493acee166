"""The ladder of each corpus: what its rungs test, and what the models give on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from benchmark.ranking import titles
from benchmark.ranking.catalogue import Catalogue, Published
from benchmark.ranking.leaderboard import Board, Table
from benchmark.verification.leakage import Audit
from benchmark.verification.overlap import Overlap
from benchmark.website import claims
from benchmark.website.claims import Run
from benchmark.website.pages.official_audit import official_audit
from protocols import ladder
from protocols.folds import Protocol


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a rung divides, over the official files."""

    folds: int
    train: float  # rows of a fold's training and validation, on average
    test: float
    overlap: Overlap

    @property
    def has(self) -> tuple[str, ...]:
        """What training has of most test clips."""
        shares = {
            "altered copies": self.overlap.twin,
            "speaker": self.overlap.speaker,
            "text": self.overlap.text,
        }
        return tuple(what for what, share in shares.items() if share > 0.5)


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One protocol of the ladder."""

    name: str
    title: str
    protocol: Protocol | None  # None where it is not installed
    facts: Facts | None  # likewise
    control: bool  # it stands beside the ladder
    published: tuple[Published, ...]  # what others report under a protocol of this kind, the highest first


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """What a model may learn of a clip in place of its emotion: the speaker, or the text."""

    what: str
    unseen: str  # the protocol where it is not in training
    protocol: str  # by which it is recognised; "" = there is none
    chance: float | None  # of that; None where it was not run
    models: dict[str, Run | None]  # how well each recognises it


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """The ladder of one corpus."""

    corpus: str
    title: str
    chance: float
    rungs: tuple[Rung, ...]  # from the lowest up, then the control
    models: dict[str, tuple[Run | None, ...]]  # by name, a run for each rung; the best first
    others: int  # models that have a record by the ranking protocol alone
    learnt: tuple[Learnt, ...]

    @property
    def ranking(self) -> str:
        """The protocol by which the corpus ranks."""
        return ladder.RANKING[self.corpus]

    @property
    def shown(self) -> tuple[int, ...]:
        """The places of the rungs of which there is a number: a run's, or a published one."""
        return tuple(
            place
            for place, rung in enumerate(self.rungs)
            if rung.published or any(runs[place] for runs in self.models.values())
        )

    @property
    def learnt_of(self) -> tuple[Learnt, ...]:
        """What is known of what the models learnt."""
        return tuple(
            one
            for one in self.learnt
            if one.chance or any(self.gain(model, one.unseen) is not None for model in self.models)
        )

    @property
    def learners(self) -> tuple[str, ...]:
        """The models of which any of that is known."""
        return tuple(
            model
            for model in self.models
            if any(one.models[model] or self.gain(model, one.unseen) is not None for one in self.learnt_of)
        )

    def gain(self, model: str, over: str) -> float | None:
        """UAR on random clips less that by the protocol `over`; None where one of them is not known."""
        of = {rung.name: run for rung, run in zip(self.rungs, self.models[model], strict=True)}
        random, unseen = of[ladder.RUNGS["clips"][self.corpus]], of[over]
        return random.score - unseen.score if random and unseen else None


def climbed(board: Board) -> list[str]:
    """The corpora of which a rung besides the ranking protocol has a result that holds."""
    return [
        corpus
        for corpus, ranking in ladder.RANKING.items()
        if any(_holds(board.tables.get(name)) for name in ladder.of(corpus) if name != ranking)
    ]


def _holds(table: Table | None) -> bool:
    return table is not None and not all(map(claims.doubted, table.entries))


def of(corpus: str, board: Board, known: Catalogue) -> Ladder:
    """The ladder of a corpus that was climbed."""
    names, ranking = ladder.titles(corpus), ladder.RANKING[corpus]
    tables = {name: board.tables[name] for name in names if name in board.tables}
    everyone = sorted({entry.model for table in tables.values() for entry in table.entries})
    models = {model: tuple(claims.run(board.tables.get(name), model) for name in names) for model in everyone}
    climbers = {model: runs for model, runs in models.items() if _climbs(runs, ranking)}
    return Ladder(
        corpus=corpus,
        title=titles.of_corpus(corpus, known.corpora),
        chance=next(iter(tables.values())).chance,
        rungs=tuple(_rung(name, title, corpus, known) for name, title in names.items()),
        models=dict(sorted(climbers.items(), key=lambda one: (-_best(one[1]), one[0]))),
        others=sum(any(runs) for runs in models.values()) - len(climbers),
        learnt=tuple(_learnt(what, corpus, board, climbers) for what in ladder.PROBES),
    )


def _climbs(runs: tuple[Run | None, ...], ranking: str) -> bool:
    return any(run.table.protocol != ranking for run in runs if run)


def _best(runs: tuple[Run | None, ...]) -> float:
    return max(run.score for run in runs if run)


def _learnt(what: str, corpus: str, board: Board, models: Iterable[str]) -> Learnt:
    protocol = ladder.probes(corpus).get(what, "")
    table = board.tables.get(protocol)
    return Learnt(
        what=what,
        unseen=ladder.RUNGS[f"{what}s"][corpus],
        protocol=protocol,
        chance=table.chance if table else None,
        models={model: claims.run(table, model) for model in models},
    )


def _rung(name: str, title: str, corpus: str, known: Catalogue) -> Rung:
    protocol, population = known.protocols.get(name), known.population(name, [corpus])
    return Rung(
        name=name,
        title=title,
        protocol=protocol,
        facts=_facts(official_audit(protocol, population)) if protocol and population else None,
        control=name == ladder.CONTROLS.get(corpus),
        published=_published(name, known),
    )


def _published(protocol: str, known: Catalogue) -> tuple[Published, ...]:
    rows = (row for row in known.published if row.protocol_here == protocol)
    return tuple(sorted(rows, key=lambda row: -row.percent))


def _facts(audit: Audit) -> Facts:
    def rows(part: str) -> float:
        return float(np.mean([sum(fold.classes[part].values()) for fold in audit.folds]))

    return Facts(
        folds=len(audit.folds), train=rows("train+validation"), test=rows("test"), overlap=audit.overlap
    )
