"""The picture of UAR against MACs: who is on the Pareto front."""

import made_up
import pytest
from msgspec.structs import replace

from benchmark.ranking import leaderboard
from benchmark.records.schema import LENGTHS, Cost, Count, Speed
from benchmark.website import claims, rows
from benchmark.website.figures import chart, picture

CLASSES = 3


def record(name, macs, hits, by="fvcore"):
    """A model of the protocol `toy` that is right on so many of 10 clips of each class, and costs this."""
    matrix = [[hits if i == j else (10 - hits) * (j == (i + 1) % CLASSES) for j in range(CLASSES)]
              for i in range(CLASSES)]  # fmt: skip
    made = made_up.record(model=name, speakers={f"s{i:02}": matrix for i in range(12)})
    counts = [Count(seconds=s, used=s, front_end=0, model={"linear": macs}, norms=0) for s in LENGTHS]
    return replace(made, cost=Cost(by=by, counts=counts, parameters=1, weights=4, training=None))


def drawn(*records):
    """The pictures of the protocol, by axis."""
    board = leaderboard.build(records, protocols={}, corpora={})["derived"]
    found = chart.chart(rows.rows(board), chart.series(board), {}).pictures
    return {name.split()[1]: picture for name, picture in found.items() if name.startswith("toy ")}


def leaders(*records):
    return drawn(*records)["macs"].leaders


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
    counted = record("counted", 10**6, 5)
    declared = record("declared", 10**3, 9, by="declared")
    unknown = replace(counted, model=replace(counted.model, name="unknown"), cost=None)
    found = drawn(counted, declared, unknown)["macs"]
    assert found.leaders == ("counted",)
    aside = {name: mark.x > picture.WIDE.right - picture.WIDE.strip for name, mark in found.marks.items()}
    assert aside == {"counted": False, "declared": True, "unknown": True}


def test_the_path_steps_at_each_leader_to_the_right_edge():
    found = drawn(record("cheap", 10**3, 5), record("best", 10**7, 9))["macs"]
    cheap, best = found.marks["cheap"], found.marks["best"]
    right = f"{picture.WIDE.right}"
    assert found.front == f"M{cheap.x} {cheap.y}H{best.x}V{best.y}H{right}"
    assert picture.WIDE.left < cheap.x < best.x < picture.WIDE.right
    assert best.y < cheap.y  # up is better


def test_the_axis_fits_its_data_and_says_where_chance_lies():
    found = drawn(record("good", 10**5, 8), record("best", 10**7, 9))["macs"]
    values = [text.words for text in found.texts if text.anchor == "end"]
    assert values[0] == "75"  # percent; whiskers are short: all speakers are alike
    assert "↓ chance 33.3, below this axis" in values


def test_a_model_that_guesses_is_not_drawn_and_one_alone_makes_no_picture():
    guess, good = record("guess", 10**4, 3), record("good", 10**5, 8)
    assert set(drawn(guess, good)["macs"].marks) == {"good"}
    board = leaderboard.build([guess], protocols={}, corpora={})["derived"]
    assert chart.chart(rows.rows(board), chart.series(board), {}) is None


def test_the_best_below_a_limit_is_named_at_it():
    found = drawn(record("small", 5 * 10**6, 6), record("large", 5 * 10**7, 9))["macs"]
    words = [text.words for text in found.texts if text.kind == "best"]
    assert words == ["best below 10 M: small 60.0", "best below 100 M: large 90.0"]


def test_without_operations_models_stand_by_their_time(fast, slow):
    found = drawn(record("counted", 10**6, 5), fast, slow)["macs"]
    assert found.marks["counted"].x < found.marks["fast"].x < found.marks["slow"].x
    assert drawn(record("counted", 10**6, 5), fast, slow)["latency"].leaders == ("fast",)


@pytest.fixture
def fast():
    return timed("fast", 4.0)


@pytest.fixture
def slow():
    return timed("slow", 90.0)


def timed(name, ms):
    """A model whose operations are not counted, and whose latency is."""
    speed = Speed(latency=ms, slow=ms, front_end=0.0, reference=1.0, ratio=ms, real_time=ms / 3000,
                  memory=None, joules=None, processor="a processor")  # fmt: skip
    made = replace(record(name, 1, 8), cost=None)
    return replace(made, run=replace(made.run, speed=speed))


def test_published_results_of_the_same_folds_are_marks_and_never_lead(known):
    made = [one for name in ("savee-loso", "emodb-loso") for one in made_up.seeds(name, "ours", skill=0.5)]
    counts = [Count(seconds=s, used=s, front_end=0, model={"linear": 10**6}, norms=0) for s in LENGTHS]
    cost = Cost(by="fvcore", counts=counts, parameters=1, weights=4, training=None)
    board = leaderboard.build(
        [replace(one, cost=cost) for one in made], protocols=known.protocols, corpora=known.corpora
    )["derived"]
    same = claims.same_folds(board, known.published)
    assert {row.speaker_independent for row in same["savee-loso"]} == {"yes"}
    found = chart.chart(rows.rows(board), chart.series(board), same)
    points = {point.name for point in found.points if point.kind == "published"}
    assert "Whisper-large-v3 frozen" in points
    assert "ViT teacher" not in points  # other folds
    assert found.pictures["savee-loso macs"].leaders == ("ours",)
    assert set(found.pictures["overall macs"].marks) == {"ours"}
