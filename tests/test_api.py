"""The public Python surface: its names, what importing costs, and what its functions give."""

import ast
import builtins
import dataclasses
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import benchmark
from benchmark import api
from benchmark.execution import events
from benchmark.records import record_files
from benchmark.storage import files
from benchmark.verification import rerun
from protocols.errors import RecordError, StoreError, UnheardError

ROOT = Path(__file__).parents[1]
NAMES = ["compare", "fold_models", "leaderboard", "predict", "read", "run", "verify"]


def test_these_names_are_public_and_no_others():
    assert benchmark.__all__ == NAMES
    assert set(NAMES) <= set(dir(benchmark))
    for name in NAMES:
        assert getattr(benchmark, name) is getattr(api, name)
        assert getattr(benchmark, name).__doc__
    unknown = "train"
    with pytest.raises(AttributeError, match="module 'benchmark' has no attribute 'train'"):
        getattr(benchmark, unknown)


def test_a_type_checker_sees_the_same_names():
    """It reads the imports that no program runs."""
    tree = ast.parse(Path(benchmark.__file__).read_text(encoding="utf-8"))
    imported = [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "benchmark.api"
        for alias in node.names
    ]
    assert imported == NAMES
    assert (ROOT / "benchmark/py.typed").is_file()


def test_importing_it_loads_nothing_heavy():
    script = (
        "import sys\n"
        "import benchmark\n"
        "light = {name for name in sys.modules if name.startswith(('benchmark', 'protocols'))}\n"
        "assert light == {'benchmark', 'benchmark.version'}, light\n"
        "from benchmark import run, read\n"
        "heavy = {'torch', 'numpy', 'sklearn', 'optuna', 'scipy', 'soundfile', 'pandas'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_the_extra_pandas_is_declared():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert any(line.startswith("pandas") for line in extras["pandas"])
    assert set(extras["pandas"]) <= set(extras["dev"])


def test_a_dry_run_computes_nothing_and_tells_its_listener(here):
    came: list[events.Event] = []
    done = benchmark.run(
        data="demo", corpora="savee", models="prior", device="cpu", dry_run=True, listen=came.append
    )
    assert (done.records, done.exit_code, done.site) == ((), 0, None)
    assert done.synthetic
    [prepared] = [event for event in came if isinstance(event, events.Prepared)]
    assert [job.name for job in prepared.todo] == ["savee-loso prior seed 0"]
    assert not list(here.iterdir())


def test_a_protocol_may_be_named_instead_of_a_suite(here):  # noqa: ARG001
    came: list[events.Event] = []
    benchmark.run(
        data="demo",
        protocols=["tess-2fold"],
        models="prior",
        device="cpu",
        dry_run=True,
        listen=came.append,
    )
    [prepared] = [event for event in came if isinstance(event, events.Prepared)]
    assert {job.protocol.name for job in prepared.todo} == {"tess-2fold"}


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"trials": 0}, "trials: 0 is not a whole number of at least 1"),
        ({"epochs": 0}, "epochs: 0 is not a whole number of at least 1"),
        ({"jobs": -1}, "jobs: -1 is not a whole number"),
        ({"data": ""}, "is an empty name"),
        ({"models": "smal-cnn"}, "Did you mean small-cnn"),
        ({"protocols": "savee-lso", "models": "prior"}, "Did you mean savee-loso"),
        ({"device": "abacus"}, "abacus"),
    ],
)
def test_a_wrong_request_is_an_error_with_a_message(here, request_, message):
    wanted: dict[str, Any] = {"data": "demo", "device": "cpu", **request_}
    with pytest.raises(UnheardError, match=message):
        benchmark.run(**wanted)
    assert not list(here.iterdir())


@pytest.mark.parametrize("name", ["a\0b.py", "a\ud800b.py"])
@pytest.mark.parametrize(
    "call",
    [
        lambda name: benchmark.run(data=name),
        lambda name: benchmark.run(data="demo", models=name),
        lambda name: benchmark.run(data="demo", protocols=[name]),
        lambda name: benchmark.run(data="demo", results=name),
        lambda name: benchmark.run(data="demo", models="prior", device="cpu", site=name),
        lambda name: benchmark.verify(name),
        lambda name: benchmark.verify(results=Path(name)),
        lambda name: benchmark.compare("prior", "nearest-mean", results=name),
        lambda name: benchmark.predict(name, "a.wav", corpus="savee"),
        lambda name: benchmark.predict("prior", ["a.wav", name], corpus="savee"),
        benchmark.leaderboard,
        benchmark.read,
    ],
)
def test_a_name_that_nothing_can_have_is_refused(here, call, name):
    with pytest.raises(UnheardError, match=r"'a.*b\.py': nothing can have such a name"):
        call(name)
    assert not list(here.iterdir())


