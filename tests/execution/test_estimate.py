"""How many fits a run asks for, what of them is there, and how long the rest takes."""

import os

import pytest
import runs

from benchmark.compute.slots import Slot
from benchmark.execution import estimate, workload
from benchmark.models import plugins
from benchmark.training import pruning

CLIPS = 84  # of the embedded SAVEE, 21 a speaker


def planned(tmp_path, **more):
    return runs.planned(tmp_path, compute=False, **more).jobs


def second(*_):
    """A fit takes a second a clip and epoch."""
    return 1.0


def test_the_fits_of_a_fold(tmp_path):
    network, refit, plain = (
        planned(tmp_path, models=["small-cnn"], seeds=2, trials=10) + planned(tmp_path, trials=10)[:1]
    )
    whole = workload.of(plain, 0)
    assert whole.fits == 10 * 3 + 1  # three inner folds, and the last fit
    assert whole.learning == 10 * 3 * 240 + 360  # of the whole corpus, 120 clips a speaker
    assert workload.of(network, 0).fits == 31
    rows = 2 * 5  # two epochs of a clip and its four copies
    assert workload.of(network, 0).learning == pytest.approx(rows * (10 * pruning.work(3) * 3 * 240 + 360))
    assert workload.of(refit, 0) == workload.Workload(1, rows * 360)
    [prior] = planned(tmp_path, models=["prior"], trials=10)  # searches nothing
    assert workload.of(prior, 0).fits == 3 + 1


def test_a_dear_model_is_more_work_than_a_cheap_one(tmp_path):
    jobs = planned(tmp_path, models=["vit-student-alone", "small-cnn", "mfcc-logreg"])
    assert [job.plugin.info.name for job in sorted(jobs, key=workload.macs)] == [
        "mfcc-logreg", "small-cnn", "vit-student-alone"
    ]  # fmt: skip


def test_what_is_there_is_not_to_be_done(tmp_path):
    [job] = planned(tmp_path, trials=5)  # the demo's two folds
    found = estimate.of([job], [], size=2, probe=second)
    assert (found.fits, found.found, found.untried) == (2 * 16, 0, ())
    assert found.hours == pytest.approx(2 * (5 * 3 * 240 + 360) / 2 / 3600)
    job.work.mkdir(parents=True)
    (job.work / "fold-00.json").write_text("")
    job.fits.mkdir(parents=True)
    (job.fits / "a.round").write_text("")
    half = estimate.of([job], [], size=2, probe=second)
    assert (half.found, half.hours) == (16, pytest.approx(found.hours / 2))
    (job.fits / "b").mkdir()
    (job.fits / "b" / "c.fit").write_text("")
    assert estimate.of([job], [], size=2, probe=second).found == 17


def test_a_model_that_cannot_be_tried_is_named(tmp_path):
    jobs = planned(tmp_path, models=[runs.TOY, "prior"])
    some = estimate.of(jobs, [], size=1, probe=lambda plugin, _: None if plugin.info.name == "toy" else 1.0)
    assert some.untried == ("toy",)
    assert some.hours is not None
    assert estimate.of(jobs, [], size=1, probe=lambda *_: None).hours is None


@pytest.mark.slow
def test_what_ends_its_process_is_named_and_harms_nobody(tmp_path):
    """As a fit of a stranger's model may, in the process that tries it."""
    slot = Slot()
    try:
        dead = estimate.of(
            planned(tmp_path), [], size=1, call=lambda _, wanted: slot.call(os._exit, len(wanted))
        )
    finally:
        slot.end()
    assert (dead.hours, dead.untried) == (None, ("toy",))


@pytest.mark.slow
def test_a_worker_process_tells_the_same(tmp_path):
    slot, jobs = Slot(), planned(tmp_path, models=["nearest-mean"])
    try:
        found = estimate.of(jobs, [], size=1, call=slot.call)
    finally:
        slot.end()
    assert (found.fits, found.untried) == (2 * 4, ())
    assert 0 < found.hours < 0.1


@pytest.mark.parametrize("name", ["nearest-mean", "small-cnn", "vit-student"])
@pytest.mark.usefixtures("as_in_a_worker")
def test_a_short_fit_tells_how_long_one_takes(name):
    took = estimate.clip_seconds(plugins.load(name), "cpu")
    assert 0 < took < 10


def test_on_a_gpu_a_fit_by_itself_tells_nothing_of_stacks():
    assert estimate.clip_seconds(plugins.load("small-cnn"), "cuda") is None
