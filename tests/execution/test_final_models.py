"""The final model: what it is fitted on, with what, and that it is the same after reloading."""

from typing import Any

import msgspec
import numpy as np
import pytest
import runs

from benchmark.execution import assembly, final_models, fold, fold_data, jobs, model_store
from benchmark.features import feature_store, stack
from benchmark.models import plugins
from benchmark.records import record_files, schema
from benchmark.training import study
from protocols import corpora, folds
from protocols.contract import ClipBatch

TOYS = '''
import numpy as np

from protocols.contract import Declaration, Features, FitInfo, Info


class Teacher(Declaration):
    """Keeps what its fit was given."""

    info = Info(name="toy-teacher", version="1", title="T", summary="T.", deterministic=True)
    defaults = {"amount": 2.0}

    @staticmethod
    def features(params):
        return Features(front_end="mfcc", functionals=("mean",))

    @staticmethod
    def space(trial):
        return {"amount": trial.suggest_float("amount", 1.0, 9.0)}

    def __init__(self, n_classes, *, seed, device, amount):
        self.n_classes, self.seed, self.amount = n_classes, seed, amount

    def fit(self, train, validation=None, *, epochs=None, report=None, context=None):
        clips = np.stack([clip[0] for clip in train.inputs])
        taught = context["teacher"].state()["given"] if context else np.zeros(3)
        self.kept = {
            "given": np.array([len(train), epochs or 0, self.amount]),
            "seed": np.array(self.seed),
            "clips": clips,
            "labels": train.labels,
            "taught": taught,
            "validation": np.array(validation is not None),
        }
        return FitInfo(epochs=3)

    def predict_proba(self, clips):
        return np.full((len(clips), self.n_classes), 1 / self.n_classes)

    def state(self):
        return self.kept

    def load_state(self, state):
        self.kept = dict(state)


class Student(Teacher):
    info = Info(
        name="toy-student",
        version="1",
        title="S",
        summary="S.",
        needs={"teacher": "toy-teacher"},
        deterministic=True,
    )
    defaults = {"amount": 4.0}


class Forgetful(Teacher):
    """Takes no state that it gave."""

    info = Info(name="toy-forgetful", version="1", title="F", summary="F.", deterministic=True)

    def load_state(self, state):
        raise KeyError("forgotten")
'''
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("as_in_a_worker")]


def state_of(final):
    """The state of the toy that is fitted for it."""
    model: Any = final_models.fitted(final)
    return model.state()


@pytest.fixture(autouse=True)
def models(without_models):
    return without_models / "models"


@pytest.fixture
def toys(install):
    """An installed package with two models, one the other's teacher, and a third."""
    models = {"toy-teacher": "Teacher", "toy-student": "Student", "toy-forgetful": "Forgetful"}
    install("our_toys", TOYS, models)


def finished(tmp_path, *models, trials=1):
    """The jobs of these models on the embedded SAVEE, with their records, made in this process."""
    made = runs.planned(tmp_path / "results", models=models, trials=trials)
    for job in made.jobs:
        for task in jobs.tasks(job):
            fold.run(task)
        record_files.write(
            job.record, *assembly.assemble(job, [fold.read(task.result) for task in jobs.tasks(job)])
        )
        assert jobs.finished(job)
    return made.jobs


def everyone(job):
    """All clips of the corpus copy, as the model hears them."""
    store = feature_store.load(job.homes[0], job.plugin.features)
    heard = [clip for clip in corpora.load("savee").manifest if clip.clip in store.spans]
    wanted = job.plugin.features
    frames = stack.limit(wanted)
    labels = np.array([corpora.load("savee").labels.index(clip.emotion) for clip in heard])
    return ClipBatch(store.inputs([clip.clip for clip in heard], frames=frames), labels, frames=frames)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 9, 3], 3),
        ([1, 2, 4, 9], 2),
        ([1.0, 2.0, 4.0, 9.0], 3.0),
        ([1, 2.0, 9], 2.0),
        (["b", "a", "a", "b"], "b"),
        (["a", "b", "b"], "b"),
        ([True, False, False], False),
        ([[8, 8], [4], [4]], [4]),
        ([None, 0.5, None], None),
    ],
)
def test_the_typical_value(values, expected):
    found = final_models.typical(values)
    assert found == expected
    assert type(found) is type(expected)


def test_the_middle_of_two_on_a_log_scale():
    assert final_models.typical([1e-5, 1e-4, 1e-2, 1.0], log=True) == pytest.approx(1e-3)
    assert final_models.typical([1e-5, 1e-4, 1.0], log=True) == pytest.approx(1e-4)


def test_a_choice_among_numbers_is_no_median():
    assert final_models.typical([16, 64, 64, 16, 32], categorical=True) == 16
    assert final_models.typical([16, 64, 64, 16, 32]) == 32


