"""The epoch that inner folds share, on made-up curves, and the score of a trial at it."""

import msgspec
import numpy as np
import pytest

from benchmark.scores import metrics
from benchmark.training import inner_fits
from benchmark.training.inner_fits import InnerFit

NAN = np.nan
TRUTH = np.array([0, 0, 1, 1, 2, 2])


def best_epoch(curve):
    place = inner_fits.best_place(np.array(curve, dtype=float))
    return None if place is None else place + 1


@pytest.mark.parametrize(
    ("curve", "epoch"),
    [
        ([0.3, 0.3, 0.9, 0.3, 0.3, 0.3, 0.3, 0.5, 0.5, 0.5, 0.5, 0.5], 10),  # a lucky epoch
        ([0.9, 0.3, 0.3, 0.3, 0.3, 0.3, 0.5, 0.5, 0.5, 0.5, 0.5], 9),  # at the beginning
        ([0.5, 0.5, 0.5, 0.5, 0.5, 0.3, 0.3, 0.3, 0.3, 0.9], 3),  # at the end
        ([0.1, 0.1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.1, 0.1], 5),  # a plateau's middle
        ([0.1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.1], 4),  # a longer one: the earliest five
        ([0.1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.1, 0.5, 0.5, 0.5, 0.5, 0.5], 4),  # two alike: the earlier
        ([0.2, 0.4, 0.6, 0.8, 0.6, 0.4, 0.2], 4),
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], 6),  # still rising
        ([0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2], 3),
        ([0.3, 0.1, 0.1, 0.1, 0.1, 0.1 + 0.2], 3),  # equal but for the last bit
        ([-2.0, -1.0, -0.9, -0.8, -0.9, -1.0, -9.0], 4),  # minus cross-entropy
    ],
)
def test_the_epoch_is_the_middle_of_the_best_five(curve, epoch):
    assert best_epoch(curve) == epoch


@pytest.mark.parametrize(
    ("curve", "epoch"), [([0.9], 1), ([0.1, 0.9], 1), ([0.1, 0.2, 0.9], 2), ([0.1, 0.2, 0.3, 0.9], 2)]
)
def test_a_curve_shorter_than_five_has_one_window(curve, epoch):
    assert best_epoch(curve) == epoch


@pytest.mark.parametrize(
    ("curve", "epoch"),
    [
        ([NAN, NAN, 0.9, 0.5, 0.5, 0.5, 0.5], 5),  # distillation alone at first
        ([0.1, 0.5, 0.5, 0.5, 0.5, 0.5, NAN, NAN], 4),  # diverged
        ([NAN, NAN, 0.4], 3),
        ([NAN, NAN], None),
    ],
)
def test_an_epoch_that_is_not_finite_is_never_the_one(curve, epoch):
    assert best_epoch(curve) == epoch


def predicting(predictions, sure=0.8):
    """(epochs, n, 3): the predicted class of each clip after each epoch, at this probability."""
    return np.where(np.arange(3) == np.array(predictions)[..., None], sure, (1 - sure) / 2)


def fit(probabilities, epochs=None):
    epochs = range(1, len(probabilities) + 1) if epochs is None else epochs
    return inner_fits.inner_fit(np.asarray(probabilities, dtype=float), epochs, {})


def test_a_trial_is_scored_at_the_epoch_that_is_best_for_its_inner_folds_together():
    """The first is best in epochs 1 to 5 and the second in 11 to 15; together they are in 6 to 10."""
    first = predicting([[0, 0, 1], [0, 0, 2], [2, 2, 2]])  # right: 3, 2, 0
    second = predicting([[0, 0, 0], [1, 2, 0], [1, 2, 2]])  # 0, 2, 3
    fits = [fit(np.repeat(each, 5, axis=0)) for each in (first, second)]
    score = inner_fits.score(fits, TRUTH, minimise=False)
    assert score.epoch == 8
    np.testing.assert_allclose(score.probabilities, [*first[1], *second[1]], atol=1e-7)
    assert score.uar == pytest.approx((1 + 0.5 + 0.5) / 3, abs=1e-6)
    assert score.cross_entropy == pytest.approx(-(4 * np.log(0.8) + 2 * np.log(0.1)) / 6, abs=1e-6)
    both = [np.concatenate(pair).argmax(axis=1) for pair in zip(first, second, strict=True)]
    pooled = [metrics.uar(metrics.confusion(TRUTH, predicted, 3)) for predicted in both]
    np.testing.assert_allclose(score.curve, np.repeat(pooled, 5), atol=1e-6)


