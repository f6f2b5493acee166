import hashlib
import math
from dataclasses import dataclass

import pytest
from msgspec import Struct

from benchmark.storage import canonical


class Fact(Struct):
    name: str
    counts: dict[str, int]


@dataclass
class Row:
    values: tuple[float, ...]


def test_a_file_has_sorted_keys_and_one_newline():
    text = canonical.encode({"b": [1, 2.5], "a": "Größe", "c": Fact("x", {"z": 1, "y": 2})})
    assert text.decode() == (
        '{\n "a": "Größe",\n "b": [\n  1,\n  2.5\n ],\n "c": {\n  "counts": {\n   "y": 2,\n   "z": 1\n'
        '  },\n  "name": "x"\n }\n}\n'
    )


def test_numbers_as_keys_and_numbers_that_are_not_finite():
    assert canonical.encode({10: 1, 9: math.nan}) == b'{\n "10": 1,\n "9": null\n}\n'
    assert canonical.encode(Row((1.0, math.inf))) == canonical.encode({"values": [1.0, None]})


@pytest.mark.parametrize("value", [{"b": 1, "a": [True, None]}, {"ä": 0.1}, []])
def test_a_digest_is_of_the_line(value):
    text = canonical.line(value)
    assert "\n" not in text
    assert canonical.digest(value) == hashlib.sha256(text.encode()).hexdigest()


def test_the_order_of_keys_makes_no_difference_and_a_value_does():
    assert canonical.digest({"a": 1, "b": {"c": 2, "d": 3}}) == canonical.digest(
        {"b": {"d": 3, "c": 2}, "a": 1}
    )
    assert canonical.digest({"a": 1}) != canonical.digest({"a": 1.5})
    assert canonical.line({"b": 1, "a": "é"}) == '{"a": "\\u00e9", "b": 1}'
