"""Which records rank together, and how others differ."""

import made_up
import pytest

from benchmark.ranking.reasons import Unranked


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"trials": 1}, [Unranked("trials", 1, 20)]),
        ({"epochs": 2}, [Unranked("epochs", 2, None)]),
        ({"folds": [0, 1]}, [Unranked("folds", (0, 1), None)]),
        (
            {"digest": "other"},
            [Unranked("split", "other", "toy-digest"), Unranked("copy", ("other",), ("c" * 64,))],
        ),
        ({"missing": ["a", "b"]}, [Unranked("missing", ("a", "b"), ())]),
        ({"selection": "miniature"}, [Unranked("miniature", "miniature", "full")]),
        ({"trials": 5, "folds": [3]}, [Unranked("trials", 5, 20), Unranked("folds", (3,), None)]),
        ({"speakers": made_up.matrices(["s00"], 3, skill=1, seed=0)}, [Unranked("clips")]),
    ],
)
def test_other_conditions_do_not_rank_and_differ_in_facts(changes, reasons):
    many = [r for name in ("a", "b") for r in made_up.seeds(model=name)]
    entries = {
        e.model: e for e in made_up.table([made_up.record(model="odd", skill=1, **changes), *many]).entries
    }
    assert entries["odd"].unranked == tuple(reasons)
    assert entries["odd"].place is None
    assert {entries[name].place for name in "ab"} == {(1, 2)}


def test_most_trials_rank_then_most_models():
    few = [made_up.record(model=name, trials=5) for name in "abc"]
    searched = [made_up.record(model="d", trials=20)]
    assert [e.model for e in made_up.table(few + searched).ranked] == ["d"]
    lonely = [made_up.record(model="d", trials=5, digest="other")]
    assert {e.model for e in made_up.table(few + lonely).ranked} == set("abc")


def test_the_current_split_ranks_before_one_with_more_trials(few):
    current = made_up.record("emodb-loso", "now", trials=2)
    old = made_up.record("emodb-loso", "old", trials=50, digest="old")
    assert [e.model for e in made_up.table([current, old], **few).ranked] == ["now"]
