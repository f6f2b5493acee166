"""What a model is given: copies of just those clips, which lead to nothing else."""

import gc

import numpy as np
import pytest

from benchmark.features.inputs import StackedStore, Store


@pytest.fixture
def store(tmp_path):
    """Four clips in a memory-mapped file, as the features' store keeps them."""
    np.save(tmp_path / "frames.npy", np.arange(60, dtype=np.float32).reshape(20, 3))
    mapped = np.load(tmp_path / "frames.npy", mmap_mode="r")
    return Store(mapped, {"a": (0, 2), "b": (2, 9), "c": (9, 10), "d": (10, 20)})


def reachable(thing):
    """All objects that a thing leads to, classes and modules aside."""
    found, waiting = {}, [thing]
    while waiting:
        each = waiting.pop()
        if id(each) not in found and not isinstance(each, type):
            found[id(each)] = each
            waiting += gc.get_referents(each)
            waiting += [each.base] if isinstance(each, np.ndarray) and each.base is not None else []
    return list(found.values())


@pytest.mark.parametrize("frames", [None, 1, 5])
@pytest.mark.parametrize("stacked", [False, True])
def test_clips_are_copies_that_lead_to_nothing_else(store, stacked, frames):
    source = StackedStore((store, store)) if stacked else store
    inputs = source.inputs(["d", "a"], frames=frames)
    assert [len(clip) for clip in inputs] == [min(10, frames or 10), min(2, frames or 2)]
    for clip in inputs:
        assert type(clip) is np.ndarray
        assert clip.base is None
        assert not clip.flags.writeable
        assert not np.shares_memory(clip, store.frames)
    assert sum(each.nbytes for each in reachable(inputs) if isinstance(each, np.ndarray)) == sum(
        clip.nbytes for clip in inputs
    )
    assert all(isinstance(each, np.ndarray | tuple | np.dtype) for each in reachable(inputs))


def test_the_same_numbers_in_the_order_asked_for(store):
    d, b = store.inputs(["d", "b"], frames=4)
    np.testing.assert_array_equal(d, store.frames[13:17])  # the middle
    np.testing.assert_array_equal(b, store.frames[3:7])
    (both,) = StackedStore((store, store)).inputs(["c"])
    np.testing.assert_array_equal(both, np.tile(store.frames[9:10], 2))
