"""Whole runs that are killed at random, or beside each other: features, records and site are those of one."""

import os
import random
import signal
import time

import pytest
import runs
from reading import contents

from benchmark.corpora import embedded
from benchmark.storage import files
from benchmark.website import site

pytestmark = pytest.mark.slow

KILLS = 20
ARGUMENTS = ("run", "--data", "demo", "--corpus", "savee", "--model", runs.TOY, "--trials", 2, "--seeds", 2,
             "--jobs", 1, "--device", "cpu", "--results", "results")  # fmt: skip


def started(cwd):
    """A run with a cache of its own, in which the embedded corpora are there."""
    cache = cwd / "cache"
    if not cache.exists():
        cache.mkdir()
        (cache / embedded.ensure().name).symlink_to(embedded.ensure())
    return runs.started(*ARGUMENTS, cwd=cwd, UNHEARD_CACHE=str(cache))


def left(cwd):
    """What a run leaves, but for what no rerun repeats; fails where something is half made."""
    assert "Traceback" not in (cwd / "log").read_text()
    assert site.current(cwd / "results", cwd / "_site")
    assert not runs.litter(cwd / "results")
    assert not list((cwd / "_site").rglob(f"{files.PART}*"))
    features = contents(cwd / "cache/features")
    return runs.evidence(cwd / "results"), features, sorted(contents(cwd / "_site"))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What a run leaves that nobody disturbed, and how many seconds it took."""
    cwd, start = tmp_path_factory.mktemp("undisturbed"), time.monotonic()
    assert started(cwd).wait(timeout=300) == 0, (cwd / "log").read_text()
    return left(cwd), time.monotonic() - start


def test_killed_at_random_moments_it_ends_the_same(undisturbed, tmp_path):
    expected, seconds = undisturbed
    rng, kills = random.Random(4), 0
    while kills < KILLS:
        running = started(tmp_path)
        time.sleep(rng.uniform(0.2, 1) * seconds)
        if running.poll() is None:
            (os.killpg if kills % 2 else os.kill)(
                running.pid, signal.SIGKILL
            )  # all of it, or the parent alone
            kills += 1
        elif running.returncode == 0:  # all is there: once more from the beginning
            assert left(tmp_path) == expected
            tmp_path = tmp_path / "again"
            tmp_path.mkdir()
        running.wait()
    assert started(tmp_path).wait(timeout=300) == 0, (tmp_path / "log").read_text()
    assert left(tmp_path) == expected


def test_three_at_once_leave_what_one_does(undisturbed, tmp_path):
    many = [started(tmp_path) for _ in range(3)]
    assert [running.wait(timeout=300) for running in many] == [0] * 3, (tmp_path / "log").read_text()
    assert left(tmp_path) == undisturbed[0]
