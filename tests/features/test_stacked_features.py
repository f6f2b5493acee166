"""Front ends that share a clip: stacked, decoded once, and failing each by itself."""

from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

import numpy as np
import pytest
from savee_features import MEL, MFCC, PITCH, WAVE, few

from benchmark.audio import reader
from benchmark.features import chunks, feature_store, front_ends
from protocols.contract import Augmentation, Features
from protocols.errors import PluginError


def test_stacked_front_ends_share_their_folders_with_models_that_have_one(computed):
    found, _ = computed
    ((mel, pitch),) = feature_store.folders((MEL, PITCH), found)
    assert ((mel,),) == feature_store.folders((MEL,), found)
    assert ((pitch,),) == feature_store.folders((PITCH,), found)


@pytest.mark.slow
def test_stacked_features_are_those_of_each_front_end_side_by_side(computed, monkeypatch):
    found, _ = computed
    feature_store.ensure([((MEL, PITCH), found)], jobs=2)
    both, mel, pitch = (
        feature_store.load(feature_store.folders(stack, found)[0])
        for stack in [(MEL, PITCH), (MEL,), (PITCH,)]
    )
    names = [*found.files][::-9]
    for frames in (None, 20):
        inputs = both.inputs(names, frames=frames)
        assert len(inputs) == len(names) == len(inputs[:]) > 5
        one, other = mel.inputs(names, frames=frames), pitch.inputs(names, frames=frames)
        for row in range(len(names)):
            np.testing.assert_array_equal(inputs[row], np.concatenate([one[row], other[row]], axis=1))
            assert inputs[row].shape[1] == 43
            assert not inputs[row].flags.writeable
    assert dict(both.spans) == dict(mel.spans)
    monkeypatch.setattr(
        feature_store.executor, "run", lambda _, tasks, **__: [pytest.fail("again") for _ in tasks]
    )
    assert feature_store.ensure([((PITCH, MEL), found), ((MEL, PITCH), found)]) == {}


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """An empty cache."""
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path / "empty"))


def test_a_clip_is_decoded_once_for_all_front_ends(computed, here_alone, elsewhere, monkeypatch):  # noqa: ARG001
    found = few(computed[0])
    read, paths = reader.read, []
    monkeypatch.setattr(reader, "read", lambda path: paths.append(path) or read(path))
    louder = replace(MEL, copies=2, augmentation=(Augmentation("gain", -6, 6),))
    feature_store.ensure([((MFCC,), found), ((MEL, PITCH), found), ((louder,), found)])
    assert sorted(paths) == sorted(found.files.values())
    assert len(here_alone) == 5  # MFCC, log-Mel, pitch, two copies


def test_what_front_ends_share_of_a_clip_changes_no_number(computed, here_alone, elsewhere):  # noqa: ARG001
    found = few(computed[0])
    wanted = [MFCC, replace(MFCC, options={"n_mfcc": 7, "deltas": 2}), replace(MFCC, functionals=("mean",))]
    feature_store.ensure([((each,), found) for each in wanted])
    for each in wanted:
        store = feature_store.load(feature_store.folders((each,), found)[0])
        for name, path in found.files.items():
            np.testing.assert_array_equal(
                store.inputs([name])[0], front_ends.compute(each, reader.read(path))
            )


@pytest.mark.parametrize("dies", [False, True])
def test_a_front_end_that_fails_stops_none_of_those_beside_it(computed, elsewhere, monkeypatch, dies):  # noqa: ARG001
    found = few(computed[0])
    monkeypatch.setattr(chunks, "SIZE", 2)
    asked = []

    def run(function, tasks, *, size):  # noqa: ARG001
        for task in tasks:
            homes = [chunk.home for chunk in task]
            asked.append(len(homes))
            failing = any("wave" in home.name for home in homes)
            if not failing:
                function(task)
            yield task, (BrokenProcessPool() if dies else ValueError()) if failing else None

    monkeypatch.setattr(feature_store.executor, "run", run)
    failed = feature_store.ensure([((MFCC,), found), ((WAVE,), found), ((PITCH,), found)])
    ((wave,),) = feature_store.folders((WAVE,), found)
    assert [*failed] == [(wave,)]
    assert asked == [3, 3, 3, 1, 1, 1, 1, 1, 1, 1]  # of the one that fails, one chunk by itself
    for each in (MFCC, PITCH):
        assert len(feature_store.load(feature_store.folders((each,), found)[0]).spans) == 5


def test_a_home_fails_with_whichever_of_its_front_ends_failed(computed, monkeypatch):
    found, _ = computed
    wave = Features(front_end="wave")
    broken = RuntimeError("no weights")
    monkeypatch.setattr(feature_store.executor, "run", lambda _, tasks, **__: [(t, broken) for t in tasks])
    failed = feature_store.ensure([((MEL,), found), ((MEL, wave), found)])
    assert failed == {feature_store.folders((MEL, wave), found)[0]: broken}


def test_stacked_copies_are_homes_of_their_own(computed):
    found, _ = computed
    louder = {"copies": 2, "augmentation": (Augmentation("gain", -6, 6),)}
    homes = feature_store.folders((replace(MEL, **louder), replace(PITCH, **louder)), found)
    assert [len(home) for home in homes] == [2, 2, 2]
    assert len({folder for home in homes for folder in home}) == 6


def test_stores_whose_frames_differ_are_refused_by_name(computed):
    found, _ = computed
    ((mel,),) = feature_store.folders((MEL,), found)
    ((mfcc,),) = feature_store.folders((MFCC,), found)
    with pytest.raises(PluginError, match=r"savee-log-mel and savee-mfcc make \d+ and \d+ frames"):
        feature_store.load((mel, mfcc))


def test_clips_in_memory_are_stacked_alike(computed):
    found, _ = computed
    waves = [reader.read(path) for path in list(found.files.values())[:3]]
    stack = tuple(replace(each, seconds=1.0) for each in (PITCH, MEL))
    batch, one, other = (feature_store.clips(each, waves) for each in (stack, stack[:1], stack[1:]))
    assert batch.frames == one.frames == 51
    for row in range(3):
        np.testing.assert_array_equal(
            batch.inputs[row], np.concatenate([one.inputs[row], other.inputs[row]], 1)
        )


def test_a_model_is_given_numbers_of_16_bits_where_these_hold_them(computed):
    """The same from the store as from a clip in memory; beside pitch, which they do not hold, too."""
    found, _ = computed
    names, stack = list(found.files)[:3], (PITCH, MEL)
    feature_store.ensure([(stack, found)])
    (home,) = feature_store.folders(stack, found)
    given = feature_store.load(home, stack).inputs(names)
    plain = feature_store.load(home).inputs(names)
    memory = feature_store.clips(stack, [reader.read(found.files[name]) for name in names]).inputs
    for own, whole, other in zip(given, plain, memory, strict=True):
        pitch = whole.shape[1] - 40
        np.testing.assert_array_equal(own, other)
        np.testing.assert_array_equal(own[:, :pitch], whole[:, :pitch])
        np.testing.assert_array_equal(own[:, pitch:], own[:, pitch:].astype(np.float16))
        assert 0 < abs(own - whole).max() < 0.04
        assert (own.dtype, own.flags.writeable, own.base) == (np.float32, False, None)
