"""A round of a search: which fits it asks for, when it cuts a trial short, and what it keeps."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmark.execution import fit_store, search_round
from benchmark.execution.fit_store import Progress
from benchmark.training import asking, inner_fits
from benchmark.training.study import Asked, Outcome

EPOCHS, CLIPS = 60, 40
LABELS = np.arange(2 * CLIPS) % 2


@dataclass(frozen=True)
class Place:
    """Of a task, what a round looks at."""

    work: Path
    fits: Path
    fold: int = 0
    seed: int = 0
    budget: Any = field(default_factory=lambda: SimpleNamespace(epochs=None))
    device: str = "cpu"


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "work", tmp_path / "fits")


def data(epochs=EPOCHS, *, distilling=0, objective="uar"):
    backend = SimpleNamespace(
        most_epochs=lambda _model, _params: epochs, distillation_epochs=lambda _model, _params: distilling
    )
    halves = np.split(np.arange(2 * CLIPS), 2)
    return SimpleNamespace(
        plugin=SimpleNamespace(backend=backend, model=None),
        protocol=SimpleNamespace(objective=objective),
        labels=LABELS,
        parts=SimpleNamespace(inner=[(halves[1], halves[0]), (halves[0], halves[1])]),
    )


def right(share, n=CLIPS):
    """Probabilities of which so large a share is right; not a number, none is one."""
    if np.isnan(share):
        return np.full((n, 2), np.nan)
    sure = np.where(np.arange(n) < round(share * n), 0.9, 0.1)
    answers = np.full((n, 2), 1 - sure[:, None])
    answers[np.arange(n), LABELS[:n]] = sure
    return answers


class Fits:
    """Answers with fits whose share of right answers rises to `peaks[number]`, at its epoch, and falls."""

    def __init__(self, place, peaks, *, further=0, epochs=EPOCHS):
        self.place, self.peaks, self.further, self.epochs = place, peaks, further, epochs
        self.asked: list[tuple[int, int, int | None]] = []

    def __call__(self, wants):
        return [self.one(want) for want in wants]

    def one(self, want):
        number = want.params["number"]
        self.asked.append((number, want.part, want.until))
        kept = fit_store.read(self.place, want)
        done = max(len(kept.fit.epochs) if kept else 0, min(self.epochs, want.until + self.further))
        share, best = self.peaks[number]
        each = [right(share - 0.005 * abs(epoch - best)) for epoch in range(1, done + 1)]
        curve = {"train loss": [float(epoch) for epoch in range(1, done + 1)]}
        progress = Progress(
            fit=inner_fits.inner_fit(np.array(each), range(1, done + 1), curve),
            state=b"" if done == self.epochs else b"more",
            seconds=float(done),
        )
        fit_store.write(self.place, want, progress)
        return progress


def rounds(place, peaks, *, start=5, known=None, earlier=(), **more):
    """The outcomes of a round whose trials have these peaks, and what was asked for."""
    fits = Fits(place, peaks, **more)
    asked = [Asked(start + number, {"number": number}) for number in range(len(peaks))]
    outcomes = asking.finish(search_round.evaluate(place, known or data(), asked, earlier), fits)
    return outcomes, fits.asked


PEAKS = [(0.5, 50), (0.9, 40), (0.6, 50), (0.8, 30), (0.7, 20)]  # at epoch 20 they rank 1 3 4 2 0


def test_the_first_inner_fold_prunes_three_of_five_and_all_together_one_more(place):
    outcomes, asked = rounds(place, PEAKS)
    assert [outcome.state for outcome in outcomes] == ["pruned", "complete", "pruned", "pruned", "pruned"]
    assert asked[:5] == [(number, 1, 24) for number in range(5)]
    assert asked[5:9] == [(number, part, 20) for number in (1, 3) for part in (1, 2)]
    assert {number for number, _, _ in asked[9:]} == {1}
    # 18 epochs of patience, seen after the next leg
    assert [outcome.trained for outcome in outcomes] == [[24], [60, 60], [24], [24, 20], [24]]
    assert [len(outcome.pooled) for outcome in outcomes] == [24, 58, 24, 20, 24]
    assert [len(outcome.rungs) for outcome in outcomes] == [1, 2, 1, 2, 1]
    assert outcomes[1].epochs == [40, 40]
    assert outcomes[1].uar == pytest.approx(0.9, abs=0.03)
    assert [len(curve["train loss"]) for curve in outcomes[1].curves] == [58, 58]
    assert outcomes[0].temperature is None
    assert outcomes[1].temperature


def test_trial_0_is_never_cut_short(place):
    outcomes, _ = rounds(place, [(0.3, 5), *PEAKS[1:]], start=0)
    assert [outcome.state for outcome in outcomes] == ["complete", "complete", "pruned", "complete", "pruned"]
    assert [outcome.trained for outcome in outcomes] == [[60, 60], [60, 60], [24], [48, 48], [24]]


def test_what_came_in_earlier_rounds_prunes_too(place):
    earlier = [Outcome(params={}, rungs=[(0.7, 0.0), (0.99, 0.0)])] * 5
    outcomes, _ = rounds(place, PEAKS, earlier=earlier)
    assert [outcome.trained for outcome in outcomes] == [[24], [24, 20], [24], [24, 20], [24]]
    earlier = [Outcome(params={}, rungs=[(0.99, 0.0)])] * 5
    outcomes, _ = rounds(place, PEAKS, earlier=earlier)
    assert [outcome.trained for outcome in outcomes] == [[24]] * 5


def test_where_there_is_one_inner_fold_a_round_is_halved_once(place):
    known = data()
    known.parts.inner = known.parts.inner[:1]
    outcomes, _ = rounds(place, PEAKS, known=known)
    assert [outcome.trained for outcome in outcomes] == [[20], [60], [20], [48], [20]]
    assert {len(outcome.rungs) for outcome in outcomes} == {1}


def test_what_earlier_rounds_came_to_is_part_of_a_rounds_name(place):
    rounds(place, PEAKS)
    assert rounds(place, PEAKS, earlier=[Outcome(params={}, rungs=[(0.1, 0.0)])])[1]


@pytest.mark.parametrize("further", [1, 7, 60])
def test_how_far_fits_happen_to_be_changes_nothing(place, tmp_path, further):
    other = Place(tmp_path / "other", tmp_path / "other/fits")
    plain, _ = rounds(place, PEAKS)
    found, _ = rounds(other, PEAKS, further=further)
    for one, wanted in zip(found, plain, strict=True):
        one.seconds = wanted.seconds
    assert found == plain


@pytest.mark.parametrize("trials", [1, 2, 3])
def test_a_short_round_is_halved_in_the_same_proportion(place, trials):
    outcomes, _ = rounds(place, PEAKS[:trials])
    complete = [outcome.state for outcome in outcomes].count("complete")
    assert complete == 1


def test_while_a_network_only_follows_its_teacher_it_is_not_judged(place):
    _, asked = rounds(place, PEAKS, known=data(distilling=30))
    assert [until for _, _, until in asked[:9]] == [42] * 5 + [40] * 4


def test_with_cross_entropy_the_lowest_goes_on(place):
    outcomes, _ = rounds(place, PEAKS, known=data(objective="cross-entropy"))
    assert [outcome.state for outcome in outcomes] == ["pruned", "complete", "pruned", "pruned", "pruned"]


def test_a_trial_that_is_not_finite_has_failed_and_costs_no_other_its_place(place):
    outcomes, asked = rounds(place, [(np.nan, 1), *PEAKS[1:]])
    assert [outcome.state for outcome in outcomes] == ["failed", "complete", "pruned", "pruned", "pruned"]
    assert max(until for number, _, until in asked if not number) == 24


def test_a_round_that_has_ended_is_kept_and_its_fits_are_not(place):
    outcomes, _ = rounds(place, PEAKS)
    assert len(list(place.fits.iterdir())) == 1
    again, asked = rounds(place, PEAKS)
    assert (again, asked) == (outcomes, [])
    for other in (replace(place, fold=1), replace(place, seed=1)):
        assert rounds(other, PEAKS)[1]


def test_interrupted_after_any_fit_it_comes_to_the_same(place, tmp_path):
    undisturbed, asked = rounds(place, PEAKS)
    place = Place(tmp_path / "again", tmp_path / "again/fits")
    for allowed in range(1, len(asked)):
        fits = Fits(place, PEAKS)

        def interrupted(wants, fits=fits, allowed=allowed):
            for want in wants:
                if len(fits.asked) == allowed:
                    raise KeyboardInterrupt
                yield fits.one(want)

        trials = [Asked(5 + number, {"number": number}) for number in range(5)]
        with pytest.raises(KeyboardInterrupt):
            asking.finish(
                search_round.evaluate(place, data(), trials), lambda wants: list(interrupted(wants))
            )
    assert rounds(place, PEAKS)[0] == undisturbed
