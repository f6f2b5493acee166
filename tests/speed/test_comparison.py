"""How two sides are timed."""

import time

from benchmark.speed import comparison
from benchmark.speed.comparison import Row, in_turn


def test_sides_take_turns_after_a_warm_up(monkeypatch):
    monkeypatch.setattr(comparison, "BUDGET", 0.0)
    done = []
    in_turn(lambda: done.append("ours"), lambda: done.append("other"), device="cpu")
    assert done == ["ours", "other"] * 2


def test_the_processors_own_time_counts_and_waiting_does_not(monkeypatch):
    def busy():
        end = time.process_time() + 0.05
        while time.process_time() < end:
            pass

    monkeypatch.setattr(comparison, "BUDGET", 0.0)
    ours, other = in_turn(lambda: time.sleep(0.05), busy, device="cpu")
    assert ours < 0.02
    assert other >= 0.05


def test_the_ratio_is_how_many_times_as_long_the_other_takes():
    assert Row("small-cnn", 2.0, 5.0).ratio == 2.5
