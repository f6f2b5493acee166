import json
import time

import pytest

from benchmark.storage import bounds


@pytest.mark.parametrize(
    "document",
    [
        {"a": [1, -2, 0.5, 1e300, 2**53, -(2**53)], "b": None},
        {"text": "[" * 1000 + "9" * 1000 + '\\"{'},
        [[[]]] * 1000,
        [0.1234567890123456789, 1.7976931348623157e308],
    ],
)
def test_honest_text_passes(document):
    bounds.refuse(json.dumps(document).encode())


@pytest.mark.parametrize("text", [b'{"a": 1, "a": 1}', b'[{"b": {"a": 1, "\\u0061": 2}}]'])
def test_a_name_that_comes_twice(text):
    with pytest.raises(ValueError, match="the name 'a' comes twice in one object"):
        bounds.refuse(text)


def test_a_name_may_come_in_several_objects_and_what_is_no_json_is_not_judged():
    bounds.refuse(b'{"a": {"a": [{"a": 1}, {"a": 2}]}}')
    for text in (b"{", b"\xff", b"", b"[1,]"):
        bounds.refuse(text)


def test_forty_deep_and_no_deeper():
    bounds.refuse(b"[" * 40 + b"]" * 40)
    with pytest.raises(ValueError, match="it is nested 41 deep; 40 is the most that is read"):
        bounds.refuse(b'[{"a":' * 20 + b"[" + b"]" + b"}]" * 20)


@pytest.mark.parametrize("number", [2**53 + 1, -(2**53) - 1, 10**30])
def test_an_integer_beyond_what_readers_agree_on(number):
    with pytest.raises(ValueError, match=rf"the integer {number} is beyond 2\^53"):
        bounds.refuse(json.dumps({"n": number}).encode())


@pytest.mark.parametrize("number", ["1" * 400, "0." + "1" * 400, "1e" + "0" * 400])
def test_a_number_that_is_too_long(number):
    with pytest.raises(ValueError, match=r"a number of 40\d characters; 64 is the most that is read"):
        bounds.refuse(number.encode())


@pytest.mark.parametrize(
    "text",
    [
        b'"' + b'\\"' * (4 << 20),
        b"[]" * (4 << 20),
        b'""' * (4 << 20),
        b"1," * (4 << 20),
        b"123456789012345," * (1 << 19),
    ],
)
def test_hostile_text_takes_seconds_at_most(text):
    started = time.process_time()
    bounds.refuse(text)
    assert time.process_time() - started < 10
