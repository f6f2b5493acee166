"""Features on disk: right values in the right places, computed once."""

import json
import shutil
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

import dying
import numpy as np
import pytest
from reading import contents
from savee_features import MEL, MFCC, WAVE, few, taken

from benchmark.audio import reader
from benchmark.features import chunks, feature_store, front_ends
from benchmark.storage import files
from protocols.contract import Augmentation, Features
from protocols.errors import DataError


@pytest.mark.parametrize("wanted", [MFCC, MEL], ids=["mfcc", "log-mel"])
def test_every_clip_has_its_own_features(computed, wanted):
    found, _ = computed
    store = feature_store.load(feature_store.folders((wanted,), found)[0])
    names = [*found.files][::-7]  # not in the order of the file
    inputs = store.inputs(names)
    assert len(inputs) == len(names) > 5
    for name, ours in zip(names, inputs, strict=True):
        np.testing.assert_array_equal(ours, front_ends.compute(wanted, reader.read(found.files[name])))
        assert ours.dtype == np.float32
        assert not ours.flags.writeable


def test_progress_counts_clips(computed):
    found, reported = computed
    total = 2 * len(found.files)
    assert reported[-1] == (total, total)
    assert [done for done, _ in reported] == sorted(done for done, _ in reported)


def test_longer_clips_are_cropped_to_their_middle_and_shorter_ones_left(computed):
    found, _ = computed
    store = feature_store.load(feature_store.folders((MFCC,), found)[0])
    name = next(iter(found.files))
    (whole,), n = store.inputs([name]), len(store.inputs([name])[0])
    for frames in (1, 10, n - 1, n - 2):
        first = (n - frames) // 2
        np.testing.assert_array_equal(store.inputs([name], frames=frames)[0], whole[first : first + frames])
    np.testing.assert_array_equal(store.inputs([name], frames=n + 5)[0], whole)


def test_what_is_there_is_not_computed_again(computed, monkeypatch):
    found, _ = computed

    def fail(*_, **__):
        raise AssertionError("computed again")

    monkeypatch.setattr(feature_store.executor, "run", fail)
    with pytest.raises(AssertionError, match="computed again"):
        feature_store.ensure([((Features(front_end="wave"),), found)])
    monkeypatch.setattr(chunks, "compute", fail)
    monkeypatch.setattr(feature_store.executor, "run", lambda _function, tasks, **_: [fail() for _ in tasks])
    feature_store.ensure([((MFCC,), found), ((MEL,), found)])


@pytest.mark.slow
@pytest.mark.parametrize("left", [None, 0, 64, 100_000])
def test_features_whose_numbers_are_not_all_there_are_computed_again(computed, left):
    found, _ = computed
    ((home,),) = feature_store.folders((MFCC,), found)
    before = (home / feature_store.FRAMES).read_bytes()
    (home / feature_store.FRAMES).unlink()
    if left is not None:
        (home / feature_store.FRAMES).write_bytes(before[:left])
        assert left < len(before)
    feature_store.ensure([((MFCC,), found)])
    assert (home / feature_store.FRAMES).read_bytes() == before


def test_an_interrupted_computation_goes_on_from_its_chunks(computed, here_alone):
    found, _ = computed
    ((home,),) = feature_store.folders((MFCC,), found)
    data = (home / "frames.npy").read_bytes()
    index = (home / feature_store.INDEX).read_bytes()
    every = chunks.of(home, chunks.Source(MFCC, found, 0))
    for chunk in every:
        chunks.compute([chunk])
    (home / feature_store.INDEX).unlink()
    (home / "frames.npy").unlink()
    every[1].out.unlink()
    litter = home / f"{files.PART}{feature_store.FRAMES}-left"
    litter.write_text("by a run that was killed")
    feature_store.ensure([((MFCC,), found)])
    assert here_alone == [every[1].out]
    assert (home / "frames.npy").read_bytes() == data
    assert (home / feature_store.INDEX).read_bytes() == index
    assert {path.name for path in home.iterdir()} == {"frames.npy", feature_store.INDEX}


