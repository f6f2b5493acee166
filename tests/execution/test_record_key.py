import hashlib
import json
import re
import subprocess
from importlib.metadata import version

import pytest
import runs

from benchmark.execution import environment, record_key
from benchmark.models import plugins
from benchmark.records import schema_1
from benchmark.records.schema import Budget
from benchmark.storage import places
from protocols import folds, registry

BUDGET = Budget(trials=20, epochs=None, folds=None)


def key(model="mfcc-logreg", protocol="emodb-loso", **given):
    parts = {"copy_digest": "c" * 64, "budget": BUDGET, "seed": 0, **given}
    return record_key.key(plugins.load(model), folds.load(protocol), **parts)


def test_the_key_holds_all_of_the_rule():
    made = key()
    plugin = plugins.load("mfcc-logreg")
    assert made["protocol"] == folds.load("emodb-loso").digest
    assert made["corpus copy"] == "c" * 64
    assert made["model"] == "mfcc-logreg 1"
    assert made["model source"] == plugin.source
    assert made["features"] == {
        "front_end": "mfcc",
        "options": {"n_fft": 512, "hop": 160, "n_mels": 64, "n_mfcc": 20, "deltas": 1},
        "functionals": ["mean", "std", "min", "max"],
        "seconds": None,
        "version": 1,
    }
    assert json.loads(made["space"]["C"])["attributes"]["low"] == 1e-4
    assert made["defaults"] == {"C": 1.0}
    assert made["budget"] == {"trials": 20, "epochs": None, "folds": None}
    assert (made["seed"], made["numerics"]) == (0, "fp32")
    assert made["versions"] == {name: version(name) for name in ("torch", "numpy", "scikit-learn")}
    assert made["training"] == record_key.TRAINING_VERSION


@pytest.mark.parametrize(
    ("model", "other_seeds"),
    [
        ("small-cnn", "refit seed 0's winners"),
        ("mfcc-logreg", "search anew"),
        (runs.TOY, "refit seed 0's winners where they have epochs, else search anew"),
    ],
)
def test_the_key_says_what_other_seeds_do(model, other_seeds):
    assert key(model)["other seeds"] == key(model, seed=1)["other seeds"] == other_seeds


def test_a_torch_models_recipe_is_in_its_key():
    assert key("small-cnn")["recipe"]["epochs"] == 20
    assert "recipe" not in key()


def test_the_source_is_the_digest_of_what_the_model_runs():
    source = hashlib.sha256((places.CHECKOUT / "baselines" / "mfcc_logreg.py").read_bytes()).hexdigest()
    listed = f"{source}  baselines/mfcc_logreg.py\n"
    assert key()["model source"] == hashlib.sha256(listed.encode()).hexdigest()


@pytest.mark.parametrize("model", registry.names("models"))
def test_a_key_is_the_same_after_json(model):
    assert json.loads(json.dumps(key(model))) == key(model)


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("corpus copy", {"copy_digest": "d" * 64}),
        ("budget", {"budget": Budget(trials=1, epochs=None, folds=None)}),
        ("budget", {"budget": Budget(trials=20, epochs=2, folds=None)}),
        ("budget", {"budget": Budget(trials=20, epochs=None, folds=[0])}),
        ("seed", {"seed": 1}),
        ("numerics", {"numerics": "bf16"}),
        ("protocol", {"protocol": "emovo-loso"}),
    ],
)
def test_what_decides_a_record_changes_its_key(part, change):
    (line,) = record_key.differences(key(), key(**change))
    assert line.startswith(f"{part}: ")
    assert " -> " in line


def test_numerics_decide_inner_fits_too():
    assert record_key.of_fits(key(numerics="tf32")) != record_key.of_fits(key())


def test_models_differ_in_more_than_their_name():
    parts = [line.split(":")[0] for line in record_key.differences(key("prior"), key("nearest-mean"))]
    assert parts == ["features", "model", "model source"]


