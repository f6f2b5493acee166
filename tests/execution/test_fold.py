"""One fold: what the engine gives a model, and what it keeps of the answer."""

import dataclasses
import json
from collections import Counter
from typing import Any

import msgspec
import numpy as np
import pytest
import runs

from benchmark.compute import energy
from benchmark.execution import fit as fit_module
from benchmark.execution import fold, fold_data, jobs
from benchmark.execution import task as task_module
from benchmark.features import feature_store
from benchmark.models import plugins
from benchmark.scores import calibration
from benchmark.training import inner_fits, study
from protocols import corpora, folds
from protocols.contract import ClipBatch, FitInfo
from protocols.errors import PluginError

pytestmark = pytest.mark.slow


@pytest.fixture
def fits(task, monkeypatch):
    """The toy's fits: whether there was validation, and the epochs asked for.

    The k-th fit with validation keeps epoch k, and predicts for the last ones alone.
    """
    model: Any = plugins.load(task.model).model
    seen: list[tuple[bool, int | None]] = []
    fit = model.fit

    def counted(self, train, validation=None, *, epochs=None, **more):
        seen.append((validation is not None, epochs))
        fit(self, train, validation, **more)
        return FitInfo(epochs=sum(judged for judged, _ in seen))

    monkeypatch.setattr(model, "fit", counted)
    return seen


def digests(task, rows):
    """What the toy would note for these rows of the manifest."""
    import toy_model

    store, manifest = feature_store.load(task.homes[0], plugins.load(task.model).features), known(task)
    return toy_model._digests(
        type("ClipBatch", (), {"inputs": store.inputs([manifest[row].clip for row in rows])})
    )


def known(task):
    store = feature_store.load(task.homes[0], plugins.load(task.model).features)
    return [clip for clip in corpora.load("savee").manifest if clip.clip in store.spans]


def test_a_model_is_given_arrays_and_no_test_clip_to_learn_from(task, tmp_path, monkeypatch):
    monkeypatch.setenv("TOY_DIARY", str(tmp_path / "diary"))
    fold.run(task)
    diary = [json.loads(line) for line in (tmp_path / "diary").read_text().splitlines()]
    parts = folds.split(folds.load("savee-loso"), folds.load("savee-loso").folds[1], known(task))
    test, last = set(digests(task, parts.test)), diary[-2]
    assert len(test) == len(parts.test)
    assert all(line["arrays"] for line in diary)
    for line in diary:
        expected = ["inputs", "labels", "speakers"] if line["what"] == "fit" else ["inputs"]
        assert [key for key in line["given"] if key != "frames"] == expected
        if line["what"] == "fit":
            assert not test & {*line["clips"], *(line["validation"] or [])}
            assert not set(line["clips"]) & set(line["validation"] or [])
    assert last["what"] == "fit"
    assert last["validation"] is None
    assert Counter(last["clips"]) == Counter(digests(task, parts.development))
    assert diary[-1]["what"] == "predict"
    assert set(diary[-1]["clips"]) == test
    inner = [(set(digests(task, train)), set(digests(task, validation))) for train, validation in parts.inner]
    searched = [(set(line["clips"]), set(line["validation"])) for line in diary[:-2] if line["what"] == "fit"]
    assert searched == inner * 3


def test_the_result_has_every_test_clip_once_with_rounded_probabilities(task):
    fold.run(task)
    result = fold.read(task.result)
    tested = {clip.clip for clip in known(task) if clip.speaker in result.facts.test}
    said = np.array(result.probabilities)
    assert Counter(result.clips) == Counter(tested)
    assert said.shape == (len(tested), 7)
    np.testing.assert_allclose(said.sum(axis=1), 1, atol=4e-4)
    np.testing.assert_array_equal(said.round(4), said)
    assert len(result.facts.trials) == 3
    assert result.facts.trials[0].params == {"sharpness": 1.0}
    assert result.facts.parameters is None  # the toy's `parameters` is a method
    winner = max(result.facts.trials, key=lambda trial: (trial.uar, -trial.cross_entropy))
    assert result.facts.params == winner.params


