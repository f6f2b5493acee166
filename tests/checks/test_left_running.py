"""Threads and processes that go on are found; those that end by themselves in a moment are not."""

import subprocess
import sys
import threading
import time

import pytest

from benchmark.checks import left_running


class Monitor(threading.Thread):
    """A library's."""


@pytest.fixture
def before():
    return left_running.threads(), left_running.processes()


def test_nothing_is_left_at_once(before):
    started = time.monotonic()
    assert left_running.new(*before) == []
    assert time.monotonic() - started < 1


def test_a_thread_and_processes_in_any_session(before, monkeypatch):
    monkeypatch.setattr(left_running, "PATIENCE", 0)
    done = threading.Event()
    threads = [kind(target=done.wait, name="busy") for kind in (threading.Thread, Monitor)]
    for thread in threads:
        thread.start()
    children = [subprocess.Popen(["sleep", "9"], start_new_session=own) for own in (False, True)]
    try:
        assert left_running.new(*before) == [
            *("the process sleep 9", "the process sleep 9"),
            *("the thread busy", "the thread busy (Monitor)"),
        ]
    finally:
        done.set()
        for thread in threads:
            thread.join()
        for child in children:
            child.kill()
            child.wait()
    assert left_running.new(*before) == []


ORPHAN = """
import os, subprocess
from benchmark.checks import left_running
left_running.PATIENCE = 0
before = left_running.threads(), left_running.processes()
subprocess.run(["sh", "-c", "sleep 8 > /dev/null 2>&1 &"], check=True)
while "sleep 8" not in left_running.processes().values():
    pass  # until the shell's child has become it
print(left_running.new(*before))
[os.kill(number, 9) for number, words in left_running.processes().items() if words == "sleep 8"]
"""


def test_what_a_child_leaves_where_the_process_leads_a_session():
    done = subprocess.run(
        [sys.executable, "-c", ORPHAN], start_new_session=True, capture_output=True, text=True, check=True
    )
    assert done.stdout == "['the process sleep 8']\n"


def test_what_ends_in_a_moment_is_not_left(before):
    child = subprocess.Popen(["sleep", "0.2"])
    assert left_running.new(*before) == []
    child.wait()
