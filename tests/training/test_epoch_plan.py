"""What chance decides in an epoch, of one fit and of many side by side."""

from dataclasses import replace

import numpy as np
import pytest

from benchmark.training import epoch_plan
from benchmark.training.stacked_plan import Planner
from protocols.contract import Augmentation, Recipe

RECIPE = Recipe(batch_size=4, mixup=0.3, augmentation=(Augmentation("time-mask", 0, 1),) * 2)


@pytest.mark.parametrize(
    ("n", "batch_size", "sizes"),
    [(11, 4, [4, 4, 3]), (10, 4, [4, 3, 3]), (8, 4, [4, 4]), (3, 4, [3]), (1, 1, [1])],
)
def test_batches_are_as_the_trainer_cuts_them(n, batch_size, sizes):
    found = epoch_plan.batch_sizes(n, batch_size)
    assert found.tolist() == sizes
    assert [len(part) for part in np.array_split(np.arange(n), -(-n // batch_size))] == sizes


def test_every_clip_comes_once_with_a_partner_of_its_batch():
    plan = epoch_plan.drawn(11, RECIPE, copies=2, seed=1, epoch=1)
    assert sorted(plan.order) == list(range(11))
    assert set(plan.copies) == {0, 1, 2}
    for batch in np.split(plan.partners, np.cumsum(plan.sizes)[:-1]):
        assert sorted(batch) == list(range(len(batch)))
    assert plan.luck.shape == (11, 2, 3)
    assert ((plan.shares > 0) & (plan.shares < 1)).all()
    assert len(plan.seeds) == len(plan.shares) == 3


def test_an_epoch_of_all_copies_holds_each_once():
    recipe = replace(RECIPE, copies="all")
    plan = epoch_plan.drawn(5, recipe, copies=2, seed=1, epoch=1)
    rows = [(place, copy) for copy in range(3) for place in range(5)]
    found = [*zip(plan.order.tolist(), plan.copies.tolist(), strict=True)]
    assert sorted(found) == sorted(rows)
    assert len({place for place, _ in found[:5]}) > 1  # one permutation: copies of all clips among each other
    assert found[:5] != rows[:5]
    assert plan.sizes.tolist() == [4, 4, 4, 3]
    assert (len(plan.partners), plan.luck.shape, len(plan.seeds)) == (15, (15, 2, 3), 4)


def test_seed_and_epoch_decide():
    first, again, later, other = (
        epoch_plan.drawn(11, RECIPE, copies=2, seed=seed, epoch=epoch).luck.sum()
        for seed, epoch in ((1, 1), (1, 1), (1, 2), (2, 1))
    )
    assert first == again
    assert len({first, later, other}) == 3


def test_partners_are_drawn_evenly():
    plans = [epoch_plan.drawn(8, RECIPE, copies=0, seed=seed, epoch=1) for seed in range(300)]
    same = [(plan.partners.reshape(2, 4) == np.arange(4)).mean() for plan in plans]
    assert np.mean(same) == pytest.approx(1 / 4, abs=0.03)


def planner(epochs=(2, 1)):
    rows = [np.array([3, 5, 7, 9, 11]), np.array([2, 4, 6])]
    recipes = [Recipe(batch_size=2, schedule="constant"), Recipe(batch_size=3, learning_rate=0.5)]
    return Planner(recipes, rows, seeds=[1, 2], epochs=epochs, clips=20, copies=1), rows, recipes


def test_plans_side_by_side_hold_each_ones_own():
    both, rows, recipes = planner()
    plan = both.plan(1)
    assert plan.clips.shape == (3, 2, 3)
    for fit, (own, recipe) in enumerate(zip(rows, recipes, strict=True)):
        alone = epoch_plan.drawn(len(own), recipe, copies=1, seed=1 + fit, epoch=1)
        steps = len(alone.sizes)
        real = plan.real[:steps, fit] == 1
        assert real.sum(axis=1).tolist() == alone.sizes.tolist()
        assert plan.clips[:steps, fit][real].tolist() == (20 * alone.copies + own[alone.order]).tolist()
        assert plan.seeds[:steps, fit].tolist() == alone.seeds.tolist()
        assert plan.active[:, fit].tolist() == [1] * steps + [0] * (3 - steps)
    assert plan.rates[:, 0].tolist() == [recipes[0].learning_rate] * 3
    assert plan.rates[0, 1] == 0.5
    assert (plan.real[1:, 1] == 1).all()  # at rest, nothing is divided by no clip


def test_fits_side_by_side_have_as_many_steps_as_their_rows_take():
    recipes = [Recipe(batch_size=4, copies="all"), Recipe(batch_size=4)]
    both = Planner(recipes, [np.arange(5)] * 2, seeds=[1, 2], epochs=[1, 1], clips=5, copies=2)
    plan = both.plan(1)
    assert plan.active.T.tolist() == [[1, 1, 1, 1], [1, 1, 0, 0]]
    assert sorted(plan.clips[:, 0][plan.real[:, 0] == 1]) == list(range(15))
    assert both.held == [15, 5]
    assert len(both.paces[0][0]) == 4


def test_a_fit_without_so_many_epochs_rests():
    both, _, _ = planner()
    assert both.plan(2).active.tolist() == [[1, 0]] * 3
    assert not both.plan(3).active.any()
