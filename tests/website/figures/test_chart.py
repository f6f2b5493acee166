"""The picture of UAR against MACs: who is on the Pareto front."""

import made_up
import pytest
from msgspec.structs import replace

from benchmark.ranking import leaderboard
from benchmark.records.schema import LENGTHS, Cost, Count
from benchmark.website import rows
from benchmark.website.figures import chart

CLASSES = 3


def record(name, macs, hits, by="fvcore"):
    """A model of the protocol `toy` that is right on so many of 10 clips of each class, and costs this."""
    matrix = [[hits if i == j else (10 - hits) * (j == (i + 1) % CLASSES) for j in range(CLASSES)]
              for i in range(CLASSES)]  # fmt: skip
    made = made_up.record(model=name, speakers={f"s{i:02}": matrix for i in range(12)})
    counts = [Count(seconds=s, used=s, front_end=0, model={"linear": macs}, norms=0) for s in LENGTHS]
    return replace(made, cost=Cost(by=by, counts=counts, parameters=1, weights=4, training=None))


def drawn(*records):
    board = leaderboard.build(records, protocols={}, corpora={})["derived"]
    return chart.chart(rows.rows(board), {"toy": "toy"})


def leaders(*records):
    return drawn(*records).leaders["toy"]


def test_the_front_goes_from_cheap_to_dear_and_each_on_it_is_better_than_all_that_are_cheaper():
    cheap, good, best = record("cheap", 10**3, 4), record("good", 10**5, 6), record("best", 10**7, 9)
    assert leaders(best, cheap, good) == ("cheap", "good", "best")


@pytest.mark.parametrize("hits", [1, 6])  # worse than `good`, and no better
def test_who_is_no_better_than_a_cheaper_one_is_not_on_the_front(hits):
    assert leaders(record("good", 10**4, 6), record("beaten", 10**6, hits)) == ("good",)


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_of_two_that_cost_the_same_only_the_better_one_is_on_the_front(names):
    better, worse = names
    assert leaders(record(better, 10**4, 8), record(worse, 10**4, 5)) == (better,)


def test_neither_a_declared_cost_nor_one_that_is_not_counted_is_on_the_front():
    counted = record("counted", 10**6, 4)
    declared = record("declared", 10**3, 9, by="declared")
    unknown = replace(counted, model=replace(counted.model, name="unknown"), cost=None)
    found = drawn(counted, declared, unknown)
    assert found.leaders["toy"] == ("counted",)
    assert {point.row.model.name: point.counted for point in found.points} == {
        "counted": True,
        "declared": False,
        "unknown": False,
    }


def test_the_path_steps_at_each_leader_to_the_right_edge():
    found = drawn(record("cheap", 10**3, 4), record("best", 10**7, 9))
    x = {point.row.model.name: point.x for point in found.points}
    y = {point.row.model.name: point.marks["toy"].y for point in found.points}
    assert (x["cheap"], x["best"]) == (chart.LEFT, chart.RIGHT)
    assert found.fronts["toy"] == f"M{chart.LEFT} {y['cheap']}H{chart.RIGHT}V{y['best']}H{chart.RIGHT}"
    assert y["best"] < y["cheap"]  # up is better
