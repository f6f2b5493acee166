"""A sandbox shows a command what it is given, and nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.compute import sandbox

LOOK = """
import json, os, socket, sys
from pathlib import Path
hidden, lone, box, outside = map(Path, sys.argv[1:])
def tried(do):
    try:
        do()
    except OSError as error:
        return type(error).__name__
    return "done"
with socket.socket() as s:
    s.settimeout(1)
    network = tried(lambda: s.connect(("192.0.2.1", 80)))
print(json.dumps({
    "hidden": sorted(map(str, hidden.iterdir())), "lone": tried(lone.read_text), "outside": outside.exists(),
    "home": str(Path.home()), "environment": sorted(os.environ), "network": network,
    "processes": sorted(int(name) for name in os.listdir("/proc") if name.isdigit()),
    "folder": os.getcwd(), "writes": [tried((place / "x").touch) for place in (box, lone.parent)],
}))
"""


@pytest.fixture
def no_sandbox(monkeypatch):
    sandbox.missing.cache_clear()
    yield monkeypatch
    sandbox.missing.cache_clear()


def test_where_the_tool_is_not_there_it_says_so(no_sandbox, tmp_path):
    no_sandbox.setenv("PATH", str(tmp_path))
    assert "bubblewrap is not installed" in sandbox.missing()


def test_where_the_system_does_not_let_it_it_says_why(no_sandbox, tmp_path):
    tool = tmp_path / "bwrap"
    tool.write_text("#!/bin/sh\necho 'No permissions to create new namespace' >&2\nexit 1\n")
    tool.chmod(0o755)
    no_sandbox.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert sandbox.missing() == "bubblewrap does not work here: No permissions to create new namespace"


def test_it_shows_what_it_is_given_and_nothing_else(tmp_path, monkeypatch):
    if lack := sandbox.missing():
        pytest.skip(lack)
    monkeypatch.setenv("UNHEARD_DATA", "/somewhere")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    seen, hidden, box = tmp_path / "seen", tmp_path / "seen/hidden", tmp_path / "box"
    for folder in (seen, hidden, box):
        folder.mkdir()
    for file in (hidden / "labels.csv", seen / "lone.csv", tmp_path / "outside.csv"):
        file.write_text("angry")
    done = subprocess.run(
        sandbox.command(
            [sys.executable, "-c", LOOK, hidden, seen / "lone.csv", box, tmp_path / "outside.csv"],
            read=[*sandbox.pythons(), seen],
            write=box,
            hide=[hidden, seen / "lone.csv", tmp_path / "nowhere"],
            devices=False,
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["hidden"] == []
    assert found["lone"] == "PermissionError"
    assert not found["outside"]
    assert found["home"] == "/tmp"
    assert "UNHEARD_DATA" not in found["environment"]
    assert "OMP_NUM_THREADS" in found["environment"]
    assert found["network"] == "OSError"  # unreachable at once
    assert max(found["processes"]) < 10
    assert found["folder"] == str(box)
    assert found["writes"] == ["done", "OSError"]
    assert [path.name for path in box.iterdir()] == ["x"]


def test_beside_gpus_it_has_no_disk_and_no_memory_that_others_share(tmp_path):
    if lack := sandbox.missing():
        pytest.skip(lack)
    left = Path("/dev/shm", f"unheard-{tmp_path.name}-{os.getpid()}")
    left.write_text("angry")
    look = "import os; print(os.listdir('/dev/shm'), *sorted(os.listdir('/dev')))"
    seen = []
    for devices in (False, True):
        command = sandbox.command(
            [sys.executable, "-c", look], read=sandbox.pythons(), write=tmp_path, hide=[], devices=devices
        )
        seen.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    left.unlink()
    assert seen[0][0] == seen[1][0] == "[]"
    gpus = {path.name for pattern in sandbox.GPUS for path in Path("/dev").glob(pattern)}
    assert set(seen[1]) - set(seen[0]) == gpus