def test_predictions_are_the_last_fits_at_the_winners_temperature(task):
    """The whole of rule 4 a second time, by hand."""
    import toy_model

    fold.run(task)
    result = fold.read(task.result)
    store, manifest = feature_store.load(task.homes[0], plugins.load(task.model).features), known(task)
    labels = np.array([corpora.load("savee").labels.index(clip.emotion) for clip in manifest])
    x = np.stack([store.inputs([clip.clip])[0] for clip in manifest])
    test = np.array([clip.speaker in result.facts.test for clip in manifest])
    toy = toy_model.Toy(7, seed=study.seed_of(0, 1, 0), device="cpu", **result.facts.params)
    toy.fit(ClipBatch(x[~test], labels[~test]))
    inner = folds.split(folds.load("savee-loso"), folds.load("savee-loso").folds[1], manifest).inner
    validation = []
    for part, (train, rows) in enumerate(inner, start=1):
        one = toy_model.Toy(7, seed=study.seed_of(0, 1, part), device="cpu", **result.facts.params)
        one.fit(ClipBatch(x[train], labels[train]))
        validation.append(one.predict_proba(ClipBatch(x[rows])).round(6))
    truth = labels[np.concatenate([rows for _, rows in inner])]
    assert result.facts.temperature == pytest.approx(
        calibration.temperature(truth, np.concatenate(validation)), rel=1e-6
    )
    said = calibration.calibrated(toy.predict_proba(ClipBatch(x[test])), result.facts.temperature)
    np.testing.assert_allclose(np.array(result.probabilities), said, atol=6e-5)


def test_where_each_inner_fold_keeps_an_epoch_all_are_fitted_for_the_median(task, fits):
    fold.run(dataclasses.replace(task, budget=msgspec.structs.replace(task.budget, epochs=7)))
    facts = fold.read(task.result).facts
    won = [trial.params for trial in facts.trials].index(facts.params)
    assert [trial.epochs for trial in facts.trials] == [[2] * 3, [5] * 3, [8] * 3]
    assert facts.epochs == (2, 5, 8)[won]
    again = [(False, epoch) for epoch in (2, 5, 8) for _ in range(2)]  # the middle one has it already
    assert fits[:15] == [(True, 7)] * 9 + again
    assert fits[15:] == [(False, facts.epochs)]
    assert facts.pooled == []


def test_a_trial_is_scored_at_one_epoch_that_its_inner_folds_share(task, curved):
    fold.run(task)
    facts = fold.read(task.result).facts
    epochs = {epoch for trial in facts.trials for epoch in trial.epochs}
    assert epochs <= {3, 4, 5}  # the middle of five out of seven
    assert all(len(set(trial.epochs)) == 1 for trial in facts.trials)
    assert all(len(trial.epochs) == 3 for trial in facts.trials if trial.state == "complete")
    won = next(trial for trial in facts.trials if trial.params == facts.params)
    assert curved == [facts.epochs] == [won.epochs[0]]
    assert facts.pooled[facts.epochs - 1] == won.uar == facts.inner_uar
    assert inner_fits.best_place(np.array(facts.pooled)) == facts.epochs - 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.ones((2, 3, 7)) / 7, r"FitInfo\.probabilities gave an array of shape \(3, 7\); expected"),
        (np.zeros((0, 3, 7)), r"FitInfo\.probabilities has no epoch"),
        (None, ""),
    ],
)
def test_what_a_fit_gives_by_epoch_is_looked_at(task, given, message):
    data = fold_data.load(task, folds.load(task.protocol))
    rows = data.parts.inner[0][1]
    info = FitInfo(epochs=2, probabilities=given)
    if given is None:
        assert fit_module.by_epoch(info, data, rows) is None
        return
    with pytest.raises(PluginError, match=message):
        fit_module.by_epoch(info, data, rows)


def test_a_teacher_is_fitted_for_its_own_searchs_epochs(task, fits):
    data = fold_data.load(task, folds.load(task.protocol))
    fold.run(task)
    winner = fold.read(task.result).facts
    del fits[:]
    student = dataclasses.replace(task, teacher=task_module.Teacher(task.model, winner))
    fit_module.context(student, data, data.parts.inner[0][0], part=1)
    assert fits == [(False, winner.epochs)]
    assert winner.epochs in (2, 5, 8)


def test_energy_is_a_folds_own_only_where_none_runs_beside_it(task, tmp_path, monkeypatch):
    monkeypatch.setattr(energy, "RAPL", tmp_path)
    (tmp_path / "intel-rapl:0").mkdir()
    for name, text in {"name": "package-0", "energy_uj": "9", "max_energy_range_uj": "99"}.items():
        (tmp_path / "intel-rapl:0" / name).write_text(text)
    for alone, joules in ((True, 0.0), (False, None)):
        fold.run(dataclasses.replace(task, work=tmp_path / str(alone)), alone=alone)
        assert fold.read(tmp_path / str(alone) / "fold-01.json").joules == joules


