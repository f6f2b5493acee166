"""Which records rank together, and how others differ."""

from typing import Any

import made_up
import msgspec
import pytest

from benchmark.ranking import cells, leaderboard
from benchmark.ranking.reasons import Unranked


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"trials": 1}, [Unranked("trials", 1, 20)]),
        ({"engine": 2}, [Unranked("engine", 2, 3)]),
        ({"engine": None}, [Unranked("engine", 0, 3)]),
        ({"epochs": 2}, [Unranked("epochs", 2, None)]),
        ({"numerics": "bf16"}, [Unranked("numerics", "bf16", "fp32")]),
        ({"folds": [0, 1]}, [Unranked("folds", (0, 1), None)]),
        (
            {"digest": "other"},
            [Unranked("split", "other", "toy-digest"), Unranked("copy", ("other",), ("c" * 64,))],
        ),
        ({"missing": ["a", "b"]}, [Unranked("missing", ("a", "b"), ())]),
        ({"selection": "miniature"}, [Unranked("miniature", "miniature", "full")]),
        ({"trials": 4, "folds": [3]}, [Unranked("trials", 4, 20), Unranked("folds", (3,), None)]),
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
    few = [made_up.record(model=name, trials=4) for name in "abc"]
    searched = [made_up.record(model="d", trials=20)]
    assert [e.model for e in made_up.table(few + searched).ranked] == ["d"]
    lonely = [made_up.record(model="d", trials=4, digest="other")]
    assert {e.model for e in made_up.table(few + lonely).ranked} == set("abc")


@pytest.mark.parametrize("more", [21, 10**6])
def test_more_trials_than_the_full_budget_unrank_nobody(more):
    """A model without a space takes one trial, whatever budget its record names."""
    full = [made_up.record(model=name) for name in "ab"]
    odd = [made_up.record(model=name, trials=more) for name in "cde"]
    assert {e.model for e in made_up.table(full + odd).ranked} == set("ab")
    assert {e.model for e in made_up.table(odd).ranked} == set("cde")


def test_other_seeds_than_those_that_count_never_rank_and_change_no_score():
    three, worse = made_up.seeds(skill=0.5), [made_up.record(seed=seed, skill=0) for seed in (-1, 3, 4)]
    alone, both = made_up.table(three), made_up.table([*three, *worse])
    assert both.ranked == alone.ranked
    [others] = both.entries[1:]
    assert (sorted(others.seed_uars), others.unranked) == ([-1, 3, 4], (Unranked("seed"),))
    chosen = made_up.table([made_up.record(seed=seed) for seed in (5, 17, 42)])
    assert chosen.ranked == ()


def test_the_current_split_ranks_before_one_with_more_trials(few):
    current = made_up.record("emodb-loso", "now", trials=2)
    old = made_up.record("emodb-loso", "old", trials=50, digest="old")
    assert [e.model for e in made_up.table([current, old], **few).ranked] == ["now"]


def test_the_newest_engine_ranks_before_more_trials_and_more_models():
    old = [made_up.record(model=name, trials=50, engine=2) for name in "abc"]
    new = made_up.record(model="d", trials=20, engine=3)
    assert [e.model for e in made_up.table([*old, new]).ranked] == ["d"]


def test_fp32_ranks_before_more_models_of_another_class_which_say_theirs():
    many = [made_up.record(model=name, numerics="tf32") for name in "abc"]
    table = made_up.table([*many, made_up.record(model="d")])
    assert [e.model for e in table.ranked] == ["d"]
    said = {e.model: [note.here for note in e.notes if note.kind == "numerics"] for e in table.entries}
    assert said == {"d": [], "a": ["tf32"], "b": ["tf32"], "c": ["tf32"]}


@pytest.mark.parametrize("state", ["invalid", "stale"])
def test_invalid_and_stale_records_are_shown_and_neither_rank_nor_count(few, state):
    good = [r for name in few["protocols"] for r in made_up.seeds(name, "good", skill=0.2)]
    bad = [r for name in few["protocols"] for r in made_up.seeds(name, "bad", skill=0.9, trials=50)]

    doubted = {id(record) for record in bad}

    def state_of(record: Any) -> Any:
        return state if id(record) in doubted else "recomputed"

    def board(records):
        return leaderboard.build(records, **few, state_of=state_of)["derived"]

    both, alone = board([*good, *bad]), board(good)
    assert both.overall == alone.overall
    assert [s.model for s in both.overall.standings] == ["good"]
    for name, table in both.tables.items():
        assert table.ranked == alone.tables[name].ranked
        assert [(e.model, e.unranked, e.place) for e in table.entries if e.unranked] == [
            ("bad", (Unranked(state),), None)
        ]
    nobody = board(bad)
    assert nobody.overall.standings == ()
    assert [table.ranked for table in nobody.tables.values()] == [()] * len(few["protocols"])
    assert {e.unranked for table in nobody.tables.values() for e in table.entries} == {(Unranked(state),)}


def test_a_seed_that_does_not_hold_is_no_seed_of_its_model():
    three = made_up.seeds()

    def state_of(record: Any) -> Any:
        return "recomputed" if record in three[:2] else "invalid"

    found = leaderboard.build(three, protocols={}, corpora={}, state_of=state_of)
    ranked, unranked = found["derived"].tables["toy"].entries
    assert (sorted(ranked.seed_uars), ranked.full) == ([0, 1], False)
    assert (sorted(unranked.seed_uars), unranked.unranked) == ([2], (Unranked("invalid"),))


def test_the_fold_that_tests_each_speaker_is_known_and_one_for_all_where_folds_share_them():
    [cell] = cells.gather([made_up.record("ravdess-6fold")])
    folds = dict(zip([name for name, _ in cell.conditions.clips], cell.conditions.tested_by, strict=True))
    tests = [fold.test.speakers for fold in made_up.protocol("ravdess-6fold").folds]
    assert folds == {speaker: number for number, test in enumerate(tests) for speaker in test}
    made = made_up.record()
    twice = [msgspec.structs.replace(fold, test=["s00", *fold.test]) for fold in made.folds]
    [cell] = cells.gather([msgspec.structs.replace(made, folds=twice)])
    assert set(cell.conditions.tested_by) == {0}
