"""`run`: what it would do, what it does, what fails, and how it goes on."""

import json
import os
import shutil
from pathlib import Path

import pytest
import runs

from benchmark.corpora import embedded

DONE, FAILED, WRONG = 0, 1, 2


QUICK = ("--model", "prior", "--device", "cpu", "--jobs", "1")


DEMO = ("run", "--data", "demo", "--corpus", "savee", *QUICK)


RECORD = "_runs/synthetic/savee-loso/prior/seed-0.json"


pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A folder in which the demo has run, and how it ended."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, runs.command(*DEMO, cwd=folder)


@pytest.fixture
def after_demo(demo, here):
    """The test's own folder, after the demo."""
    return shutil.copytree(demo[0], here, dirs_exist_ok=True)


def test_protocols_may_be_named_instead_of_a_suite(call):
    demo = ("run", "--data", "demo", *QUICK, "--dry-run")
    code, _, err = call(*demo, "--protocol", "savee-loso", "--protocol", "tess-2fold")
    assert code == DONE
    assert "2 records, 0 of them already there" in err
    code, _, err = call(*demo, "--protocol", "savee-lso")
    assert code == WRONG
    assert "there is no 'savee-lso'. Did you mean savee-loso" in err


def test_several_names_may_have_commas_between(call):
    demo = ("run", "--data", "demo", *QUICK, "--dry-run")
    code, _, err = call(
        *demo, "--corpus", "savee,tess", "--corpus", "emodb", "--model", "nearest-mean, prior"
    )
    assert code == DONE
    assert "6 records, 0 of them already there" in err
    code, _, err = call(*demo, "--protocol", "savee-loso,tess-2fold")
    assert "2 records, 0 of them already there" in err


@pytest.mark.slow
def test_what_failed_is_named_though_the_site_cannot_be_built(call, here, monkeypatch):
    monkeypatch.setenv("TOY_TROUBLE", "die")
    strange = here / "_runs/synthetic/savee-loso/prior/seed-7.json"
    strange.parent.mkdir(parents=True)
    strange.write_text("{}")
    code, _, err = call("run", "--data", "demo", "--corpus", "savee", *QUICK, "--model", runs.TOY)
    assert code == WRONG
    assert "1 jobs failed: savee-loso toy seed 0" in err
    assert "seed-7.json" in err


def test_dry_run_computes_nothing(call, here, tmp_path_factory, monkeypatch):
    made, own = embedded.ensure(), tmp_path_factory.mktemp("cache")
    (own / made.name).symlink_to(made)
    monkeypatch.setenv("UNHEARD_CACHE", str(own))
    code, out, err = call("run", "--data", "demo", *QUICK, "--dry-run")
    assert code == DONE
    assert out == ""
    assert err.startswith("synthetic")
    assert "UNHEARD_DATA" in err
    assert "6 records, 0 of them already there" in err
    assert "would make _runs/synthetic/emodb-loso/prior/seed-0.json (2 folds)" in err
    assert not list(here.iterdir())
    assert not (own / "features").exists()


def test_a_run_says_once_that_a_strangers_code_will_run(call):
    demo = ("run", "--data", "demo", "--corpus", "savee", "--corpus", "tess", "--dry-run")
    _, _, err = call(*demo, "--model", runs.TOY, "--model", "prior")
    assert err.count("toy: not part of unheard; to run a plugin is to run its author's code") == 1
    _, _, err = call(*demo, "--model", "prior")
    assert "author's code" not in err


@pytest.mark.slow
def test_a_skipped_model_is_named(call, monkeypatch):
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "opensmile" else real(name, *rest)
    )
    code, _, err = call("run", "--data", "demo", "--corpus", "savee", "--suite", "quick", "--dry-run")
    assert code == DONE
    assert "egemaps-svm: not run here, it needs the extra: pip install 'unheard[egemaps]'" in err
    code, _, err = call("run", "--data", "demo", "--corpus", "savee", "--model", "egemaps-svm", "--dry-run")
    assert code == WRONG
    assert "egemaps-svm cannot run here" in err


