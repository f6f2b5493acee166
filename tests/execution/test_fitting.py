"""Fits that are done in this process, from where they are to where they are wanted."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
import runs

from benchmark.execution import fit_store, fitting, fold_data, jobs
from benchmark.execution.fit_store import Want
from protocols import folds

pytestmark = pytest.mark.usefixtures("as_in_a_worker")
NETWORK = str(Path(runs.TOY).with_name("small_network.py"))
WANT = Want(params={"learning_rate": 0.01}, part=1, epochs=6, by_epoch=True, until=6, round="one")


@pytest.fixture
def task(tmp_path):
    return jobs.tasks(runs.planned(tmp_path, models=(NETWORK,)).jobs[0])[0]


def test_a_fit_that_goes_on_is_the_one_that_went_through(task):
    data = fold_data.load(task, folds.load(task.protocol))
    [through] = fitting.do(task, data, [replace(WANT, round="another")])
    [begun] = fitting.do(task, data, [replace(WANT, until=2)])
    fit_store.write(task, WANT, msgspec.structs.replace(begun, seconds=1000.0))
    [came] = fitting.do(task, data, [WANT])
    assert (begun.fit.epochs, came.fit.epochs) == ([1, 2], [1, 2, 3, 4, 5, 6])
    assert (bool(begun.state), bool(came.state)) == (True, False)
    assert 1000 < came.seconds < 1100  # what it had taken before counts
    np.testing.assert_array_equal(came.fit.probabilities, through.fit.probabilities)
    assert came.fit.curves == through.fit.curves
