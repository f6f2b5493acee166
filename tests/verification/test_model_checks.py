"""A record is held to what the model declares that is installed under its name."""

import json

import honest
import msgspec
import pytest
from honest import change, problems

from benchmark.cost import front_end_costs
from benchmark.execution import record_key
from benchmark.features.front_ends import ssl
from benchmark.records import record_files
from benchmark.records.schema import Budget
from benchmark.verification import judgement, submission
from protocols import folds

MINE = """
from protocols.contract import Features, Info, SklearnModel


class Mine(SklearnModel):
    info = Info(name="mine", version="1", title="Mine", summary="S", licence="MIT", pretraining=("a set",),
                deterministic=True)
    defaults = {"c": 1.0}

    @staticmethod
    def features(params):
        return Features(front_end="mfcc", functionals=("mean",))

    @staticmethod
    def space(trial):
        return {"c": trial.suggest_float("c", 0.1, 10.0, log=True)}

    @staticmethod
    def estimator(params, seed):
        raise NotImplementedError
"""


@pytest.fixture
def mine(tmp_path, install):
    """A record of an installed model that nobody has trained."""
    return made(tmp_path, install, MINE)


def made(tmp_path, install, source):
    from benchmark.execution import assembly
    from benchmark.models import plugins

    install("mine_mod", source, {"mine": "Mine"})
    plugin = plugins.load("mine")
    path = honest.write(tmp_path / "results", model="mine")
    here = record_key.key(
        plugin,
        folds.load("savee-loso"),
        copy_digest="c" * 64,
        budget=Budget(trials=2, epochs=None, folds=None),
        seed=0,
    )
    record = record_files.read(path)
    change(path, "model", msgspec.to_builtins(assembly.declared(plugin, None)))
    change(path, "key", {**here, "versions": record.key["versions"]})
    change(path, "features", here["features"])
    change(
        path,
        "cost",
        "counts",
        lambda counts: [{**c, "front_end": macs(plugin, c["seconds"])} for c in counts],
    )
    return path


def macs(plugin, seconds):
    return front_end_costs.macs(plugin.features, round(16_000 * seconds))


def test_what_an_installed_model_declares_holds(mine):
    assert problems(mine) == []
    assert judgement.judge(mine).state == "recomputed"


def test_weights_that_are_not_here_hold_against_nobody_else(tmp_path, install, monkeypatch):
    """Of an encoder whose weights have no declared digest: the record's cannot be compared."""
    monkeypatch.setenv("UNHEARD_WEIGHTS", str(tmp_path))
    weights = tmp_path / ssl.encoder("WAV2VEC2_BASE").weights.file
    weights.write_bytes(b"weights")
    mfcc, encoder = 'front_end="mfcc", functionals=("mean",)', 'front_end="ssl"'
    path = made(tmp_path, install, MINE.replace(mfcc, encoder))
    assert problems(path) == []
    weights.write_bytes(b"others")
    assert "its key is not what mine gives here: features: " in problems(path)[0]
    weights.unlink()
    assert problems(path) == []
    for place in (["key", "features"], ["features"]):
        change(path, *place, "options", "bundle", "HUBERT_BASE")
    assert "its key is not what mine gives here: features: " in problems(path)[0]


def test_only_networks_have_another_class_of_numerics(mine):
    change(mine, "key", "numerics", "bf16")
    assert any("numerics: bf16 -> fp32" in problem for problem in problems(mine))


DECLARED = {
    "title": "Bayes-optimal oracle",
    "summary": "T",
    "paper": "https://example.org",
    "licence": "GPL",
    "pretraining": [],
    "transductive": True,
    "deterministic": False,
    "package": "",
}


def test_a_record_cannot_declare_what_the_installed_model_does_not(mine):
    honestly = mine.read_bytes()
    for name, value in DECLARED.items():
        change(mine, "model", name, value)
        [found] = problems(mine)
        assert found.startswith(f"its model's {name} is {value!r}; the installed mine has ")
        mine.write_bytes(honestly)


def test_another_version_of_the_same_package_is_the_same_model(mine):
    change(mine, "model", "package", "mine_mod 2")
    assert problems(mine) == []


def test_a_space_that_was_widened_in_record_and_key_alike(mine):
    wide = {"name": "FloatDistribution", "attributes": {"low": 0.1, "high": 1e9, "log": True, "step": None}}
    change(mine, "space", "c", wide)
    change(mine, "key", "space", "c", json.dumps(wide))
    [found] = problems(mine)
    assert found.startswith("its key is not what mine gives here: space: ")


def test_more_epochs_than_the_recipe_or_the_budget_has(mine, monkeypatch):
    plugin = submission.read(mine).plugin
    monkeypatch.setattr(type(plugin.backend), "most_epochs", lambda *_: 7)
    assert problems(mine) == []
    monkeypatch.setattr(type(plugin.backend), "most_epochs", lambda *_: 6)
    assert problems(mine) == [f"fold {fold}: it trained for 7 epochs, of 6 at most" for fold in range(4)]
    monkeypatch.setattr(type(plugin.backend), "most_epochs", lambda *_: None)
    change(mine, "budget", "epochs", 5)
    change(mine, "key", "budget", "epochs", 5)
    assert problems(mine)[0] == "fold 0: it trained for 7 epochs, of 5 at most"


def test_a_network_without_epochs_or_without_the_curve_that_chose_them(mine, monkeypatch):
    plugin = submission.read(mine).plugin
    monkeypatch.setattr(type(plugin.backend), "is_network", True)
    assert "fold 0: it has no curve over epochs that could have chosen its 7" in problems(mine)
    for fold in range(4):
        change(mine, "folds", fold, "pooled", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.6, 0.5])
    assert not any("curve" in problem for problem in problems(mine))
    for fold in range(4):
        change(mine, "folds", fold, "epochs", None)
    assert "fold 3: it has no epochs; mine is a network and trains for some" in problems(mine)


def test_a_key_with_a_teacher_that_the_model_has_not(mine):
    change(mine, "key", "teacher", "vit-teacher 1 0123")
    assert problems(mine) == ["its key has a teacher, unlike mine"]


def test_a_front_end_that_costs_something_else(mine):
    change(mine, "cost", "counts", 1, "front_end", lambda macs: macs + 1)
    [found] = problems(mine)
    assert found.startswith("its front end costs ")


def test_a_cost_that_its_author_is_made_to_declare(mine):
    change(mine, "cost", "by", "declared")
    assert problems(mine) == ["its cost is declared; that of mine is fitted shapes or not counted"]


def test_a_record_of_other_code_is_stale_and_what_it_declares_is_noted(mine):
    change(mine, "model", "source", "0" * 64)
    change(mine, "key", "model source", "0" * 64)
    change(mine, "model", "title", "Oracle")
    found = judgement.judge(mine)
    assert (found.state, found.problems) == ("stale", [])
    assert found.outdated[0].startswith("its source is not that of the mine that is installed")
    assert found.notes == ["its model's title is 'Oracle'; the installed mine has 'Mine'"]