def test_one_inner_fold_goes_by_its_own_curve():
    right, lucky = [0, 0, 1, 1, 2, 2], [0, 1, 1, 1, 2, 2]
    steady = [lucky] * 5
    wrong = [[1, 1, 2, 2, 0, 0]] * 2
    score = inner_fits.score([fit(predicting([right, *wrong, *steady, *wrong]))], TRUTH, minimise=False)
    assert score.epoch == 6
    assert score.uar == pytest.approx((0.5 + 1 + 1) / 3, abs=1e-6)  # that epoch's own, not the window's mean


def test_cross_entropy_may_be_the_objective():
    """The same classes all along, so the UAR is flat, and the probabilities best at epoch 4."""
    sure = [0.4, 0.5, 0.6, 0.9, 0.6, 0.5, 0.4]
    curve = np.concatenate([predicting([TRUTH], one) for one in sure])
    score = inner_fits.score([fit(curve)], TRUTH, minimise=True)
    assert score.epoch == 4
    assert score.curve == pytest.approx(-np.log(sure), abs=1e-6)
    assert inner_fits.score([fit(curve)], TRUTH, minimise=False).epoch == 3  # the earliest of equal ones


def test_models_without_epochs_are_pooled_as_they_are():
    fits = [fit(predicting([[0, 0, 1]]), []), fit(predicting([[1, 2, 2]]), [])]
    score = inner_fits.score(fits, TRUTH, minimise=False)
    assert (score.epoch, score.curve, score.uar) == (None, [], 1.0)
    assert inner_fits.shared_epochs(fits) == []


def test_only_epochs_that_all_have_can_be_shared():
    longer, shorter = predicting([[0, 0, 1]] * 7), predicting([[2, 2, 2], [1, 2, 2]])
    score = inner_fits.score([fit(longer), fit(shorter)], TRUTH, minimise=False)
    assert len(score.curve) == 2
    assert score.epoch == 1  # one window of two epochs: the earlier
    assert inner_fits.shared_epochs([fit(longer[:1], [4]), fit(shorter[:1], [6])]) == []


def test_without_an_epoch_in_common_each_is_taken_as_it_ended():
    curve, once = predicting([[2, 2, 2], [0, 0, 1]]), predicting([[1, 2, 2]])
    score = inner_fits.score([fit(curve), fit(once, [])], TRUTH, minimise=False)
    assert (score.epoch, score.uar) == (None, 1.0)


def test_an_epoch_without_finite_predictions_in_any_fold_is_left_out():
    broken = predicting([[0, 0, 1]] * 6)
    broken[3:, 0] = NAN
    whole = predicting([[1, 2, 2]] * 6)
    score = inner_fits.score([fit(broken), fit(whole)], TRUTH, minimise=False)
    assert score.epoch == 2
    assert score.curve == [1.0, 1.0, 1.0, None, None, None]
    broken[:, 0] = NAN
    assert inner_fits.score([fit(broken), fit(whole)], TRUTH, minimise=False) is None


def test_a_fit_goes_through_a_file_bit_for_bit_and_is_small():
    rng = np.random.default_rng(0)
    made = inner_fits.inner_fit(rng.dirichlet(np.ones(7), size=(40, 100)), range(1, 41), {"loss": [0.5]})
    text = msgspec.json.encode(made)
    assert len(text) < 1.4 * 4 * 40 * 100 * 7
    again = msgspec.json.decode(text, type=InnerFit)
    assert again == made
    np.testing.assert_array_equal(again.probabilities, made.probabilities)
