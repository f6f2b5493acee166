"""The command line as a person meets it: exit codes, words, where they go, and never a traceback."""

import os
import shlex
import subprocess
import sys

import pytest

from benchmark.cli import arguments

DONE, FAILED, WRONG = 0, 1, 2


QUICK = ("--model", "prior", "--device", "cpu", "--jobs", "1")


pytestmark = pytest.mark.usefixtures("here")


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
