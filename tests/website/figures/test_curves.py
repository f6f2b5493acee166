"""Learning curves: the mean over folds and inner folds, and where their picture puts them."""

import made_up
import pytest
from msgspec.structs import replace

from benchmark.website.figures import curves, plot


def folds(*runs):
    """Folds of a made-up record, each with the curves of its inner folds."""
    made = made_up.record("emodb-loso").folds
    return [replace(fold, curves=inner) for fold, inner in zip(made, runs, strict=False)]


def run(loss, uar):
    return {"train loss": loss, "validation UAR": uar}


def test_a_curve_is_the_mean_over_folds_and_inner_folds():
    found = folds([run([2, 1], [0.1, 0.3]), run([4, 2], [0.3, 0.3])], [run([6, 3], [0.5, 0.9])])
    loss, uar = curves.learned(found)
    assert (loss.name, loss.values, loss.runs) == ("train loss", (4, 2), 3)
    assert uar.values == pytest.approx((0.3, 0.5))


def test_an_epoch_counts_those_that_trained_so_long():
    assert curves.mean_by_epoch([[1, 2], [3], [5, 6, 7]]) == [3, 4, 7]


@pytest.mark.parametrize("inner", [[], [{}], [{"validation UAR": []}], [{"another": [1.0]}]])
def test_what_was_not_trained_by_epochs_has_none(inner):
    assert curves.learned(folds(inner)) == ()


def test_numbers_that_are_none_make_no_curve():
    assert curves.learned(folds([run([float("inf")], [0.5])])) == curves.learned(folds([run([], [0.5])]))


def test_uar_is_drawn_from_nothing_to_all_and_loss_from_nothing_to_its_highest():
    loss, uar = map(plot.line, curves.learned(folds([run([4, 2, 1], [0.0, 0.5, 1.0])])))
    assert (loss.low, loss.high, loss.epochs) == (0, 4, 3)
    middle = (plot.TOP + plot.LINE) / 2
    assert loss.path == f"M36.0 8.0L176.0 {middle}L316.0 {(middle + plot.LINE) / 2}"
    assert uar.path == f"M36.0 88.0L176.0 {middle}L316.0 8.0"


def test_one_epoch_and_no_loss_at_all_are_drawn_too():
    line = plot.line(curves.Curve("train loss", (0.0,), 1))
    assert (line.path, line.epochs) == ("M36.0 88.0h6", 1)
