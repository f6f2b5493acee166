"""Whether a clip is like the training clips: by hand, and on what lies far away."""

import msgspec
import numpy as np
import pytest

from benchmark.features import familiarity

CLIPS = np.random.default_rng(0).normal(loc=5, scale=2, size=(50, 30, 4)).astype(np.float32)


@pytest.fixture(scope="module")
def familiar():
    return familiarity.of(CLIPS)


def test_no_training_clip_is_unlike_them(familiar):
    assert not any(familiar.unlike(clip) for clip in CLIPS)


def test_the_distance_is_the_root_mean_square_of_standardised_means_and_deviations(familiar):
    described = np.concatenate([CLIPS.mean(axis=1), CLIPS.std(axis=1)], axis=1)  # (clips, 8)
    standard = (described - described.mean(axis=0)) / described.std(axis=0)
    assert familiar.farthest == pytest.approx(np.sqrt((standard**2).mean(axis=1)).max(), rel=1e-2)
    assert familiar.mean == pytest.approx(described.mean(axis=0), rel=1e-3)


@pytest.mark.parametrize("strange", [CLIPS[0] + 5, CLIPS[0] * 3, CLIPS[0, :2] * 0])
def test_what_lies_far_away_is_unlike_them(familiar, strange):
    assert familiar.unlike(strange)


def test_functionals_are_one_frame_and_have_no_deviations():
    rows = CLIPS[:, :1]  # (clips, 1, channels)
    familiar = familiarity.of(rows)
    assert len(familiar.mean) == 4
    assert familiar.unlike(rows[0] + 50)
    assert not familiar.unlike(rows[0])


def test_one_frame_of_a_short_clip_is_no_functionals(familiar):
    strange = np.full((1, CLIPS.shape[2]), 50, np.float32)
    assert familiar.unlike(strange)
    assert len(familiarity.of([*CLIPS, strange]).mean) == 2 * CLIPS.shape[2]


def test_what_never_changes_does_not_count():
    rows = CLIPS[:, :1].copy()
    rows[..., 0] = 7
    familiar = familiarity.of(rows)
    assert familiar.deviation[0] == 0
    rows[0, 0, 0] = 100
    assert not familiar.unlike(rows[0])


def test_it_is_the_same_after_it_was_written(familiar):
    again = msgspec.json.decode(msgspec.json.encode(familiar), type=familiarity.Familiar)
    assert again == familiar
