"""What fits have come to so far, on disk."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmark.execution import fit_store
from benchmark.execution.fit_store import Progress, Want
from benchmark.training import inner_fits
from benchmark.training.study import Outcome

WANT = Want(params={"rate": 0.1}, part=1, epochs=9, by_epoch=True, until=3, round="first")
OTHERS = {
    "params": {"rate": 0.2},
    "part": 2,
    "epochs": 8,
    "by_epoch": False,
    "round": "second",
}


@pytest.fixture
def task(tmp_path) -> Any:
    return SimpleNamespace(work=tmp_path / "work", fits=tmp_path / "fits", fold=1, seed=2)


def progress(epochs=3):
    answers = np.full((epochs, 4, 2), 0.5)
    return Progress(fit=inner_fits.inner_fit(answers, range(1, epochs + 1), {}), state=b"more", seconds=1.5)


def test_what_was_written_is_read_however_far_it_is_wanted(task):
    fit_store.write(task, WANT, progress())
    assert fit_store.read(task, WANT) == progress()
    assert fit_store.read(task, replace(WANT, until=9)) == progress()


@pytest.mark.parametrize("name", OTHERS)
def test_another_fit_is_another_file(task, name):
    fit_store.write(task, WANT, progress())
    assert fit_store.read(task, replace(WANT, **{name: OTHERS[name]})) is None


@pytest.mark.parametrize("name", ["fold", "seed"])
def test_another_fold_or_seed_is_another_file(task, name):
    fit_store.write(task, WANT, progress())
    setattr(task, name, 7)
    assert fit_store.read(task, WANT) is None


def test_a_last_fit_lies_with_its_job(task):
    fit_store.write(task, replace(WANT, part=0, round=""), progress())
    assert [path.parent for path in Path(task.work).rglob("*") if path.is_file()] == [task.work]
    assert not task.fits.exists()


def test_a_changed_byte_is_as_if_nothing_were_there(task):
    fit_store.write(task, WANT, progress())
    [path] = (task.fits / "first").iterdir()
    kept = path.read_bytes()
    for place in range(0, len(kept), 7):
        path.write_bytes(kept[:place] + bytes([kept[place] ^ 1]) + kept[place + 1 :])
        assert fit_store.read(task, WANT) is None


def test_a_round_takes_the_place_of_its_fits(task):
    fit_store.write(task, WANT, progress())
    outcomes = [Outcome(params={"rate": 0.1}, uar=0.5)]
    assert fit_store.read_round(task, "first") is None
    fit_store.write_round(task, "first", outcomes)
    assert [path.name for path in task.fits.iterdir()] == ["first.round"]
    fit_store.write(task, WANT, progress())  # as if it had been killed before it removed them
    (task.fits / "first" / ".part-half").touch()
    assert fit_store.read_round(task, "first") == outcomes
    assert [path.name for path in task.fits.iterdir()] == ["first.round"]


def test_what_is_left_to_be_done():
    assert progress(3).reaches(WANT)
    assert not progress(2).reaches(WANT)
    assert not progress(3).reaches(replace(WANT, until=None))
    assert Progress(fit=progress(1).fit).reaches(WANT)  # it has ended


def test_a_fit_that_has_ended_without_the_weights_that_are_wanted_is_to_be_done():
    wanted, ended = replace(WANT, part=0, round="", until=None, weights=True), Progress(fit=progress(1).fit)
    assert not ended.reaches(wanted)
    assert Progress(fit=progress(1).fit, weights=b"some").reaches(wanted)


def test_the_same_fit_is_the_same_file_with_and_without_weights(task):
    last = replace(WANT, part=0, round="", until=None)
    fit_store.write(task, last, progress(1))
    assert fit_store.read(task, replace(last, weights=True)) == progress(1)