def test_card_and_fit_are_the_medians_of_the_folds(toys, tmp_path):  # noqa: ARG001
    job = finished(tmp_path, "toy-teacher", trials=6)[0]
    record = record_files.read(job.record)
    amounts = [1.25, 8.5]
    changed = [
        msgspec.structs.replace(facts, params={"amount": amount}, epochs=epochs, temperature=t)
        for facts, amount, epochs, t in zip(record.folds, amounts, [4, 9], [0.5, 2.0], strict=True)
    ]
    job.record.write_bytes(record_files.encode(msgspec.structs.replace(record, folds=changed)))
    made = final_models.of(job)
    assert made.card.params == {"amount": 4.875}
    assert made.card.epochs == 6
    assert made.card.temperature == 1.25
    assert made.card.seed == study.seed_of(0, len(folds.load("savee-loso").folds), 0)
    assert made.card.uar == record.scores.uar
    state = state_of(made)
    clips = everyone(job)
    np.testing.assert_array_equal(state["given"], [len(clips), 6, 4.875])
    np.testing.assert_array_equal(state["clips"], clips.batch()[0][:, 0])
    np.testing.assert_array_equal(state["labels"], clips.labels)
    assert int(state["seed"]) == made.card.seed
    assert not state["validation"]


def test_a_searched_choice_is_read_from_the_records_space():
    space = {"width": {"name": "CategoricalDistribution"}, "depth": {"name": "IntDistribution"}}
    widths, depths = [16, 64, 64, 16, 32], [1, 5, 5, 1, 3]
    winners = [
        schema.FoldFacts(
            fold=fold,
            test=[],
            params={"width": width, "depth": depth},
            epochs=None,
            temperature=1.0,
            parameters=None,
            trials=[],
        )
        for fold, (width, depth) in enumerate(zip(widths, depths, strict=True))
    ]
    record = type("Record", (), {"space": space, "folds": winners})
    assert final_models.params(record) == {"width": 16, "depth": 3}


def test_a_teachers_final_is_passed_on_and_kept_once(toys, tmp_path, monkeypatch):  # noqa: ARG001
    teacher, student = finished(tmp_path, "toy-student")
    assert final_models.ready(student)
    made = final_models.of(student)
    assert made.card.teacher == "toy-teacher 1"
    taught = state_of(made)["taught"]
    clips = len(everyone(student))
    np.testing.assert_array_equal(taught, [clips, 3, 2.0])
    assert final_models.kept(teacher)
    assert final_models.kept(student)
    home = final_models.of(teacher).home
    np.testing.assert_array_equal(model_store.state(home, model_store.read(home))["given"], taught)
    teacher.record.rename(teacher.record.with_suffix(".gone"))
    assert not final_models.ready(student)
    teacher.record.with_suffix(".gone").rename(teacher.record)
    monkeypatch.setattr(fold_data, "load", None)  # a second fit would need it
    final_models.fit(made)
    np.testing.assert_array_equal(state_of(final_models.of(teacher))["given"], taught)


@pytest.mark.parametrize("name", ["mfcc-logreg", "small-cnn"])
def test_it_says_the_same_after_reloading_and_when_fitted_again(tmp_path, name):
    job = finished(tmp_path, name)[0]
    model = final_models.fitted(final_models.of(job))
    clips = everyone(job)
    said = model.predict_proba(clips)
    card, again = model_store.load(job.plugin, job.protocol)
    np.testing.assert_array_equal(again.predict_proba(clips), said)
    assert card.board == "synthetic"
    assert card.key == job.key
    assert not any(map(card.familiar.unlike, clips.inputs))
    assert card.familiar.unlike(clips.inputs[0] + 1000)
    (final_models.of(job).home / model_store.CARD).unlink()
    np.testing.assert_array_equal(final_models.fitted(final_models.of(job)).predict_proba(clips), said)
    assert final_models.kept(job)


def test_a_kept_model_that_cannot_be_loaded_is_fitted_again(tmp_path):
    job = finished(tmp_path, "mfcc-logreg")[0]
    made = final_models.of(job)
    final_models.fit(made)
    whole = (made.home / model_store.STATE).read_bytes()
    model_store.save(made.home, {"estimator": np.zeros(9, np.uint8)}, made.card)
    assert final_models.kept(job)  # its bytes are those of its card
    final_models.fit(made)
    restored = model_store.state(made.home, model_store.read(made.home))
    assert len(restored["estimator"]) > 9
    assert abs((made.home / model_store.STATE).stat().st_size - len(whole)) < 100


def test_another_key_is_another_model(tmp_path):
    job = finished(tmp_path, "prior")[0]
    final_models.fit(final_models.of(job))
    assert final_models.kept(job)
    assert not final_models.kept(runs.planned(tmp_path / "results", models=("prior",), trials=2).jobs[0])


def test_a_model_without_state_is_not_keepable_and_nothing_is_written(tmp_path, models):
    assert not final_models.keepable(plugins.load(runs.TOY))
    assert all(final_models.keepable(plugins.load(name)) for name in ("prior", "small-cnn"))
    job = finished(tmp_path, runs.TOY)[0]
    final_models.fit(final_models.of(job))
    assert not list(models.rglob("*.json"))


def test_a_state_that_cannot_be_loaded_again_is_not_kept(toys, tmp_path, models):  # noqa: ARG001
    job = finished(tmp_path, "toy-forgetful")[0]
    with pytest.raises(model_store.WeightsError, match="the state cannot be loaded: KeyError: 'forgotten'"):
        final_models.fit(final_models.of(job))
    assert not list(models.rglob("*.json"))
