"""The packages in examples/, installed as an outsider installs them, and what comes of bad ones."""

import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import runs

from benchmark.cli import main
from benchmark.models import plugins

EXAMPLES = Path(__file__).parents[1] / "examples"
MODELS = {
    "example-pipeline": "pipeline",
    "example-network": "network",
    "example-object": "plain",
    "example-melody": "melody",
}
FILES = {name: EXAMPLES / f"unheard-example/src/unheard_example/{file}.py" for name, file in MODELS.items()}
TWIN = """
from protocols.contract import Features, Info, SklearnModel

class Twin(SklearnModel):
    info = Info(name="twin", version="1", title="t", summary="s")

    @staticmethod
    def features(params):
        return Features(front_end="mfcc", functionals=("mean",))
"""


def pip_install(package, target):
    quiet = ("--quiet", "--disable-pip-version-check")
    how = (*quiet, "--no-deps", "--no-build-isolation", "--target", target)
    command = [sys.executable, "-m", "pip", "install", *map(str, how), str(EXAMPLES / package)]
    subprocess.run(command, check=True)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder with the example models' package installed."""
    target = tmp_path_factory.mktemp("models")
    pip_install("unheard-example", target)
    return target


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A folder with the example corpus's package installed."""
    target = tmp_path_factory.mktemp("corpus")
    pip_install("unheard-example-corpus", target)
    return target


def called(folder, target, *arguments):
    """The command line in a folder, with packages from a target folder: code, output, errors."""
    path = os.pathsep.join(filter(None, [os.fspath(target), os.environ.get("PYTHONPATH")]))
    done = runs.command(*arguments, cwd=folder, PYTHONPATH=path, OMP_NUM_THREADS="1")
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def outside(tmp_path):
    """The same in an empty folder."""
    return partial(called, tmp_path)


