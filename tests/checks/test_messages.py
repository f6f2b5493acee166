"""Plain data and arrays come back as they were; what is none is refused, and nothing is unpickled."""

import pickle

import msgspec
import numpy as np
import pytest

from benchmark.checks import messages
from protocols.contract import ClipBatch


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.float32).reshape(2, 3)[:, ::2],
        np.array(3.5),
        np.zeros((0, 7)),
        np.array([1 + 2j]),
        np.array(["a", "bc"]),
        np.array([True, False]),
    ],
)
def test_arrays_come_back(array):
    back = messages.decode(messages.encode({"x": array}))["x"]
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)
    assert back.flags.writeable


def test_of_an_array_of_objects_only_the_shape_comes():
    class Trap:
        def __reduce__(self):
            return print, ("run",)

    back = messages.decode(messages.encode(np.array([[Trap()], [Trap()]], dtype=object)))
    assert back.tolist() == [[None], [None]]
    assert back.dtype == object


def test_clips_come_back_in_memory_of_their_own():
    inputs = (np.ones((2, 3), np.float32), np.zeros((1, 3), np.float32))
    clips = ClipBatch(inputs, np.array([0, 1]), None, frames=4, copies=[inputs[::-1]])
    back = messages.clips(messages.decode(messages.encode(messages.packed(clips))))
    assert (back.frames, back.speakers, len(back.copies)) == (4, None, 1)
    np.testing.assert_array_equal(back.inputs[0], inputs[0])
    np.testing.assert_array_equal(back.copies[0][1], inputs[0])
    np.testing.assert_array_equal(back.labels, [0, 1])
    assert all(array.base is None or array.base.base is None for array in back.inputs)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "NoneType"),
        ([0.5], "list"),
        (np.ma.array([1]), "numpy.ma.MaskedArray"),
        (np.ones(1), "numpy.ndarray"),
    ],
)
def test_what_a_plugin_returned_is_named(value, kind):
    assert messages.given(value)["kind"] == kind


def extension(dtype, shape, content, code=messages.ARRAY):
    return msgspec.msgpack.encode(msgspec.msgpack.Ext(code, msgspec.msgpack.encode([dtype, shape, content])))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        pickle.dumps({"came": 1}),
        extension("O", [10**9, 10**9], b""),
        extension("<f8", [2], b"short"),
        extension("no type", [1], b"\0"),
        extension("<f8", [1], b"\0" * 8, code=2),
        extension("|O", [1], b"\0" * 8),
    ],
)
def test_what_is_no_message_is_refused(data):
    with pytest.raises(ValueError):
        messages.decode(data)