def test_differences_name_what_appeared_and_went():
    assert record_key.differences({"a": 1, "b": 2}, {"b": 2}) == ["a: 1 -> None"]
    assert record_key.differences({}, {"a": 1}) == ["a: None -> 1"]
    assert record_key.differences({"a": 1}, {"a": 1}) == []


def test_long_values_are_cut():
    (line,) = record_key.differences({"a": "x" * 100}, {"a": "y"})
    assert line == f"a: {'x' * 57}... -> y"


def test_the_environment():
    here = environment.environment("cpu")
    assert here.device == "cpu"
    assert here.constraints == hashlib.sha256(places.constraints().read_bytes()).hexdigest()
    assert here.versions["optuna"] == version("optuna")
    assert {"torch", "numpy", "scikit-learn"} <= set(here.versions)
    assert here.processor
    assert here.python.startswith("3.")


def test_no_commit_outside_of_a_checkout(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "CHECKOUT", tmp_path)
    environment.checkout_commit.cache_clear()
    assert environment.checkout_commit() == ""
    environment.checkout_commit.cache_clear()


def test_a_commit_says_whether_the_code_was_edited_since(tmp_path, monkeypatch):
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    (tmp_path / "benchmark").mkdir()
    (tmp_path / "notes").write_text("one")
    code = tmp_path / "benchmark" / "code.py"
    code.write_text("one")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *words], check=True)
    monkeypatch.setattr(places, "CHECKOUT", tmp_path)

    def commit():
        environment.checkout_commit.cache_clear()
        return environment.checkout_commit()

    clean = commit()
    assert re.fullmatch("[0-9a-f]{40}", clean)
    (tmp_path / "notes").write_text("two")
    assert commit() == clean
    code.write_text("two")
    assert commit() == f"{clean}+changes"
    environment.checkout_commit.cache_clear()


def test_what_is_not_installed_has_no_version():
    assert environment.installed("numpy") == version("numpy")
    assert environment.installed("no-such-distribution") == ""


def test_who_ran_it_is_one_printable_line(monkeypatch):
    monkeypatch.delenv("UNHEARD_SUBMITTER", raising=False)
    assert environment.submitter() == ""
    monkeypatch.setenv("UNHEARD_SUBMITTER", " A. Author,\n\x1b[2J a  lab " + "x" * 200)
    assert environment.submitter().startswith("A. Author, [2J a lab xx")
    assert len(environment.submitter()) == 100


def test_several_front_ends_are_a_list_and_one_is_none(tmp_path):
    text = (
        "from protocols.contract import Features, Info, SklearnModel\n"
        "class Pair(SklearnModel):\n"
        "    info = Info(name='pair', version='1', title='', summary='')\n"
        "    @staticmethod\n"
        "    def features(params):\n"
        "        return [Features(front_end=name, seconds=3.0) for name in ('log-mel', 'pitch')]\n"
    )
    (tmp_path / "pair.py").write_text(text)
    (tmp_path / "single.py").write_text(text.replace("('log-mel', 'pitch')", "('log-mel',)"))
    pair, single = (plugins.load(str(tmp_path / name)) for name in ("pair.py", "single.py"))
    found = record_key.features(pair)
    assert isinstance(found, list)
    mel, pitch = found
    assert record_key.features(single) == mel
    assert (mel["front_end"], pitch["front_end"]) == ("log-mel", "pitch")
    assert pitch["options"] == {"n_fft": 1024, "hop": 160, "lowest": 60.0, "highest": 600.0}
    assert mel["seconds"] == pitch["seconds"] == 3.0


def test_the_features_of_committed_records_are_todays():
    """Of a model whose version has not been raised since."""
    compared = 0
    for path in sorted(places.CHECKOUT.glob("results/*/*/*/seed-0.json")):
        record = schema_1.converted(json.loads(path.read_bytes()), {}, {})
        plugin = plugins.load(record["model"]["name"])
        if not plugin.missing and plugin.info.version == record["model"]["version"]:
            assert record["key"]["features"] == json.loads(json.dumps(record_key.features(plugin)))
            compared += 1
    assert compared > 20