def test_a_changed_byte_is_found_named_and_computed_again(computed, here_alone):
    found, _ = computed
    ((home,),) = feature_store.folders((MFCC,), found)
    before = {name: (home / name).read_bytes() for name in (feature_store.FRAMES, feature_store.INDEX)}
    places = {name: [0, len(data) // 3, -3] for name, data in before.items()}
    places[feature_store.INDEX].append(before[feature_store.INDEX].index(b'"starts":[0,') + 12)
    for name, at in [(name, at) for name, several in places.items() for at in several]:
        damaged = bytearray(before[name])
        damaged[at] ^= 1
        (home / name).write_bytes(damaged)
        problems = []
        feature_store.ensure([((MFCC,), found)], damaged=problems.append)
        assert [problem.partition(": ")[0] for problem in problems] in ([str(home)], [str(home / name)])
        assert {name: (home / name).read_bytes() for name in before} == before
    assert here_alone


def test_what_is_whole_is_read_once_and_nothing_is_named(computed, here_alone, monkeypatch):
    found, _ = computed
    problems, opened = [], []
    feature_store._checksum_of.cache_clear()
    open_file = Path.open
    monkeypatch.setattr(Path, "open", lambda path, *a, **k: opened.append(path) or open_file(path, *a, **k))
    for _ in range(3):
        feature_store.ensure([((MFCC,), found)], damaged=problems.append)
    assert [path.name for path in opened].count(feature_store.FRAMES) == 1
    assert not problems
    assert not here_alone


INDICES = [
    b"", b"{", b"[]", b"null", b"\xff", b"[" * 10**5, b'{"clips": [], "starts": [0]}',
    b'{"clips": ["a"], "starts": [], "checksum": 0}', b'{"clips": "a", "starts": [1e99], "checksum": 0}',
]  # fmt: skip


@pytest.mark.parametrize("index", INDICES)
def test_a_damaged_index_is_no_traceback(computed, here_alone, index):
    found, _ = computed
    ((home,),) = feature_store.folders((MFCC,), found)
    before = (home / feature_store.INDEX).read_bytes()
    (home / feature_store.INDEX).write_bytes(index)
    with pytest.raises(DataError, match=r"damaged.*Run the same command again"):
        feature_store.load((home,))
    feature_store.ensure([((MFCC,), found)])
    assert (home / feature_store.INDEX).read_bytes() == before
    assert here_alone


def test_a_damaged_chunk_of_an_interrupted_computation_is_computed_again(computed, here_alone):
    found, _ = computed
    ((home,),) = feature_store.folders((MFCC,), found)
    before = (home / feature_store.FRAMES).read_bytes()
    every = chunks.of(home, chunks.Source(MFCC, found, 0))
    for chunk in every:
        chunks.compute([chunk])
    whole = every[0].out.read_bytes()
    every[0].out.write_bytes(whole.replace(whole[200:208], bytes(8)))
    every[-1].out.write_bytes(whole[:100])
    assert [chunks.computed(chunk) for chunk in every] == [False, *[True] * (len(every) - 2), False]
    (home / feature_store.INDEX).unlink()
    feature_store.ensure([((MFCC,), found)])
    assert here_alone == [every[0].out, every[-1].out]
    assert (home / feature_store.FRAMES).read_bytes() == before


def test_killed_before_any_step_it_ends_the_same(computed, here_alone, monkeypatch, tmp_path):
    found = few(computed[0])
    monkeypatch.setattr(chunks, "SIZE", 2)
    fill = partial(feature_store.ensure, [((WAVE,), found)], damaged=pytest.fail)  # a kill damages nothing
    for step in count(0):
        monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path / str(step)))
        if not dying.dies(fill, step=step) and step:
            break
        here_alone.clear()
        fill()
        assert len(here_alone) <= 3
        assert contents(tmp_path / str(step)) == contents(tmp_path / "0")  # no litter either
    assert step > 30
    assert not here_alone[1:]  # towards the end next to nothing was left to do


