"""What Python code asks the system for is noted; who looks at the stack, only where it is a plugin."""

import gc
import inspect
import logging
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import protocols
from benchmark.checks.audit import asked

HOME = Path(protocols.__file__).parent


def test_files_that_are_altered_are_noted_and_temporary_ones_are_not(tmp_path):
    old = [tmp_path / name for name in ("old", "gone", "moved", "modes", "longer")]
    for path in old:
        path.write_text("x")
    with asked() as found:
        (tmp_path / "new").write_text("x")
        old[0].write_text("y")
        old[1].unlink()
        old[2].rename(tmp_path / "there")
        old[3].chmod(0o600)
        os.truncate(old[4], 0)
        (tmp_path / "folder").mkdir()
        (tmp_path / "link").symlink_to("new")
        os.link(tmp_path / "new", tmp_path / "hard")
        sqlite3.connect(tmp_path / "base").close()
        os.close(os.open(tmp_path / "low", os.O_CREAT | os.O_WRONLY))
        with tempfile.TemporaryFile() as file, tempfile.NamedTemporaryFile() as named:
            file.write(b"x")
            named.write(b"x")
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "x").touch()
        Path(os.devnull).write_text("x")
    new = {"new", "there", "folder", "link", "hard", "low", "base"}
    assert {Path(path).name for path in found.altered} == {*(path.name for path in old), *new}


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="Linux keeps files in memory there")
def test_a_file_in_memory_stays_too():
    path = Path("/dev/shm") / f"unheard-{os.getpid()}"
    try:
        with asked() as found:
            path.write_text("x")
        assert found.altered == [str(path)]
    finally:
        path.unlink()


def test_reading_is_no_alteration(tmp_path):
    (tmp_path / "x").write_text("x")
    with asked() as found:
        (tmp_path / "x").read_text()
        Path("/proc/self/status").read_text()
        Path("/proc/cpuinfo").read_text()
        subprocess.run(["true"], check=True)
    assert found.altered == []
    assert found.lookups == []


@pytest.mark.parametrize(
    "path",
    [
        *("/proc/self/maps", "/proc/self/smaps", "/proc/PID/maps"),
        *(HOME / "manifests/savee.csv", HOME / "splits/../manifests/savee.csv"),
    ],
)
def test_what_tells_labels_or_places_is_noted(path):
    path = str(path).replace("PID", str(os.getpid()))  # which is not the same in every worker
    with asked() as found:
        Path(path).read_bytes()
    assert found.lookups == [f"opened {os.path.abspath(path)}"]  # noqa: PTH100
    assert not found.touched


def test_the_cache_and_the_corpora_tell_too(tmp_path, monkeypatch):
    from benchmark.checks import audit

    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("UNHEARD_DATA", str(tmp_path / "data"))
    audit._telling_folders.cache_clear()
    for name in ("cache", "data", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").touch()
    with asked() as found:
        for name in ("cache", "data", "other"):
            (tmp_path / name / "x").read_bytes()
    audit._telling_folders.cache_clear()
    assert found.lookups == [f"opened {tmp_path}/{name}/x" for name in ("cache", "data")]


PLUGIN = {"__name__": "benchmark.models.plugin_files./home/me/mine%2Epy", "sys": sys, "gc": gc}


@pytest.mark.parametrize(
    ("call", "event"),
    [
        ("sys._getframe()", "sys._getframe"),
        ("sys._current_frames()", "sys._current_frames"),
        ("inspect.stack()", "sys._getframe"),
        ("inspect.currentframe()", "sys._getframe"),
        ("gc.get_objects()", "gc.get_objects"),
        ("gc.get_referrers(sys)", "gc.get_referrers"),
    ],
)
def test_who_looks_at_the_stack_counts(call, event):
    with asked() as found:
        exec(call, {**PLUGIN, "inspect": inspect})
    assert found.lookups == [f"called {event}"]
    with asked() as found:
        exec(call, {**PLUGIN, "__name__": "a_library", "inspect": inspect})
        exec("logging.getLogger('x').warning('a library looks at the stack')", {**PLUGIN, "logging": logging})
    assert found.lookups == []


def test_two_listeners_hear_of_their_own_time_alone(tmp_path):
    with asked() as outer:
        (tmp_path / "a").touch()
        with asked() as inner:
            (tmp_path / "b").touch()
    (tmp_path / "c").touch()
    assert [Path(path).name for path in outer.altered] == ["a", "b"]
    assert [Path(path).name for path in inner.altered] == ["b"]
