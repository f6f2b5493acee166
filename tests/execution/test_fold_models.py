"""Kept fold models: what they predict is what their record says."""

import msgspec
import numpy as np
import pytest
import runs

from benchmark import api
from benchmark.cli import main
from benchmark.execution import (
    assembly,
    fitting,
    fold,
    fold_data,
    fold_models,
    jobs,
    model_card,
    model_store,
    scheduler,
)
from benchmark.records import prediction_table, record_files
from protocols import folds
from protocols.errors import PluginError, WeightsError

pytestmark = pytest.mark.usefixtures("as_in_a_worker")

STUBBORN = '''
import numpy as np

from protocols.contract import Declaration, Features, FitInfo, Info


class Stubborn(Declaration):
    """Has a state that cannot be had."""

    info = Info(name="toy-stubborn", version="1", title="S", summary="S.", deterministic=True)

    @staticmethod
    def features(params):
        return Features(front_end="mfcc", functionals=("mean",))

    def __init__(self, n_classes, *, seed, device):
        self.n_classes = n_classes

    def fit(self, train, validation=None, *, epochs=None, report=None, context=None):
        return FitInfo()

    def predict_proba(self, clips):
        return np.full((len(clips), self.n_classes), 1 / self.n_classes)

    def state(self):
        raise OSError("gone")

    def load_state(self, state):
        pass
'''


@pytest.fixture(autouse=True)
def models(without_models):
    return without_models / "fold-models"


def finished(results, model="mfcc-logreg", **more):
    """The job of this model on the embedded SAVEE, with its record, made in this process."""
    [job] = runs.planned(results, models=(model,), trials=1, **{"keep_models": True, **more}).jobs
    if not jobs.finished(job):
        for task in jobs.tasks(job):
            fold.run(task)
        made = [fold.read(task.result) for task in jobs.tasks(job)]
        record_files.write(job.record, *assembly.assemble(job, made))
    return job


def keep(job):
    for each in fold_models.of(job):
        fold_models.keep(each)


def no_fit(*_facts, **_more):
    pytest.fail("it is fitted again")


def test_the_weights_of_the_folds_are_kept_without_another_fit(tmp_path, monkeypatch):
    job = finished(tmp_path / "results")
    assert fold_models.missing(job) == [0, 1]
    monkeypatch.setattr("benchmark.execution.fit.context", no_fit)
    keep(job)
    assert fold_models.missing(job) == []


@pytest.mark.parametrize("model", ["mfcc-logreg", pytest.param("small-cnn", marks=pytest.mark.slow)])
def test_they_predict_what_the_record_says(tmp_path, model):
    job = finished(tmp_path / "results", model)
    keep(job)
    record = record_files.read(job.record)
    recorded, _ = prediction_table.read(record_files.predictions_place(job.record), record.labels)
    loaded = list(api.fold_models(job.record))
    assert [each.fold for each in loaded] == [0, 1]
    for each, task in zip(loaded, jobs.tasks(job), strict=True):
        data = fold_data.load(task, folds.load("savee-loso"))
        of_fold = recorded.folds == each.fold
        assert each.clips == [data.clips[row].clip for row in data.parts.test]
        assert each.clips == [clip for clip, here in zip(recorded.clips, of_fold, strict=True) if here]
        given = each.probabilities(data.hidden(data.parts.test))
        np.testing.assert_allclose(given, recorded.probabilities[of_fold], rtol=0, atol=fold_models.TOLERANCE)


def test_only_the_last_fits_of_a_record_that_is_there_are_done_again(tmp_path, monkeypatch):
    job = finished(tmp_path / "results", keep_models=False)
    before = job.record.read_bytes()
    scheduler.sweep([job])
    job = finished(tmp_path / "results")
    assert not job.work.exists()
    monkeypatch.setattr("benchmark.training.study.search", no_fit)
    keep(job)
    assert fold_models.missing(job) == []
    assert job.record.read_bytes() == before


def test_the_card_is_this_very_models(tmp_path):
    job = finished(tmp_path / "results")
    keep(job)
    record = record_files.read(job.record)
    for facts, each in zip(record.folds, api.fold_models(job.record), strict=True):
        assert (each.card.fold, each.card.params) == (facts.fold, facts.params)
        assert each.card.temperature == facts.temperature
        text = model_card.described(each.card)
        assert f"all but the test clips of fold {facts.fold}" in text
        assert "all speakers" not in text
    uars = [each.card.uar for each in api.fold_models(job.record)]
    assert np.mean(uars) == pytest.approx(record.scores.fold_uar_mean, abs=1e-3)


def test_a_part_of_the_folds_keeps_for_the_whole(tmp_path):
    keep(finished(tmp_path / "results", folds=(1,)))
    assert fold_models.missing(finished(tmp_path / "results", folds=(0, 1))) == [0]


def test_a_model_that_predicts_something_else_is_not_kept(tmp_path, models):
    job = finished(tmp_path / "results")
    record = record_files.read(job.record)
    path = record_files.predictions_place(job.record)
    table, _ = prediction_table.read(path, record.labels)
    changed = msgspec.structs.replace(table, probabilities=np.roll(table.probabilities, 1, axis=1))
    record_files.write(job.record, record, changed)
    with pytest.raises(WeightsError, match=r"seed-0\.json by up to .* Was the record made on another"):
        keep(job)
    assert not list(models.rglob("*.json"))


def test_what_is_not_kept_or_damaged_is_named_with_the_command(tmp_path):
    job = finished(tmp_path / "results")
    with pytest.raises(WeightsError, match=r"its fold 0 cannot be used.*\n.*\n.*run --keep-models --model m"):
        list(api.fold_models(job.record))
    keep(job)
    path = fold_models.home(job, 1) / model_store.STATE
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(WeightsError, match=r"its fold 1 cannot be used: .*fold-01.*is damaged"):
        list(api.fold_models(job.record))
    assert fold_models.missing(job) == [1]


def test_a_state_that_fails_costs_no_record(install, tmp_path):
    install("our_stubborn", STUBBORN, {"toy-stubborn": "Stubborn"})
    job = finished(tmp_path / "results", "toy-stubborn")
    with pytest.raises(PluginError, match="toy-stubborn: its `state` gives no arrays"):
        keep(job)


def test_a_run_keeps_them_and_names_the_model_that_has_none(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = ["run", "--data", "demo", "--corpus", "savee", "--jobs", "1", "--device", "cpu", "--keep-models"]
    asked += ["--model", "prior", "--model", runs.TOY, "--results", str(tmp_path / "results")]
    assert main.main(asked) == 0
    shown = " ".join(capsys.readouterr().err.split())
    assert "savee-loso prior seed 0: the models of its folds are kept: " in shown
    assert "toy: offers no state (see state and load_state), so no model of it is kept" in shown
    assert len(list(api.fold_models(tmp_path / "results/synthetic/savee-loso/prior/seed-0.json"))) == 2
    assert not runs.litter(tmp_path / "results")


def test_a_last_fit_whose_weights_were_not_wanted_is_done_again_alone(tmp_path):
    job = finished(tmp_path / "results", keep_models=False)
    [again] = runs.planned(tmp_path / "results", models=("mfcc-logreg",), trials=1, keep_models=True).jobs
    task, facts = jobs.tasks(again)[0], record_files.read(job.record).folds[0]
    assert job.work == again.work
    data = fold_data.load(task, folds.load("savee-loso"))
    [last] = fitting.do(task, data, [fold.last_fit(task, facts)])
    assert last.weights
    assert len(last.fit.probabilities) == 1  # not joined with the one before