def test_three_at_once_leave_one_set(computed, here_alone, monkeypatch, tmp_path):  # noqa: ARG001
    found = few(computed[0])
    monkeypatch.setattr(chunks, "SIZE", 2)
    fill = partial(feature_store.ensure, [((WAVE,), found)])
    sets = []
    for name, runs in (("one", 1), ("three", 3)):
        monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path / name))
        dying.at_once(*[fill] * runs)
        sets.append(contents(tmp_path / name))
    assert sets[0] == sets[1]
    assert len(sets[0]) == 3  # frames, index, and the lock


def test_the_index_names_the_clips_and_where_they_start(computed):
    found, _ = computed
    index = json.loads((feature_store.folders((MEL,), found)[0][0] / feature_store.INDEX).read_text())
    assert index["clips"] == list(found.files)
    assert len(index["starts"]) == len(index["clips"]) + 1
    assert index["starts"][0] == 0


def test_another_copy_or_another_front_end_has_another_folder(computed, copy, tmp_path):
    found, _ = computed
    changed = tmp_path / "savee"
    shutil.copytree(copy, changed)
    assert feature_store.folders((MFCC,), taken(changed)) == feature_store.folders(
        (MFCC,), found
    )  # the same bytes elsewhere
    name, path = next(iter(found.files.items()))
    (changed / path.relative_to(copy.resolve())).write_bytes(path.read_bytes() + b"\0\0")
    assert name in taken(changed).files
    assert feature_store.folders((MFCC,), taken(changed)) != feature_store.folders((MFCC,), found)
    assert feature_store.folders((MEL,), found) != feature_store.folders((MFCC,), found)


def test_audio_that_has_become_unreadable_is_named(copy, tmp_path):
    changed = tmp_path / "savee"
    shutil.copytree(copy, changed)
    found = taken(changed)
    path = list(found.files.values())[40]
    path.write_bytes(b"")
    with pytest.raises(DataError, match=rf"{path.name}: the file is empty"):
        feature_store.ensure([((Features(front_end="wave"),), found)])


@pytest.mark.slow
def test_augmented_copies_are_the_same_whenever_they_are_made(computed, tmp_path, monkeypatch):
    found, _ = computed
    louder = replace(
        MFCC, copies=2, augmentation=(Augmentation("speed", 0.8, 1.2), Augmentation("noise", 10, 20))
    )
    homes = feature_store.folders((louder,), found)
    assert homes[0] == feature_store.folders((MFCC,), found)[0]  # the clips as they are: there already
    feature_store.ensure([((louder,), found)], jobs=2)
    stores = [feature_store.load(home) for home in homes]
    names = list(found.files)
    plain, first, second = ([len(clip) for clip in store.inputs(names)] for store in stores)
    assert plain != first != second != plain
    assert all(0.79 < n / m < 1.26 for n, m in zip(first, plain, strict=True))
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path / "another"))
    feature_store.ensure([((louder,), found)], jobs=1)
    for (home,), (again,) in zip(homes, feature_store.folders((louder,), found), strict=True):
        assert (home / "frames.npy").read_bytes() == (again / "frames.npy").read_bytes()
    speed, noise = louder.augmentation
    parted = replace(louder, augmentation=(replace(speed, copies=(1,)), noise))
    feature_store.ensure([((parted,), found)], jobs=2)
    stores = [feature_store.load(home) for home in feature_store.folders((parted,), found)]
    altered = [[len(clip) for clip in store.inputs(names)] != plain for store in stores]
    assert altered == [False, True, False]
    less = replace(louder, augmentation=louder.augmentation[:1])
    assert homes[1] != feature_store.folders((less,), found)[1]
    monkeypatch.undo()
    declared = front_ends.declaration(louder)
    monkeypatch.setitem(front_ends.registry(), "mfcc", replace(declared, version=declared.version + 1))
    assert not set(homes) & set(feature_store.folders((louder,), found))  # the copies too are of its version
