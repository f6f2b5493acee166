"""Leases: one holder, unless it is gone or frozen."""

import multiprocessing
import os
import signal
import time

import filelock
import pytest

from benchmark.storage import leases
from benchmark.storage.leases import Lease
from protocols.errors import StoreError

SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(leases, "LASTS", 0.6)


def hold(path, lasts, taken, woken, kept):
    """In another process: take the lease, and once woken say whether it is still held."""
    leases.LASTS = lasts
    lease = Lease(path)
    assert lease.take()
    taken.set()
    woken.wait(30)
    kept.put(lease.kept)


@pytest.fixture
def holder(tmp_path):
    """A process that holds a lease: itself, the lease's path, what wakes it, what it says then."""
    taken, woken, kept = SPAWN.Event(), SPAWN.Event(), SPAWN.Queue()
    process = SPAWN.Process(target=hold, args=(tmp_path / "a" / "lease", 0.6, taken, woken, kept))
    process.start()
    assert taken.wait(30)
    yield process, tmp_path / "a" / "lease", woken, kept
    process.kill()
    process.join()


def taken(lease, seconds=10.0):
    """Whether it is had within so many seconds."""
    end = time.monotonic() + seconds
    while not (had := lease.take()) and time.monotonic() < end:
        time.sleep(0.05)
    return had


def test_one_at_a_time_and_nothing_is_left(tmp_path):
    first, second = Lease(tmp_path / "lease"), Lease(tmp_path / "lease")
    assert first.take()
    assert first.kept
    assert not second.take()
    assert not second.kept
    assert second.holder == f"process {os.getpid()} on {second.marker.owner.hostname}"
    first.release()
    assert second.take()
    second.release()
    assert not list(tmp_path.iterdir())


def test_it_lasts_as_long_as_its_heart_beats(holder):
    _, path, woken, kept = holder
    assert not taken(Lease(path), seconds=2.0)
    woken.set()
    assert kept.get(timeout=10)


def test_a_killed_processs_is_taken_at_once(holder):
    process, path, _, _ = holder
    process.kill()
    process.join()
    assert Lease(path).take()


def test_a_frozen_processs_is_taken_over_and_it_knows_when_it_wakes(holder):
    process, path, woken, kept = holder
    os.kill(process.pid, signal.SIGSTOP)
    lease = Lease(path)
    try:
        assert taken(lease)
    finally:
        os.kill(process.pid, signal.SIGCONT)
        woken.set()  # which waits for whoever waits
    assert not kept.get(timeout=10)
    assert lease.kept


def test_where_a_marker_cannot_be_exchanged_it_is_removed_after_a_longer_while(holder, monkeypatch):
    """As on NFS."""
    monkeypatch.setattr(filelock._soft, "exchange_names", lambda *_: False)
    process, path, _, _ = holder
    process.kill()
    process.join()
    lease, began = Lease(path), time.monotonic()
    assert taken(lease)
    assert time.monotonic() - began > 1.2


def test_a_lease_that_is_waited_for(tmp_path):
    with leases.held(tmp_path / "lease"):
        assert not Lease(tmp_path / "lease").take()
    assert Lease(tmp_path / "lease").take()


def test_a_folder_that_takes_none(tmp_path):
    (tmp_path / "a").write_text("a file")
    with pytest.raises(StoreError, match="a/lease: cannot be written"):
        Lease(tmp_path / "a" / "lease").take()