@pytest.fixture
def call(capsys, tmp_path, monkeypatch):
    """The command line in this process, in an empty folder: code, output and errors together, unfolded."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = main.main(arguments)
        output = capsys.readouterr()
        return code, " ".join((output.out + output.err).split())

    return run


@pytest.mark.parametrize("path", FILES.values(), ids=FILES)
def test_a_model_is_one_short_file(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) < 40


@pytest.mark.parametrize(("name", "path"), FILES.items(), ids=FILES)
def test_its_file_is_a_model_by_path(name, path):
    plugin = plugins.load(str(path))
    assert (plugin.info.name, plugin.package, plugin.missing) == (name, "", "")
    assert plugin.info.licence


@pytest.mark.slow
def test_installed_models_are_listed(models, outside):
    code, out, _ = outside(models, "list", "models", "--json")
    listed = {row["name"]: row for row in json.loads(out)}
    assert code == 0
    assert set(MODELS) <= set(listed)
    assert {listed[name]["package"] for name in MODELS} == {"unheard-example 0.1.0"}
    assert {listed[name]["runs here"] for name in MODELS} == {"yes"}


@pytest.fixture(scope="module")
def ran(models, tmp_path_factory):
    """A folder in which the example models have run on the demo, to their final models."""
    folder = tmp_path_factory.mktemp("ran")
    wanted = [word for name in MODELS for word in ("--model", name)]
    run = ("run", "--data", "demo", "--corpus", "savee", "--results", "records", "--device", "cpu")
    code, _, err = called(folder, models, *run, "--seeds", "1", "--final", *wanted)
    assert code == 0, err
    assert "example-object: offers no state" in err  # the others are kept, perhaps by another test worker
    return folder


def record(folder, name):
    return json.loads((folder / f"records/synthetic/savee-loso/{name}/seed-0.json").read_bytes())


@pytest.mark.slow
def test_installed_models_run_to_a_row_on_the_site(models, ran):
    for name in MODELS:
        assert record(ran, name)["model"]["package"] == "unheard-example 0.1.0"
        assert f'<tr data-model="{name}"' in (ran / "_site/synthetic/index.html").read_text()
    code, out, _ = called(ran, models, "verify", "--results", "records")
    assert (code, "4 records: 4 recomputed" in out) == (0, True)


@pytest.mark.slow
def test_what_installed_models_cost(models, ran):
    by = {"example-pipeline": "fitted shapes", "example-network": "fvcore", "example-object": "declared",
          "example-melody": "fvcore"}  # fmt: skip
    assert {name: record(ran, name)["cost"]["by"] for name in MODELS} == by
    code, out, _ = called(ran, models, "cost", "example-melody", "--json")
    assert (code, json.loads(out)["cost"]["by"]) == (0, "fvcore")


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_installed_models_honour_the_contract(models, outside, name):
    code, out, _ = outside(models, "check", name)
    assert code == 0, out


@pytest.mark.slow
def test_a_model_of_two_front_ends_is_kept_and_used_again(models, ran, cache):
    """Its key holds both front ends; `run --final` keeps its state, and `predict` stacks them too."""
    made = record(ran, "example-melody")
    assert [each["front_end"] for each in made["key"]["features"]] == ["log-mel", "pitch"]
    assert made["features"] == made["key"]["features"]
    clip = next(cache.glob("demo-*/savee/**/*.wav"))
    predict = ("predict", "--model", "example-melody", "--corpus", "savee", clip, "--json")
    code, out, err = called(ran, models, *predict)
    assert code == 0, err
    assert sum(json.loads(out)["files"][0]["probabilities"].values()) == pytest.approx(1, abs=1e-3)


def test_two_packages_with_one_model_name_are_both_named(install, call):
    install("first", TWIN, {"twin": "Twin"})
    install("second", TWIN, {"twin": "Twin"})
    code, output = call("list", "models")
    assert code == 2
    both = "first:Twin (of first 1), second:Twin (of second 1)"
    assert f"two models are called 'twin': {both}. Uninstall one of them." in output


def test_a_broken_package_stops_no_other_model(install, call):
    install("lost", "import nowhere", {"lost-model": "Lost"})
    why = "cannot be imported: ModuleNotFoundError: No module named 'nowhere'. Repair or uninstall lost 1."
    code, output = call("list", "models")
    assert code == 0
    assert f"lost-model: not usable here: {why}" in output
    assert "mfcc-logreg" in output
    dry = ("run", "--data", "demo", "--corpus", "savee", "--dry-run")
    code, output = call(*dry, "--suite", "quick")
    assert code == 0
    assert f"lost-model: not run here, {why}" in output
    assert "savee-loso/prior/seed-0.json" in output
    assert call(*dry, "--model", "prior")[0] == 0
    code, output = call(*dry, "--model", "lost-model")
    assert code == 2
    assert f"error: lost-model: {why}" in output


def test_a_student_without_its_teacher_stops_no_other_model(install, call):
    student = TWIN.replace('summary="s"', 'summary="s", needs={"teacher": "nobody"}')
    install("pupil", student, {"twin": "Twin"})
    code, output = call("list", "models")
    assert code == 0
    assert "twin: not usable here: models: there is no 'nobody'." in output


@pytest.mark.slow
def test_an_installed_corpus_runs_where_it_is_named(corpus, outside, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    assert outside(corpus, "audit", "example-loso")[0] == 0
    assert outside(corpus, "corpora", "synthesise", "example", "--data", data)[0] == 0
    named = ("--data", data, "--corpus", "example", "--results", "records")
    few = ("--model", "prior", "--trials", "1", "--seeds", "1", "--device", "cpu")
    code, _, err = outside(corpus, "run", *named, *few)
    assert code == 0, err
    assert (tmp_path / "records/synthetic/example-loso/prior/seed-0.json").is_file()
    assert "Example corpus" in (tmp_path / "_site/synthetic/index.html").read_text()
    code, out, _ = outside(corpus, "verify", "--results", "records")
    assert (code, "1 record: 1 recomputed" in out) == (0, True)


MODULE, MANIFEST, SPLIT = (
    f"unheard_example_corpus/{name}" for name in ("__init__.py", "example.csv", "example-loso.toml")
)
ENTRIES = "unheard_example_corpus-0.1.0.dist-info/entry_points.txt"
CORPORA, AUDIT = ("list", "corpora"), ("audit", "example-loso")
RUN = ("run", "--corpus", "example", "--dry-run")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new", "arguments", "message"),
    [
        (MODULE, "import re", "import nowhere", CORPORA, "No module named 'nowhere'. Repair or uninstall"),
        (ENTRIES, ":CORPUS", ":LABELS", CORPORA, "example: its entry point must name a `Corpus`"),
        (ENTRIES, ":EXAMPLE_LOSO", ":SPEAKERS", AUDIT, "must name the path of a split file, not {'ann'"),
        (MODULE, "example.csv", "none.csv", CORPORA, "none.csv: No such file or directory. To write the"),
        (MANIFEST, "clip,path", "clip,file", CORPORA, "example.csv is not a manifest"),
        (MANIFEST, "anger,3", "wrath,3", CORPORA, "ann-anger-3 has emotion 'wrath' and speaker 'ann', and"),
        (SPLIT, '"example-loso"', '"mine"', AUDIT, "its name is 'mine', its entry point's 'example-loso'"),
        (SPLIT, "digest = ", "digest_ = ", AUDIT, "not a split file: Object missing required field `digest`"),
        (SPLIT, "version = 1", "version = 2", AUDIT, 'manifest = "80d0d677'),
        (ENTRIES, "[unheard.protocols]", "[none]", RUN, "example: no installed protocol is for it"),
    ],
)  # fmt: skip
def test_a_bad_corpus_or_split_says_what_is_wrong(
    corpus, outside, tmp_path, file, old, new, arguments, message
):
    damaged = shutil.copytree(corpus, tmp_path / "damaged", ignore=shutil.ignore_patterns("__pycache__"))
    text = (damaged / file).read_text(encoding="utf-8")
    assert old in text
    (damaged / file).write_text(text.replace(old, new), encoding="utf-8")
    code, out, err = outside(damaged, *arguments)
    assert (code, out) == (2, "")
    assert message in err
