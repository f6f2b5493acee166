"""The hardest speakers and confusions, derived a second time."""

import made_up
import numpy as np
import pytest

from benchmark.ranking import cells
from benchmark.website.pages import difficulty

LABELS = made_up.LABELS


def entries(*skills):
    made = [made_up.record("toy", f"m{i}", skill=skill) for i, skill in enumerate(skills)]
    return [cells.score(cell) for cell in cells.gather(made)]


def test_speakers_are_ordered_by_their_mean_over_models():
    found = entries(0.3, 0.6, 0.9)
    means = {name: np.mean([e.speaker_uars[name] for e in found]) for name in found[0].speaker_uars}
    expected = sorted(means, key=lambda name: (means[name], name))[:5]
    assert [name for name, _ in difficulty.speakers(found)] == expected
    assert difficulty.speakers(found)[0][1] == pytest.approx(min(means.values()))


def test_confusions_are_mean_shares_of_the_true_emotion():
    found = entries(0.3, 0.9)
    shares = {}
    for i, truth in enumerate(LABELS):
        for j, taken in enumerate(LABELS):
            if i != j:
                shares[truth, taken] = np.mean([e.matrix[i][j] / sum(e.matrix[i]) for e in found])
    worst = difficulty.confusions(found, LABELS, most=6)
    assert {(one.truth, one.taken_for): one.share for one in worst} == pytest.approx(shares)
    assert [one.share for one in worst] == sorted(shares.values(), reverse=True)
    assert difficulty.confusions(found, LABELS) == worst[:5]


def test_what_guesses_does_not_count():
    everybody = {f"s{i:02}": [[4, 0, 0]] * 3 for i in range(12)}  # always anger
    guesser = made_up.record("toy", "guesser", speakers=everybody)
    (entry,) = [cells.score(cell) for cell in cells.gather([guesser])]
    assert entry.uar == pytest.approx(1 / 3)
    assert difficulty.informed([entry, *entries(0.9)], 1 / 3) == entries(0.9)


def test_nobody_has_nothing():
    assert (difficulty.speakers([]), difficulty.confusions([], LABELS)) == ([], [])
