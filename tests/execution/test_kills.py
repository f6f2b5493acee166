"""Whole runs that are killed, or beside each other: features, records and site are those of one run."""

import random
import time
from functools import partial

import dying
import pytest
import runs
from reading import contents

import benchmark
from benchmark.compute import executor
from benchmark.corpora import embedded
from benchmark.storage import files
from benchmark.website import site

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("as_in_a_worker")]

KILLS = 20


def in_this_process(function, tasks, *, size, anew=False, gpus=()):  # noqa: ARG001
    """As the executor does it, without workers, so that nothing is imported anew."""
    for task in tasks:
        if task is None:  # another run is at it
            time.sleep(0.05)
            continue
        function(task)
        yield task, None


@pytest.fixture
def beginning(monkeypatch, tmp_path):
    """Gives a run that is to begin, with folders and a cache of its own below the test's."""
    monkeypatch.setattr(executor, "run", in_this_process)
    demo = embedded.ensure()

    def begin(name):
        home = tmp_path / name
        (home / "cache").mkdir(parents=True)
        (home / "cache" / demo.name).symlink_to(demo)
        monkeypatch.setenv("UNHEARD_CACHE", str(home / "cache"))
        return home, partial(
            benchmark.run, data="demo", corpora="savee", models=[runs.TOY, "mfcc-logreg"], trials=2, seeds=2,
            device="cpu", jobs=1, results=home / "results", site=home / "site",
        )  # fmt: skip

    return begin


def left(home):
    """What a run leaves, but for what no rerun repeats; fails where something is half made."""
    assert site.current(home / "results", home / "site")
    assert not runs.litter(home / "results")
    assert not [*(home / "site").rglob(f"{files.PART}*"), *(home / "cache/features").rglob(f"{files.PART}*")]
    return runs.evidence(home / "results"), contents(home / "cache/features"), sorted(contents(home / "site"))


def test_killed_at_twenty_random_moments_it_ends_the_same(beginning):
    home, run = beginning("undisturbed")
    run()
    expected, rng, kills, rounds = left(home), random.Random(4), 0, 0
    while kills < KILLS:
        home, run = beginning(str(rounds := rounds + 1))
        while dying.dies(run, step=rng.randint(1, 400)):
            kills += 1
        assert left(home) == expected
    assert rounds > 1


def test_three_at_once_leave_what_one_does(beginning):
    many = []
    for name, number in (("one", 1), ("three", 3)):
        home, run = beginning(name)
        dying.at_once(*[run] * number)
        many.append(left(home))
    assert many[0] == many[1]
