"""Robustness: the kept models of a record's folds, asked under acoustic conditions."""

import shutil

import msgspec
import numpy as np
import pytest
import runs
import soundfile

from benchmark.audio import acoustic_conditions
from benchmark.compute import executor
from benchmark.execution import (
    assembly,
    fit,
    fold,
    fold_data,
    fold_models,
    jobs,
    model_store,
    robust_folds,
    robustness,
    run,
)
from benchmark.execution.events import Robust
from benchmark.execution.request import Request
from benchmark.records import prediction_table, record_files
from benchmark.records import robustness as evidence
from benchmark.records.robustness import CLEAN
from benchmark.verification import robustness_checks, submission
from protocols.errors import UnheardError

pytestmark = pytest.mark.usefixtures("as_in_a_worker")


def in_this_process(function, tasks, *, size):  # noqa: ARG001
    for task in tasks:
        try:
            function(task)
        except Exception as error:
            yield task, error
        else:
            yield task, None


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Three conditions, in this process."""
    every = acoustic_conditions.CONDITIONS
    monkeypatch.setattr(
        acoustic_conditions, "CONDITIONS", {name: every[name] for name in ("noise-0", "telephone", "opus-16")}
    )
    monkeypatch.setattr(executor, "run", in_this_process)


@pytest.fixture(scope="module")
def kept(cache, tmp_path_factory):
    """A cache with the models of the folds of a record of the embedded SAVEE, and the record."""
    home = tmp_path_factory.mktemp("kept")
    [job] = runs.planned(home / "results", models=("mfcc-logreg",), trials=1, suite="robustness").jobs
    (home / "cache").mkdir()
    for folder in cache.iterdir():
        if not folder.name.endswith("models"):
            (home / "cache" / folder.name).symlink_to(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNHEARD_CACHE", str(home / "cache"))
        for task in jobs.tasks(job):
            fold.run(task)
        made = [fold.read(task.result) for task in jobs.tasks(job)]
        record_files.write(job.record, *assembly.assemble(job, made))
        for each in fold_models.of(job):
            fold_models.keep(each)
    return home


@pytest.fixture
def plan(kept, tmp_path, monkeypatch):
    """What is asked for, with copies of both."""
    home = shutil.copytree(kept, tmp_path / "kept", symlinks=True)
    monkeypatch.setenv("UNHEARD_CACHE", str(home / "cache"))
    return runs.planned(home / "results", models=("mfcc-logreg",), trials=1, suite="robustness")


def measured(plan):
    """What becomes of the only job."""
    events = []
    robustness.measure(plan.jobs, plan.inventories, size=1, listen=events.append)
    [found] = [event for event in events if isinstance(event, Robust)]
    return found


def asks(plan):
    [job] = plan.jobs
    robustness._compute_features(plan.jobs, plan.inventories, size=1, listen=lambda _event: None)
    return robust_folds.of(job, plan.inventories, {fold: fold_models.home(job, fold) for fold in job.folds})


def test_the_evidence_holds_and_the_record_stays(plan):
    [job] = plan.jobs
    before = job.record.read_bytes()
    assert not robustness.there(job)
    found = measured(plan)
    assert found.state == "measured"
    assert robustness.there(job)
    assert job.record.read_bytes() == before
    found = evidence.read(evidence.place(job.record))
    assert found.names == list(acoustic_conditions.CONDITIONS)
    assert found.largest == 0  # bit for bit, on one machine
    record = record_files.read(job.record)
    assert found.scores[CLEAN].uar == record.scores.uar
    assert found.at_worst < record.scores.uar
    assert robustness_checks.look(submission.read(job.record)) == robustness_checks.Found(found)
    assert not list(plan.results.glob(".work/*-conditions-*"))


def test_a_fold_s_model_is_asked_about_the_altered_clips_of_its_fold(plan):
    [job] = plan.jobs
    measured(plan)
    table, _ = prediction_table.read(
        evidence.predictions_place(job.record), record_files.read(job.record).labels
    )
    under = evidence.parted(table, list(acoustic_conditions.CONDITIONS))["telephone"]
    first = asks(plan)[0]
    data = fold_data.load(first.under["telephone"], job.protocol)
    given = next(fold_models.load(job.record)).probabilities(data.hidden(data.parts.test))
    np.testing.assert_allclose(given, under.probabilities[under.folds == 0], rtol=0, atol=1e-4)
    assert np.abs(given - first.recorded).max() > 0.01


def test_a_fold_that_was_asked_is_not_asked_again(plan, monkeypatch):
    robust_folds.ask(asks(plan)[0])
    asked, fresh = [], fit.fresh

    def watched(task, *facts, **more):
        asked.append(task.fold)
        return fresh(task, *facts, **more)

    monkeypatch.setattr(fit, "fresh", watched)
    assert measured(plan).state == "measured"
    assert asked == [1]


def test_another_model_than_the_record_s_counts_for_nothing(plan):
    [job] = plan.jobs
    homes = [fold_models.home(job, number) for number in job.folds]
    one, other = (model_store.read(home) for home in homes)
    model_store.save(homes[0], model_store.state(homes[1], other), msgspec.structs.replace(one, weights=""))
    found = measured(plan)
    assert found.state == "failed"
    assert "fold 0" in found.detail
    assert "differs from the record by up to" in found.detail
    assert evidence.read(evidence.place(job.record)) is None


def test_without_a_codec_the_evidence_says_so_until_there_is_one(plan, monkeypatch):
    [job] = plan.jobs
    with monkeypatch.context() as patch:
        patch.setattr(soundfile, "check_format", lambda *_: False)
        measured(plan)
        assert robustness.there(job)
        found = robustness_checks.look(submission.read(job.record))
        assert "opus-16" not in found.robustness.scores
        assert found.notes[0].startswith("its robustness lacks opus-16: libsndfile")
    assert not robustness.there(job)


def test_models_that_are_not_kept_are_not_asked(plan):
    [job] = plan.jobs
    (fold_models.home(job, 0) / model_store.CARD).unlink()
    assert measured(plan) == Robust(job, "not measured", "the models of its folds are not kept")


def test_what_is_there_is_not_done_again_though_no_model_is_kept(plan):
    [job] = plan.jobs
    wanted = {"suite": "robustness", "data": "demo", "models": ("mfcc-logreg",), "corpora": ("savee",)}
    request = Request(**wanted, trials=1, device="cpu", results=plan.results)

    def prepared():
        return run.prepare(request, force=False, final=False, listen=lambda _event: None)

    assert [one.name for one in prepared().robust] == [job.name]
    measured(plan)
    shutil.rmtree(fold_models.home(job, 0).parent)
    assert prepared().robust == prepared().keeps == []


def test_rows_that_are_altered_already_are_refused(tmp_path):
    with pytest.raises(UnheardError, match="savee-as-published: its rows are altered copies"):
        runs.planned(tmp_path, suite="robustness", protocols=("savee-as-published",))


def test_only_seed_0_is_asked(tmp_path):
    made = runs.planned(tmp_path, models=("prior", runs.TOY), suite="robustness", seeds=2, compute=False).jobs
    assert [(one.seed, one.robust, one.keep) for one in made] == [
        (0, True, True),
        (1, False, False),
        (0, False, False),  # which offers no state
        (1, False, False),
    ]
