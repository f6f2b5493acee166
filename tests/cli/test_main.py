"""The command line as a person meets it: exit codes, words, where they go, and never a traceback."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import runs

from benchmark.cli import arguments, run
from benchmark.corpora import embedded
from benchmark.execution import suites

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


def test_help_does_not_import_what_is_heavy():
    script = (
        "import sys\n"
        "from benchmark.cli.main import main\n"
        "try:\n    main(['run', '--help'])\nexcept SystemExit as end:\n    assert end.code == 0\n"
        "heavy = {'torch', 'numpy', 'sklearn', 'optuna', 'scipy', 'soundfile'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "--allow-missing" in ended.stdout


VERBS = (
    "run",
    "list",
    "corpora",
    "audit",
    "check",
    "new-model",
    "cost",
    "verify",
    "compare",
    "site",
    "predict",
)


@pytest.mark.parametrize("words", ["", *VERBS, "corpora check", "corpora fetch"])
def test_help_answers_at_once_and_loads_nothing_heavy(words):
    """In processor time, so that what else the machine does is not its fault."""
    script = (
        "import sys, time\n"
        "from benchmark.cli.main import main\n"
        f"try:\n    main({words.split()!r} + ['--help'])\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        "heavy = {'torch', 'numpy', 'sklearn', 'optuna', 'scipy', 'soundfile', 'rich', 'pandas'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "assert time.process_time() < 0.5, time.process_time()\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "--help" in ended.stdout


def test_list_protocols_shows_what_each_takes_and_keeps_apart(call):
    code, out, _ = call("list", "protocols", "--json")
    assert code == DONE
    [row] = [row for row in json.loads(out) if row["name"] == "savee-loso"]
    assert (row["corpora"], row["apart"]) == (["savee"], ["speaker"])
    assert (row["folds"], row["ranks"], row["leaks"]) == (4, True, "no")
    shown = call("list", "protocols")[1]
    assert "apart" in shown
    assert "savee-loso: Leave one speaker out (4 folds)" in shown


def test_protocols_may_be_named_instead_of_a_suite(call):
    demo = ("run", "--data", "demo", *QUICK, "--dry-run")
    code, _, err = call(*demo, "--protocol", "savee-loso", "--protocol", "tess-2fold")
    assert code == DONE
    assert "2 records, 0 of them already there" in err
    code, _, err = call(*demo, "--protocol", "savee-lso")
    assert code == WRONG
    assert "there is no 'savee-lso'. Did you mean savee-loso" in err


def test_help_names_the_verbs_and_they_all_have_help(call):
    code, out, _ = call("--help")
    assert code == DONE
    for verb in VERBS:
        assert verb in out
        assert call(verb, "--help")[0] == DONE


def test_help_has_each_verb_once_and_on_one_line_below_who_needs_it(call):
    lines = call("--help")[1].splitlines()
    verbs = [line.split()[0] for line in lines if line.startswith("  ")]
    for verb in VERBS:
        assert verbs.count(verb) == 1, verb
    assert max(map(len, lines)) <= 80
    place = {words: number for number, line in enumerate(lines) for words in line.split()[:1]}
    heading = next(number for number, line in enumerate(lines) if "(engineers)" in line)
    assert place["site"] < heading < place["predict"]


def test_several_names_may_have_commas_between(call):
    demo = ("run", "--data", "demo", *QUICK, "--dry-run")
    code, _, err = call(
        *demo, "--corpus", "savee,tess", "--corpus", "emodb", "--model", "nearest-mean, prior"
    )
    assert code == DONE
    assert "6 records, 0 of them already there" in err
    code, _, err = call(*demo, "--protocol", "savee-loso,tess-2fold")
    assert "2 records, 0 of them already there" in err


def test_a_path_with_a_comma_is_one_name(here):
    (here / "a,b.py").touch()
    assert arguments.names("a,b.py") == ["a,b.py"]
    assert arguments.names("b,a") == ["b", "a"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "--corpus", "savee,"], ["--corpus: 'savee,' has an empty name"]),
        (["run", "--suite", "everything"], ["suites: there is no 'everything'", "all, quick"]),
        (["run", "--model", "smal-cnn"], ["there is no 'smal-cnn'", "small-cnn"]),
        (["run", "--model", "nowhere.py"], ["nowhere.py: there is no such file"]),
        (["run", "--corpus", "raydess", *QUICK], ["there is no 'raydess'", "ravdess"]),
        (["run", "--seeds", "0"], ["--seeds", "'0' is not a whole number of at least 1"]),
        (["run", "--trials", "x"], ["--trials", "'x' is not a whole number"]),
        (["run", "--jobs", "0"], ["--jobs", "'0' is not"]),
        (["run", "--device", "tpu"], ["--device", "tpu"]),
        (["run", "--data", "no/such/folder", *QUICK], ["no/such/folder: there is no such folder"]),
        (["run", "--data", "~nobody9/x", *QUICK], ["~nobody9/x: there is no such folder"]),
        (["run", "--data", "", *QUICK], ["--data is an empty name"]),
        (["verify", "--results", ""], ["an empty name; leave it out for the default"]),
        (["run", "--data", "x" * 300, *QUICK], ["x" * 300, "File name too long"]),
        (["verify", "x" * 300], ["x" * 300, "File name too long"]),
        (["walk"], ["walk"]),
        ([], ["VERB"]),
    ],
)  # fmt: skip
def test_a_wrong_request_is_named_and_ends_with_2(call, here, arguments, words):
    code, out, err = call(*arguments)
    assert code == WRONG
    assert out == ""
    for word in words:
        assert word in err
    assert not list(here.iterdir())


@pytest.mark.parametrize(
    ("option", "name", "words"),
    [("--model", "m.py", "m.py: there is no such file"), ("--protocol", "p.toml", "p.toml: not a readable")],
)
def test_a_link_to_itself_is_no_file(call, here, option, name, words):
    (here / name).symlink_to(name)
    code, _, err = call("run", option, name, *QUICK)
    assert code == WRONG
    assert words in err


@pytest.mark.slow
def test_a_name_that_the_terminal_cannot_show_is_shown_otherwise():
    process = subprocess.run(
        [sys.executable, "-m", "benchmark", "check", "modèle-é.py"],
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert process.returncode == WRONG
    assert b"mod\\xe8le-\\xe9.py: there is no such file" in process.stderr


@pytest.mark.slow
def test_a_reader_that_has_enough_is_no_failure():
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        process = subprocess.run(
            [sys.executable, "-m", "benchmark", "list", "models"],
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (process.returncode, process.stderr) == (DONE, b"")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_stream_is_no_failure(closed):
    listing = f"exec {shlex.quote(sys.executable)} -m benchmark list protocols --json {closed}"
    process = subprocess.run(["sh", "-c", listing], capture_output=True, text=True, check=False)
    assert (process.returncode, process.stderr) == (DONE, "")


def test_a_named_folder_that_does_not_exist_is_never_demo(call, monkeypatch):
    monkeypatch.setenv("UNHEARD_DATA", "/no/such/place")
    code, _, err = call("run", *QUICK)
    assert code == WRONG
    assert "/no/such/place" in err
    assert "synthetic" not in err


@pytest.mark.parametrize("where", ["/proc/unheard", "file/below"])
def test_results_that_cannot_be_written(call, here, where):
    (here / "file").write_text("a file")
    code, _, err = call("run", "--data", "demo", "--corpus", "savee", *QUICK, "--results", where)
    assert code == WRONG
    assert f"{where}" in err
    assert "cannot be written" in err


def test_a_folder_in_the_sites_place_is_named_before_the_work(call, here):
    (here / "_site").mkdir()
    (here / "_site/index.html").write_text("by another tool, in Zürich", encoding="latin-1")
    code, _, err = call("run", "--data", "demo", "--corpus", "savee", *QUICK)
    assert code == WRONG
    assert "_site: holds files that are not a site. Move them, or" in err
    assert not (here / "_runs").exists()


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


@pytest.mark.parametrize("what", ["suites", "protocols", "models", "corpora"])
def test_json_is_all_there_is_on_standard_output(call, what):
    code, out, _ = call("list", what, "--json")
    assert code == DONE
    rows = json.loads(out)
    assert all(row["name"] for row in rows)
    assert call("list", what)[0] == DONE


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


def test_synthesise_says_what_it_left_alone(call, here):
    (here / "savee").mkdir()
    code, _, err = call("corpora", "synthesise", "savee", "emodb", "--data", here)
    assert code == DONE
    assert f"{here}/savee: was there, and is left alone" in err
    assert f"{here}/emodb: a synthetic corpus" in err
    assert not list((here / "savee").iterdir())


def test_help_names_every_suite():
    named = set(re.findall(r"[a-z-]+", run.SUITES)) - {"default", "or"}
    assert named == set(suites.SUITES)
