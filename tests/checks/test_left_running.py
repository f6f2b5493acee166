"""Threads and processes that go on are found; those that end by themselves in a moment are not."""

import os
import subprocess
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
            *("the thread busy", "the thread busy (Monitor)"),
            *("the process sleep 9", "the process sleep 9"),
        ]
    finally:
        done.set()
        for thread in threads:
            thread.join()
        for child in children:
            child.kill()
            child.wait()
    assert left_running.new(*before) == []


def test_a_child_of_a_child_that_has_ended(before, monkeypatch):
    monkeypatch.setattr(left_running, "PATIENCE", 0)
    subprocess.run(["sh", "-c", "sleep 8 & echo $! > /dev/null"], check=True)
    left = [number for number, words in left_running.processes().items() if words == "sleep 8"]
    assert left_running.new(*before) == ["the process sleep 8"]
    os.kill(left[0], 9)


def test_what_ends_in_a_moment_is_not_left(before):
    child = subprocess.Popen(["sleep", "0.2"])
    assert left_running.new(*before) == []
    child.wait()
