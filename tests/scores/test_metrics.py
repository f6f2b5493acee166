"""Scores against scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, log_loss

from benchmark.scores import metrics


@pytest.fixture(params=range(5))
def drawn(request):
    """Labels and predictions of five classes, unbalanced, with the seed's own skill."""
    rng = np.random.default_rng(request.param)
    truth = np.concatenate([np.arange(5), rng.choice(5, size=195, p=[0.5, 0.2, 0.15, 0.1, 0.05])])
    predictions = np.where(rng.random(200) < 0.2 * request.param, truth, rng.integers(0, 5, 200))
    return truth, predictions


def test_confusion_by_hand():
    matrix = metrics.confusion(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 0]), 4)
    assert matrix.tolist() == [[1, 1, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]


def test_scores_by_hand():
    matrix = np.array([[6, 2], [1, 1]])
    assert metrics.recalls(matrix).tolist() == [0.75, 0.5]
    assert metrics.uar(matrix) == 0.625
    assert metrics.accuracy(matrix) == 0.7
    # F1 = 2 x hits / (clips of the class + clips called so): 12 / 15 and 2 / 5
    assert metrics.macro_f1(matrix) == pytest.approx((12 / 15 + 2 / 5) / 2)


def test_scores_by_formula(drawn):
    truth, predictions = drawn
    matrix = metrics.confusion(truth, predictions, 5)
    recalls = [np.mean(predictions[truth == k] == k) for k in range(5)]
    precisions = [np.mean(truth[predictions == k] == k) for k in range(5)]
    f1 = [2 * p * r / (p + r) if p + r else 0 for p, r in zip(precisions, recalls, strict=True)]
    assert metrics.recalls(matrix) == pytest.approx(recalls)
    assert metrics.uar(matrix) == pytest.approx(np.mean(recalls))
    assert metrics.accuracy(matrix) == pytest.approx(np.mean(truth == predictions))
    assert metrics.macro_f1(matrix) == pytest.approx(np.mean(f1))


def test_scores_are_those_of_scikit_learn(drawn):
    truth, predictions = drawn
    matrix = metrics.confusion(truth, predictions, 5)
    assert metrics.uar(matrix) == pytest.approx(balanced_accuracy_score(truth, predictions))
    assert metrics.accuracy(matrix) == pytest.approx(accuracy_score(truth, predictions))
    assert metrics.macro_f1(matrix) == pytest.approx(f1_score(truth, predictions, average="macro"))


def test_a_class_without_clips_does_not_count():
    truth, predictions = np.array([0, 0, 2, 2]), np.array([0, 1, 2, 2])
    matrix = metrics.confusion(truth, predictions, 4)
    assert metrics.recalls(matrix) == pytest.approx([0.5, np.nan, 1, np.nan], nan_ok=True)
    assert metrics.uar(matrix) == 0.75
    present = f1_score(truth, predictions, labels=[0, 2], average="macro")
    assert metrics.macro_f1(matrix) == pytest.approx(present)


def test_a_class_that_is_never_predicted_scores_nothing():
    matrix = np.array([[3, 0], [2, 0]])
    assert metrics.uar(matrix) == 0.5
    assert metrics.macro_f1(matrix) == pytest.approx(0.5 * 6 / 8)


def test_recalls_and_uar_of_a_stack(drawn):
    labels, predictions = drawn
    matrix = metrics.confusion(labels, predictions, 5)
    stack = np.stack([[matrix, matrix.T], [2 * matrix, np.eye(5)]])  # (2, 2, 5, 5)
    assert metrics.recalls(stack).shape == (2, 2, 5)
    assert metrics.uar(stack).shape == (2, 2)
    assert metrics.uar(stack)[0, 1] == metrics.uar(matrix.T)
    assert metrics.uar(stack)[1].tolist() == [metrics.uar(matrix), 1]


def test_the_lowest_index_wins_a_tie():
    table = np.array([[0.2, 0.4, 0.4], [0.5, 0.0, 0.5], [0.1, 0.1, 0.8]])
    assert metrics.predicted(table).tolist() == [1, 0, 2]


def test_cross_entropy_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    table = rng.dirichlet(np.ones(4), size=50)
    table = np.maximum(table, 1e-3) / np.maximum(table, 1e-3).sum(axis=1, keepdims=True)
    truth = rng.integers(0, 4, 50)
    ours = metrics.cross_entropy(truth, table)
    assert ours == pytest.approx(log_loss(truth, table, labels=[0, 1, 2, 3]))
    assert ours == pytest.approx(-np.mean([np.log(row[k]) for row, k in zip(table, truth, strict=True)]))


def test_cross_entropy_of_an_impossible_truth_is_that_of_the_floor():
    assert metrics.cross_entropy(np.array([1]), np.array([[1.0, 0.0]])) == pytest.approx(-np.log(1e-4))
    assert metrics.cross_entropy(np.array([1]), np.array([[1.0, 0.0]]), floor=0.5) == pytest.approx(np.log(2))


def test_speaker_uars_average_over_the_classes_that_a_speaker_has():
    matrices = np.array([[[2, 2], [0, 0]], [[0, 4], [0, 4]]])
    assert metrics.speaker_uars(matrices).tolist() == [0.5, 0.5]


def test_of_one_class_the_uar_is_the_accuracy_of_all(drawn):
    truth, predictions = drawn
    matrix = metrics.confusion(truth, predictions, 5)
    assert metrics.uar(metrics.as_one_class(matrix)) == pytest.approx(metrics.accuracy(matrix))
    stack = np.stack([matrix, matrix.T + 1])
    assert metrics.uar(metrics.as_one_class(stack)).tolist() == pytest.approx(
        [metrics.accuracy(one) for one in stack]
    )
