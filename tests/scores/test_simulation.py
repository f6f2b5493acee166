"""What docs/statistics.md states of the interval and the test, on fewer worlds than its tables."""

import pytest
from simulation import Setting, compared, covered


@pytest.mark.parametrize(("speakers", "accuracy"), [(10, False), (24, False), (10, True)])
def test_the_interval_covers_the_truth(speakers, accuracy):
    found = covered(Setting(speakers, speakers), worlds=600, draws=1000, accuracy=accuracy)
    assert 0.925 < found < 0.975


def test_plain_percentiles_cover_it_too_rarely():
    assert covered(Setting(10, 10), worlds=600, draws=1000, plain=True) < 0.925


@pytest.mark.parametrize(("speakers", "folds"), [(6, 6), (10, 10), (24, 6)])
def test_models_that_are_equal_differ_significantly_as_rarely_as_promised(speakers, folds):
    found = compared(Setting(speakers, folds, noise=0.04), worlds=800, draws=500)
    assert found.significant <= 0.06


def test_without_the_noise_of_training_they_would_too_often():
    found = compared(Setting(91, 5, noise=0.04), worlds=200, draws=500)
    assert found.naive > 0.15
    assert found.significant <= 0.07  # of 200 worlds


def test_a_true_difference_is_found():
    found = compared(Setting(24, 6, noise=0.02, difference=0.10), worlds=100, draws=500)
    assert found.significant > 0.9
    assert found.covered > 0.85  # of 100 worlds
