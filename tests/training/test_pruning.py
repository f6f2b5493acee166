"""Which trials of a round go on, and for how long."""

import numpy as np
import pytest

from benchmark.training import pruning


@pytest.mark.parametrize(
    ("epochs", "distilling", "after"),
    [(60, 0, 20), (61, 0, 20), (20, 0, 6), (1, 0, 1), (2, 0, 1), (60, 30, 40)],
)
def test_a_round_is_halved_after_a_share_of_the_epochs_that_can_be_chosen(epochs, distilling, after):
    assert pruning.rung_epoch(1 / 3, epochs, distilling=distilling) == after


def test_the_first_inner_fold_is_asked_alone_where_there_are_others():
    assert pruning.rungs(3) == [(1, 2 / 5), (3, 1 / 3)]
    assert pruning.rungs(1) == [(1, 1 / 3)]


def test_what_part_of_all_epochs_is_trained():
    assert pruning.work(1) == pytest.approx(1 / 3 + 2 / 5 * 2 / 3)
    assert pruning.work(2) == pytest.approx((2 / 5 + 2 / 5 * 1 / 3 + 4 / 25 * (3 / 5 + 2 / 3)) / 2)


def merits(*uars, start=5):
    return {start + place: (uar, 0.0) for place, uar in enumerate(uars)}


def test_two_of_five_go_on():
    assert pruning.survivors(merits(0.1, 0.5, 0.2, 0.4, 0.3)) == {6, 8}
    assert pruning.survivors(merits(0.1, 0.5, 0.2)) == {6, 7}
    assert pruning.survivors(merits(0.1, 0.5)) == {6}
    assert pruning.survivors(merits(0.1)) == {5}
    assert pruning.survivors({}) == set()


def test_who_goes_on_is_also_among_two_in_five_of_all_so_far():
    best = [
        (0.45, 0.0),
        (0.35, 0.0),
        (0.05, 0.0),
        (0.05, 0.0),
        (0.05, 0.0),
    ]  # of ten the best four are above 0.3
    assert pruning.survivors(merits(0.1, 0.5, 0.2, 0.4, 0.3), best) == {6, 8}
    assert pruning.survivors(merits(0.1, 0.5, 0.2, 0.3, 0.25), best) == {6, 8}
    assert pruning.survivors(merits(0.1, 0.5, 0.2, 0.3, 0.25), [(0.45, 0.0)] * 3 + best[3:]) == {6}
    assert pruning.survivors(merits(0.04, 0.03), [*best, *best]) == set()
    assert pruning.survivors(merits(0.04, 0.03, start=0), [*best, *best]) == {0}


def test_ties_go_to_the_second_score_then_to_the_earlier_trial():
    tied = {5: (0.5, -1.0), 6: (0.5, -0.9), 7: (0.5, -1.0), 8: (0.5, -1.0), 9: (0.4, 0.0)}
    assert pruning.survivors(tied) == {5, 6}


def test_trial_0_goes_on_however_bad_it_is():
    assert pruning.survivors(merits(0.1, 0.5, 0.2, 0.4, 0.3, start=0)) == {0, 1, 3}


def curve(best, epochs):
    """Rises to one epoch, and falls after it."""
    return 1 - 0.01 * np.abs(np.arange(1, epochs + 1) - best)


@pytest.mark.parametrize(("best", "end"), [(10, 28), (20, 38), (41, 59)])
def test_patience_is_three_tenths_of_the_planned_epochs(best, end):
    assert pruning.ended(curve(best, 60), 60) == end  # 18 later
    assert pruning.ended(curve(best, end), 60) == end
    assert pruning.ended(curve(best, end - 1), 60) is None


def test_patience_lasts_where_the_curve_still_rises():
    assert pruning.ended(curve(60, 60), 60) is None


def test_patience_is_five_epochs_at_least():
    assert pruning.ended(curve(3, 10), 10) == 8
    assert pruning.ended(curve(1, 5), 5) is None


def test_epochs_that_are_not_finite_do_not_count_as_better():
    gone = curve(10, 60)
    gone[12:] = np.nan
    assert pruning.ended(gone, 60) == 28
    assert pruning.ended(np.full(60, np.nan), 60) is None
