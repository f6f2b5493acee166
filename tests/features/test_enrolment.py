"""Which clips of a speaker are drawn, and how a model's reference names their number."""

import re

import numpy as np
import pytest

from benchmark.features import enrolment
from protocols.errors import PluginError

OTHERS = np.arange(100, 130)


@pytest.mark.parametrize(
    ("reference", "plain", "clips"),
    [
        ("functionals-lda", "functionals-lda", ""),
        ("functionals-lda@20", "functionals-lda", "20"),
        ("/home/me/mine.py@all", "/home/me/mine.py", "all"),
        ("/home/me@5/mine.py", "/home/me@5/mine.py", ""),
        ("a@5.py", "a@5.py", ""),
    ],
)
def test_a_reference_is_parted_from_its_number(reference, plain, clips):
    assert enrolment.parted(reference) == (plain, clips)


@pytest.mark.parametrize("clips", ["7", "", "ALL", "5 "])
def test_another_number_is_refused(clips):
    message = f"a@{clips}: {clips!r} is no number of clips of the speaker. Known: a@5, a@10, a@20, a@all."
    with pytest.raises(PluginError, match=re.escape(message)):
        enrolment.parted(f"a@{clips}")


def test_so_many_are_drawn_once_each_and_a_larger_draw_begins_as_a_smaller():
    every = [enrolment.drawn(OTHERS, clips, seed=[3, 1]).tolist() for clips in ("5", "10", "20", "all")]
    assert [len(drawn) for drawn in every] == [5, 10, 20, 30]
    assert all(every[-1][: len(drawn)] == drawn for drawn in every)
    assert sorted(every[-1]) == OTHERS.tolist() != every[-1]  # their order says nothing


def test_the_seed_decides():
    draws = [enrolment.drawn(OTHERS, "5", seed=seed).tolist() for seed in ([0, 1], [0, 1], [1, 1])]
    assert draws[0] == draws[1] != draws[2]


def test_of_fewer_all_are_given():
    assert sorted(enrolment.drawn(OTHERS[:3], "5", seed=[0])) == OTHERS[:3].tolist()
    assert len(enrolment.drawn(OTHERS[:0], "all", seed=[0])) == 0
