"""One round of a search: its trials' inner fits side by side, with trials cut short on the way."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from benchmark.execution import fit_store
from benchmark.execution.fit_store import Progress, Want
from benchmark.execution.fold_data import Data
from benchmark.execution.task import Task
from benchmark.scores import calibration
from benchmark.training import asking, inner_fits, pruning, study
from benchmark.training.asking import Asking
from benchmark.training.inner_fits import InnerFit
from benchmark.training.study import Asked, Outcome

LEGS, SHORTEST = 20, 4  # after its first stop a network goes on by a leg of so many; epochs of the shortest


def evaluate(
    task: Task, data: Data, asked: Sequence[Asked], earlier: Sequence[Outcome] = ()
) -> Asking[list[Outcome]]:
    """What these trials come to, after those of earlier rounds.

    It asks for fits, by `Want`, and is sent the `Progress` of each.
    """
    name = fit_store.round_name(task, asked, earlier)
    kept = fit_store.read_round(task, name)
    if kept is not None:
        return kept
    trials = [_Trial(task, data, name, *each) for each in asked]
    for rung, (folds, share) in enumerate(pruning.rungs(len(data.parts.inner))):
        yield from asking.side_by_side(trial.begin(folds, share) for trial in trials if trial.going)
        _halve(
            [trial for trial in trials if trial.going],
            [outcome.rungs[rung] for outcome in earlier if len(outcome.rungs) > rung],
        )
    yield from asking.side_by_side(trial.go_on() for trial in trials if trial.going)
    outcomes = [trial.outcome for trial in trials]
    fit_store.write_round(task, name, outcomes)
    return outcomes


def _halve(trials: Sequence[_Trial], earlier: Sequence[pruning.Merit]) -> None:
    """Those of a round that do not go on are pruned; `earlier`: what others came to at this point."""
    survivors = pruning.survivors({trial.number: trial.merit for trial in trials}, earlier)
    for trial in trials:
        trial.outcome.rungs.append(trial.merit)
        if trial.number not in survivors:
            trial.outcome.state = "pruned"


class _Trial:
    """A trial on its way. A network's fits stop together, to be looked at; others are done at once."""

    def __init__(self, task: Task, data: Data, name: str, number: int, params: dict[str, Any]) -> None:
        self.data, self.number = data, number
        self.want = partial(Want, params=params, round=name)
        self.outcome = Outcome(params=params, state="going")
        self.fits: dict[tuple[int, bool], Progress] = {}  # by inner fold, and whether it predicts by epoch
        self.trained: dict[int, int] = {}  # epochs, by inner fold, of a network
        backend, model = data.plugin.backend, data.plugin.model
        most = backend.most_epochs(model, params)
        self.is_network, self.most = most is not None, task.budget.epochs
        self.epochs = min(most, task.budget.epochs or most) if most else 0  # planned, of a network
        self.distilling = min(backend.distillation_epochs(model, params), self.epochs - 1)
        self.minimise = data.protocol.objective == "cross-entropy"
        self.truths = [data.labels[validation] for _, validation in data.parts.inner]
        self.parts = range(1, 1 + len(data.parts.inner))

    @property
    def going(self) -> bool:
        return self.outcome.state == "going"

    @property
    def merit(self) -> pruning.Merit:
        return study.merit(self.outcome, minimise=self.minimise)

    def begin(self, folds: int, share: float) -> Asking[None]:
        """A network, on so many inner folds, for a share of its epochs; another model, to its end."""
        if self.is_network:
            yield from self._to(
                pruning.rung_epoch(share, self.epochs, distilling=self.distilling), self.parts[:folds]
            )
            return
        wants = [self.want(part=part, epochs=self.most, by_epoch=True) for part in self.parts]
        came = yield from self._ask(wants)
        own = [each.fit.epochs[-1] for each in came if each.fit.epochs]
        if own and not inner_fits.shared_epochs([each.fit for each in came]):
            # Each kept an epoch of its own, without the predictions of others: again, for their median.
            epoch = statistics.median_low(own)
            again = [
                self.want(part=want.part, epochs=epoch, by_epoch=False)
                for want, each in zip(wants, came, strict=True)
                if each.fit.epochs != [epoch]
            ]
            answers = dict(zip([want.part for want in again], (yield from self._ask(again)), strict=True))
            came = [answers.get(want.part, each) for want, each in zip(wants, came, strict=True)]
        self._judge([each.fit for each in came], ends=True)

    def go_on(self) -> Asking[None]:
        """A network, until its epochs or its patience end. Trial 0 has patience to the end."""
        leg = max(SHORTEST, -(-self.epochs // LEGS))
        while self.going:
            yield from self._to(min(self.epochs, min(self.trained.values()) + leg), self.parts)

    def _to(self, epoch: int, parts: Sequence[int]) -> Asking[None]:
        wants = [self.want(part=part, epochs=self.epochs, by_epoch=True, until=epoch) for part in parts]
        came = yield from self._ask(wants)
        fits = [each.fit.until(epoch) for each in came]
        self._judge(fits)
        self.trained |= {part: max(epoch, self.trained.get(part, 0)) for part in parts}
        self.outcome.trained = [*self.trained.values()]
        if len(parts) < len(self.parts):
            return
        curve = inner_fits.merits(self.outcome.pooled, minimise=self.minimise)
        end = pruning.ended(curve, self.epochs) if self.number else None
        if self.going and (end or epoch == self.epochs):
            self._judge([fit.until(end or epoch) for fit in fits], ends=True)

    def _ask(self, wants: Sequence[Want]) -> Asking[Sequence[Progress]]:
        came: Sequence[Progress] = yield wants
        for want, progress in zip(wants, came, strict=True):
            self.fits[want.part, want.by_epoch] = progress
        self.outcome.seconds = sum(progress.seconds for progress in self.fits.values())
        self.outcome.fitted = dict(Counter(progress.where for progress in self.fits.values()))
        return came

    def _judge(self, fits: Sequence[InnerFit], *, ends: bool = False) -> None:
        truth = np.concatenate(self.truths[: len(fits)])
        score = inner_fits.score(fits, truth, minimise=self.minimise)
        outcome = self.outcome
        if score is None:
            outcome.state = "failed"
            return
        outcome.uar, outcome.cross_entropy = score.uar, score.cross_entropy
        outcome.epochs = None if score.epoch is None else [score.epoch] * len(fits)
        outcome.curves, outcome.pooled = [fit.curves for fit in fits], score.curve
        if ends:
            outcome.state = "complete"
            outcome.temperature = calibration.temperature(truth, score.probabilities.round(6))
