"""The interval over speakers, derived a second time by a plain loop."""

import numpy as np
import pytest
from scipy import stats

from benchmark.scores import bootstrap, metrics


def made_up(speakers, classes=3, *, seed=0, counts=6):
    """Confusion matrices of one model, (speakers, classes, classes), `counts` clips a class and speaker."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(counts, rng.dirichlet(np.ones(classes), (speakers, classes))).astype(float)


def test_interval_needs_ten_speakers():
    assert bootstrap.interval(made_up(9)) is None
    assert bootstrap.interval(made_up(10)) is not None


def test_interval_of_equal_speakers_is_a_point():
    low, high = bootstrap.interval(np.tile(made_up(1), (12, 1, 1)))
    assert low == pytest.approx(high) == pytest.approx(metrics.uar(made_up(1)[0]))


def test_interval_equals_a_plain_loop_over_the_same_draws():
    matrices = made_up(11, seed=4)
    times = np.random.default_rng(8).multinomial(11, np.full(11, 1 / 11), size=200)
    uars = [metrics.uar(sum(n * m for n, m in zip(row, matrices, strict=True))) for row in times]
    low, high = bootstrap.interval(matrices, seed=8, draws=200, level=0.9)
    below = stats.norm.sf(np.sqrt(11 / 10) * stats.t.isf(0.05, 10))
    assert below < 0.05
    assert (low, high) == pytest.approx(tuple(np.quantile(uars, [below, 1 - below])))


def test_interval_survives_draws_that_lack_a_class():
    matrices = np.zeros((10, 2, 2))
    matrices[:, 0, 0] = 1
    matrices[0, 1, 0] = 1  # only one speaker has the second class
    assert bootstrap.interval(matrices) == (0.5, 1.0)


def test_where_the_speakers_are_the_classes_there_is_no_interval():
    matrices = np.zeros((12, 12, 12))
    for speaker, row in enumerate(made_up(12, 12)[0]):
        matrices[speaker, speaker] = row
    assert bootstrap.interval(matrices) is None