def test_records_are_not_made_in_the_site_s_place(here):
    with pytest.raises(
        UnheardError, match=r"_site: the site goes there\. Name another folder with --results"
    ):
        benchmark.run(
            data="demo", corpora="savee", models="prior", device="cpu", results=here / "_site", site="_site"
        )
    assert not list(here.iterdir())


def test_a_failed_job_comes_with_the_reason():
    outcome = events.Outcome(
        results=Path("r"), records=(), failed={"a": "why"}, absent=(), partial={}, synthetic=False
    )
    assert outcome.exit_code == 1
    missing: dict[str, Any]
    for missing in ({"absent": ("savee",)}, {"partial": {"savee": ("a.wav",)}}):
        assert dataclasses.replace(outcome, failed={}, **missing).exit_code == 3


def test_frames_have_a_row_a_record_and_a_row_a_clip(results, tmp_path):
    records = Path(tmp_path / "results")
    for source in record_files.find(results):
        if source.parts[-3] == "savee-loso":
            for path in (source, record_files.predictions_place(source)):
                copy = records / path.relative_to(results)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())
    frames = benchmark.read(records)
    assert len(frames.records) == len(list(record_files.find(records)))
    assert set(frames.predictions.groupby(["board", "model", "seed"]).clip.count()) == {480}
    row = frames.records[(frames.records.board == "derived") & (frames.records.model == "good")].iloc[0]
    made = record_files.read(Path(row.path))
    entry = benchmark.leaderboard(records)["derived"].tables["savee-loso"].entries[0]
    assert row.ranks
    assert entry.seed_uars[made.seed] == pytest.approx(row.uar)
    assert entry.optimism == pytest.approx(row.inner_uar - entry.uar)
    seed = frames.predictions[frames.predictions.seed == 0]
    probabilities = seed[[f"p_{label}" for label in made.labels]]
    assert (probabilities.idxmax(axis=1) == "p_" + seed.predicted).all()
    assert set(seed.label) == set(made.labels)
    assert seed.speaker.nunique() == 4
    place = record_files.predictions_place(Path(row.path))
    place.write_bytes(record_files.predictions_place(Path(frames.records.path.iloc[-1])).read_bytes())
    with pytest.raises(RecordError, match="not the predictions that its record vouches for"):
        benchmark.read(records)


def test_frames_without_pandas_name_the_extra(monkeypatch, tmp_path):
    real = builtins.__import__

    def without(name, *rest):
        if name == "pandas":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"pip install 'unheard\[pandas\]'"):
        benchmark.read(tmp_path)


def test_verify_gives_a_judgement_a_record(results):
    record = record_files.place(results, "derived", "savee-loso", "good", 0)
    [judgement] = benchmark.verify(record)
    assert judgement.path == record
    assert judgement.problems
    assert not judgement.holds
    assert judgement.reproduced
    assert judgement.state == "invalid"
    with pytest.raises(UnheardError, match="--blind goes with --rerun"):
        benchmark.verify(record, blind=True)
    with pytest.raises(RecordError, match="holds no records"):
        benchmark.verify(record.parents[1] / "nobody")


def test_compare_names_the_board_that_it_chose(results):
    assert benchmark.compare("good", "bad", results=results).board == "derived"
    assert benchmark.compare("bad", "lonely", results=results).board == "synthetic"


def test_where_no_verification_can_be_kept_nothing_is_refitted(tmp_path, monkeypatch):
    path = record_files.place(tmp_path, "derived", "emodb-loso", "prior", 0)
    files.write(path, "{}")
    fitted = []
    monkeypatch.setattr(rerun, "run", lambda *_, **__: fitted.append(True) or [])
    assert benchmark.verify(path, rerun=True, data=tmp_path)
    assert fitted == [True]

    def refuse(folder):
        raise StoreError(f"{folder}: cannot be written: the file system is read-only.")

    monkeypatch.setattr(files, "ready", refuse)
    with pytest.raises(StoreError, match=f"^{tmp_path}: cannot be written"):
        benchmark.verify(path, rerun=True, data=tmp_path)
    assert fitted == [True]
