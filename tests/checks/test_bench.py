"""A plugin's process is asked, waited for, and ended with all that it has started."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmark.checks import bench, messages, supervisor
from benchmark.checks.rules import BY_NAME
from benchmark.checks.subject import CrashError, StoppedError
from benchmark.compute import sandbox


@pytest.fixture(params=["namespace", "group"])
def tiny(request, monkeypatch):
    """Makes a bench whose process does what is asked for, in a namespace or without."""
    if request.param == "group":
        monkeypatch.setattr(sandbox, "missing", lambda: "not here")
    elif lack := sandbox.missing():
        pytest.skip(lack)
    monkeypatch.setattr(bench, "WORKER", "tiny_worker")
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "support")
    seconds = f"9{time.time_ns() % 10**9:09d}"  # a process is found by it
    monkeypatch.setenv("TINY_SLEEP", seconds)

    def made(does):
        monkeypatch.setenv("TINY_DOES", does)
        return bench.Bench(), seconds

    yield made
    left = after(seconds, 0)
    assert not left or request.param == "group"
    for number in left:  # it left its group, and there was no namespace
        os.kill(number, signal.SIGKILL)


def running(seconds):
    """The processes that sleep for so long."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (folder / "cmdline").read_bytes().split(b"\0")[:2] == [b"sleep", seconds.encode()]:
                found.append(int(folder.name))
    return found


def begun(seconds, n):
    """Whether so many do, before some time has passed."""
    end = time.monotonic() + 5
    while len(running(seconds)) < n and time.monotonic() < end:
        time.sleep(0.05)
    return len(running(seconds)) == n


def after(seconds, n):
    """Those that still do, once there are no more than n, or some time has passed."""
    end = time.monotonic() + 2
    while len(found := running(seconds)) > n and time.monotonic() < end:
        time.sleep(0.05)
    return found


def test_its_answer_comes_and_all_that_it_started_ends_with_it(tiny, request):
    made, seconds = tiny(messages.encode({"came": {"of": [1, 2]}}).hex())
    assert made.ask("anything") == {"of": [1, 2]}
    assert begun(seconds, 2)
    made.close()
    n = 0 if "namespace" in request.node.name else 1  # one has left the process group
    assert len(after(seconds, n)) == n
    assert not Path(made.scratch.name).exists()


@pytest.mark.parametrize(
    ("does", "words"),
    [
        ("die", "its process ended by itself, with exit code 7"),
        ("kill itself", "its process was killed by signal 9"),
        ("nothing", "it was stopped"),
    ],
)
def test_an_end_and_a_silence_are_named(tiny, does, words):
    made, _ = tiny(does)
    made.deadline = time.monotonic() + (1 if does == "nothing" else 60)
    with pytest.raises(StoppedError, match=words):
        made.ask("anything")
    made.close()


def test_what_the_plugin_raised_comes_in_words(tiny):
    made, _ = tiny(messages.encode({"crash": {"words": "ValueError: no", "where": " (at x)"}}).hex())
    with pytest.raises(CrashError) as caught:
        made.ask("anything")
    made.close()
    assert caught.value.text == "ValueError: no (at x)"


@pytest.mark.parametrize(
    "answer",
    [b"\xc1", b"garbage", messages.encode([1]), messages.encode({"came": 3}), messages.encode({"crash": {}})],
)
def test_an_answer_that_is_none_breaks_the_rule(tiny, answer):
    tiny(answer.hex())[0].close()  # sets what it does
    judging = supervisor.Supervisor("any.py", 60)
    verdict = judging.judge(BY_NAME["fits"])
    judging.close()
    assert verdict.broken
    assert verdict.came.startswith("what came cannot be judged: ")


def test_after_three_ends_nothing_more_is_judged(tiny, monkeypatch, tmp_path):
    tiny("die")[0].close()
    (tmp_path / "plugin.py").touch()
    monkeypatch.setattr(supervisor, "RULES", [BY_NAME[name] for name in ("space", "cost", "state", "seed")])
    found = list(supervisor.check(str(tmp_path / "plugin.py")))
    assert [verdict.holds for verdict in found] == ["no", "no", "no", "not run"]
    assert found[3].note == "its process has ended 3 times"


def test_the_judge_imports_nothing_heavy():
    script = (
        "import sys, benchmark.checks.supervisor; print({'torch', 'optuna', 'sklearn'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