@pytest.mark.slow
def test_demo_from_the_first_line_to_the_page(demo):
    folder, ended = demo
    assert (ended.returncode, ended.stdout) == (DONE, "")
    assert ended.stderr.startswith("synthetic")
    assert f"open this page: {folder / '_site/index.html'}" in ended.stderr.replace("\n", "")
    assert "synthetic" in (folder / "_site/index.html").read_text().lower()


@pytest.mark.slow
def test_a_second_run_computes_nothing(call, after_demo):
    record = after_demo / RECORD
    made = record.stat().st_mtime_ns
    code, _, err = call(*DEMO)
    assert code == DONE
    assert "1 records, 1 of them already there" in err
    assert record.stat().st_mtime_ns == made


@pytest.mark.slow
def test_another_key_stops_and_force_replaces(call, after_demo):
    arguments = (*DEMO, "--results", "r")
    (after_demo / "_runs").rename(after_demo / "r")
    record = after_demo / "r/synthetic/savee-loso/prior/seed-0.json"
    before = record.read_bytes()
    code, _, err = call(*arguments, "--trials", "2")
    assert code == WRONG
    assert "was made with other settings" in err
    assert "budget: " in err
    assert record.read_bytes() == before
    code, _, err = call(*arguments, "--trials", "2", "--force")
    assert code == DONE
    assert json.loads(record.read_bytes())["budget"]["trials"] == 2


@pytest.mark.slow
def test_a_failed_job_is_1_and_the_others_complete(here):
    ended = runs.command(
        "run", "--data", "demo", "--corpus", "savee", "--model", runs.TOY, *QUICK, cwd=here, TOY_TROUBLE="die"
    )
    assert ended.returncode == FAILED
    assert "1 jobs failed: savee-loso toy seed 0" in ended.stderr
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    assert (here / "_runs/synthetic/savee-loso/prior/seed-0.json").is_file()


@pytest.mark.slow
def test_weights_that_cannot_be_used_fail_their_model_alone(call, here, monkeypatch):
    monkeypatch.setenv("UNHEARD_WEIGHTS", str(here))
    (here / "wavlm_base.pth").write_bytes(b"cut short")
    code, _, err = call(
        "run", "--data", "demo", "--corpus", "savee", "--model", "wavlm-base-probe", *QUICK, "--final"
    )
    assert code == FAILED
    assert "1 jobs failed: savee-loso wavlm-base-probe seed 0\n" in err
    assert "prior on all of savee is kept" in err
    assert "savee-loso wavlm-base-probe seed 0 failed: its features: " in err
    assert "wavlm_base.pth: refused, and nothing in it was run" in err
    assert (here / "_runs/synthetic/savee-loso/prior/seed-0.json").is_file()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="interrupts a process group")
def test_ctrl_c_says_that_it_goes_on_and_shows_no_traceback(here):
    import signal
    import time

    search = ("--model", "mfcc-logreg", "--trials", "400", "--device", "cpu")
    running = runs.started("run", "--data", "demo", "--corpus", "savee", *search, cwd=here)
    for _ in range(600):
        if list(here.glob("_runs/.work/fits/*/*.round")):
            break
        time.sleep(0.1)
    else:
        pytest.fail((here / "log").read_text())
    os.killpg(running.pid, signal.SIGINT)
    assert running.wait(timeout=60) == 130, (here / "log").read_text()
    log = (here / "log").read_text()
    assert "the same command goes on from here" in log
    assert "Traceback" not in log


@pytest.mark.slow
def test_an_unknown_schema_is_refused(call, after_demo):
    record = after_demo / RECORD
    record.write_text(json.dumps({**json.loads(record.read_text()), "schema": 99}))
    code, _, err = call(*DEMO)
    assert code == WRONG
    assert "schema 99 is unknown" in err
    assert Path(record).name in err
