"""A run that is given minutes ends in time, keeps what is finished, and goes on with the next call."""

import signal
import threading
import time
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
import runs

from benchmark.execution import events, jobs, run, time_limit, workload
from benchmark.execution.request import Request
from protocols.errors import UnheardError


def test_a_block_is_ended_wherever_it_is():
    before, started = signal.getsignal(signal.SIGALRM), time.monotonic()

    def catches_what_it_can():
        with time_limit.until(started + 0.05), suppress(Exception):
            time.sleep(10)

    with pytest.raises(time_limit.TimeUp):
        catches_what_it_can()
    assert time.monotonic() - started < 5
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


@pytest.mark.parametrize("end", [None, 1e9])
def test_one_that_ends_before_is_left_alone(end):
    with time_limit.until(time.monotonic() + end if end else None):
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_outside_the_main_thread_there_is_no_such_clock():
    caught = []

    def elsewhere():
        try:
            with time_limit.until(time.monotonic() + 10):
                pass
        except UnheardError as error:
            caught.append(str(error))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert "the main thread" in caught[0]


def test_half_done_records_come_first_then_cheap_ones(monkeypatch):
    names = {"dear": 9, "cheap": 1, "begun": 99, "sister": 50}
    features = {name: ("same" if name in ("cheap", "sister") else name,) for name in names}
    todo: Any = [SimpleNamespace(name=name, features=features[name]) for name in names]
    monkeypatch.setattr(jobs, "begun", lambda job: job.name == "begun")
    monkeypatch.setattr(workload, "macs", lambda job: names[job.name])
    models: Any = {"finals": ["f"], "keeps": ["k"], "robust": ["r"]}
    prepared = events.Prepared(
        plan=None, todo=todo, unkeepable=[], force=False, gpus=[], cluster="", **models
    )
    order: Any = [
        ([job.name for job in some.todo], [*some.finals, *some.keeps, *some.robust])
        for some in run._by_worth(prepared)
    ]
    assert order == [
        (["begun"], []), (["cheap", "sister"], []), (["dear"], []), ([], ["f", "k", "r"])
    ]  # fmt: skip


@pytest.mark.slow
def test_what_is_finished_in_time_stays_and_the_next_call_goes_on(tmp_path):
    came: list[events.Event] = []
    wanted = Request(
        data="demo", corpora=["savee"], models=[runs.TOY, "nearest-mean"], device="cpu", seeds=1,
        results=tmp_path, minutes=1000,
    )  # fmt: skip

    def listen(event):
        came.append(event)
        if getattr(event, "kind", "") == "finished":  # one record is whole
            signal.setitimer(signal.ITIMER_REAL, 1e-3)

    def begin():
        return run.prepare(wanted, force=False, final=False, listen=lambda _: None)

    prepared = begin()
    assert 0 < prepared.until - time.monotonic() < 60_000 * (1 - run.SITE)
    outcome = run.carry_out(prepared, size=1, listen=listen)
    assert len(outcome.records) == len(outcome.left) == 1
    assert (outcome.exit_code, outcome.failed) == (events.PARTIAL, {})
    assert [type(event) for event in came].count(events.Outcome) == 1
    again = run.carry_out(begin(), size=1, listen=came.append)
    assert (len(again.records), again.left, again.exit_code) == (2, (), events.DONE)
    assert [event.job.plugin.info.name for event in came if getattr(event, "kind", "") == "finished"] == [
        "toy", "nearest-mean"
    ]  # fmt: skip
    assert not runs.litter(tmp_path)