def test_what_is_not_finite_fails_its_trial_and_then_the_fold(task, monkeypatch):
    monkeypatch.setenv("TOY_TROUBLE", "nan")
    with pytest.raises(PluginError, match="no trial gave finite probabilities"):
        fold.run(task)


def test_a_loss_that_is_no_number_after_the_best_epoch_costs_its_curve_alone(task, monkeypatch):
    model: Any = plugins.load(task.model).model
    curves = {"train loss": [0.5, np.nan], "validation UAR": [0.5, 0.1]}
    fit = model.fit
    monkeypatch.setattr(
        model, "fit", lambda self, *given, **named: fit(self, *given, **named) and FitInfo(1, curves)
    )
    fold.run(task)
    assert all(inner == {"validation UAR": [0.5, 0.1]} for inner in fold.read(task.result).facts.curves)
    task.result.unlink()
    fold.run(task)  # goes on with the trials that were kept
    assert fold.read(task.result).facts.trials


def test_scores_that_are_no_probabilities_are_refused(task, monkeypatch):
    monkeypatch.setenv("TOY_TROUBLE", "logits")
    with pytest.raises(
        PluginError, match=r"toy_model\.py: predict_proba gave rows that are no probabilities"
    ):
        fold.run(task)


def test_probabilities_of_a_wrong_shape_are_refused(task, monkeypatch):
    model = plugins.load(task.model).model
    monkeypatch.setattr(model, "predict_proba", lambda _self, clips: np.ones((len(clips), 2)) / 2)
    with pytest.raises(
        PluginError, match=r"gave an array of shape \(\d+, 2\); expected \(\d+, 7\), clips by"
    ):
        fold.run(task)


def test_a_search_that_minimises_keeps_cross_entropy(tmp_path):
    """TESS: both its directions are searched by cross-entropy."""
    task = jobs.tasks(runs.planned(tmp_path / "results", corpora=("tess",), trials=6).jobs[0])[0]
    fold.run(task)
    result = fold.read(task.result)
    complete = [trial for trial in result.facts.trials if trial.state == "complete"]
    assert result.facts.params == min(complete, key=lambda t: (t.cross_entropy, -t.uar)).params


class Order:
    """A model that only notes in which order it is given clips."""

    def predict_proba(self, clips):
        self.given = [clip.tobytes() for clip in clips.inputs]
        return np.eye(7)[[sum(clip) % 7 for clip in self.given]]


def test_the_order_of_the_test_clips_follows_from_the_records_key(task):
    data, model = fold_data.load(task, folds.load(task.protocol)), Order()
    manifest = [clip.tobytes() for clip in data.hidden(data.parts.test).inputs]
    orders, came = [], []
    for key in ("one", "one", "another"):
        came.append(fit_module.tested(model, data, key))
        orders.append(model.given)
        assert sorted(model.given) == sorted(manifest)
    assert orders[0] == orders[1]
    assert orders[0] != orders[2]
    assert manifest not in orders
    for one in came:  # back in the manifest's order
        np.testing.assert_array_equal(one.argmax(axis=1), [sum(clip) % 7 for clip in manifest])


def test_no_order_of_the_test_clips_is_that_of_their_labels(task):
    """Over many keys, no clip has a place where it is more often."""
    data = fold_data.load(task, folds.load(task.protocol))
    n = len(data.parts.test)
    places = np.array([data.test_order(str(key)) for key in range(2000)])
    assert abs(places.mean(axis=0) - (n - 1) / 2).max() < 5 * n / np.sqrt(12 * 2000)


def test_each_part_is_a_copy_of_its_own(task):
    data = fold_data.load(task, folds.load(task.protocol))
    train, validation = data.parts.inner[0]
    parts = [data.train(train), data.validation(validation), data.hidden(data.parts.test)]
    arrays = [array for part in parts for array in part.inputs]
    assert all(array.base is None for array in arrays)
    assert parts[2].labels is parts[2].speakers is None
    assert [len(part) for part in parts] == [len(train), len(validation), len(data.parts.test)]
