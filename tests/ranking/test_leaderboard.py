"""Places, groups and the overall score, on made-up records."""

from dataclasses import replace

import made_up
import msgspec
import numpy as np
import pytest

from benchmark.ranking import leaderboard
from benchmark.ranking.overall import Coverage
from benchmark.ranking.reasons import Note, Unranked
from benchmark.scores import metrics, permutation
from protocols import corpora
from protocols.errors import RecordError

NAMES = ("emodb-loso", "emovo-loso", "savee-loso", "tess-2fold")


@pytest.fixture(scope="module")
def known():
    protocols = {name: made_up.protocol(name) for name in NAMES}
    return {
        "protocols": protocols,
        "corpora": {name: corpora.load(name) for p in protocols.values() for name in p.corpora},
    }


def table(records, **known):
    known = {"protocols": {}, "corpora": {}} | known
    return leaderboard.build(records, **known)["derived"].tables[records[0].protocol.name]


def test_no_records_no_boards():
    assert leaderboard.build([], protocols={}, corpora={}) == {}


def test_scores_come_from_the_matrices_and_are_means_over_seeds():
    records = made_up.seeds()
    [entry] = table(records).entries
    pooled = [np.sum(list(r.speakers.values()), axis=0) for r in records]
    assert entry.uar == pytest.approx(np.mean([metrics.uar(m) for m in pooled]))
    assert entry.uar != records[0].scores.uar
    assert entry.seed_uars == {r.seed: pytest.approx(made_up.uar(r)) for r in records}
    assert entry.accuracy == pytest.approx(np.mean([np.trace(m) / m.sum() for m in pooled]))
    assert entry.macro_f1 == pytest.approx(np.mean([metrics.macro_f1(m) for m in pooled]))
    folds = [[metrics.uar(np.array(r.speakers[f.test[0]])) for f in r.folds] for r in records]
    assert entry.fold_mean == pytest.approx(np.mean(folds))
    assert entry.fold_std == pytest.approx(np.mean(folds, axis=0).std())
    assert entry.matrix == tuple(map(tuple, np.mean(pooled, axis=0)))
    assert entry.parameters == 1234 + 11
    assert entry.notes == ()


def test_under_ten_speakers_there_are_dots_and_no_interval():
    few = {f"s{i:02}": [[2, 0, 0], [0, 1, 1], [2, 0, 0]] for i in range(9)}
    [entry] = table([made_up.record(speakers=few)]).entries
    assert entry.interval is None
    assert entry.speaker_uars == dict.fromkeys(few, 0.5)
    [entry] = table([made_up.record()]).entries
    low, high = entry.interval
    assert low < entry.uar < high


def test_places_are_those_of_the_permutation_tests():
    records = [*made_up.seeds(model="good", skill=0.9), *made_up.seeds(model="bad", skill=0.0),
               *made_up.seeds(model="worse", skill=0.0)]  # fmt: skip
    board = table(records)
    assert board.entries[0].model == "good"
    assert board.entries[0].place == (1, 1)
    assert board.entries[0].p is None
    assert [e.place for e in board.entries[1:]] == [(2, 3), (2, 3)]
    assert board.entries[1].p == pytest.approx(2 * permutation.paired_tests(np.eye(12)).smallest)
    assert board.smallest_p == 2 / 2**12


def test_tracks_rank_apart():
    records = [
        made_up.record(model="scratch", skill=0.1),
        made_up.record(model="large", skill=0.9, pretraining=["LibriSpeech"]),
        made_up.record(model="cheat", skill=0.9, transductive=True, pretraining=["LibriSpeech"]),
    ]
    board = table(records)
    assert [(e.model, e.track, e.place) for e in board.entries] == [
        ("scratch", "from scratch", (1, 1)),
        ("large", "pretrained", (1, 1)),
        ("cheat", "transductive", (1, 1)),
    ]


def test_a_model_that_was_trained_on_the_corpus_before_does_not_rank(known):
    before = made_up.record("emodb-loso", "before", pretraining=["IEMOCAP", "EMO-DB (all of it)"])
    other = made_up.record("emodb-loso", "other", pretraining=["MSP-Podcast"])
    reasons = {e.model: e.unranked for e in table([before, other], **known).entries}
    assert reasons == {"before": (Unranked("pretraining", "EMO-DB"),), "other": ()}


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
    entries = {e.model: e for e in table([made_up.record(model="odd", skill=1, **changes), *many]).entries}
    assert entries["odd"].unranked == tuple(reasons)
    assert entries["odd"].place is None
    assert {entries[name].place for name in "ab"} == {(1, 2)}


def test_most_trials_rank_then_most_models():
    few = [made_up.record(model=name, trials=5) for name in "abc"]
    searched = [made_up.record(model="d", trials=20)]
    assert [e.model for e in table(few + searched).ranked] == ["d"]
    lonely = [made_up.record(model="d", trials=5, digest="other")]
    assert {e.model for e in table(few + lonely).ranked} == set("abc")


def test_the_current_split_ranks_before_one_with_more_trials(known):
    current = made_up.record("emodb-loso", "now", trials=2)
    old = made_up.record("emodb-loso", "old", trials=50, digest="old")
    assert [e.model for e in table([current, old], **known).ranked] == ["now"]


def test_two_versions_of_a_model_are_two_entries_and_the_one_with_more_seeds_ranks():
    records = [*made_up.seeds(n=2, version="2"), made_up.record(seed=2, version="1")]
    assert [(e.unranked, sorted(e.seed_uars)) for e in table(records).entries] == [
        ((), [0, 1]),
        ((Unranked("version", "1"),), [2]),
    ]


def test_notes_of_what_is_not_full():
    def notes(*args, **options):
        return table([made_up.record(*args, **options)]).entries[0].notes

    assert notes() == (Note("seeds", 1, 3),)
    assert notes(deterministic=True) == ()
    odd = notes(deterministic=True, folds=[0], selection="miniature", missing=["x"])
    assert odd == (Note("folds", (0,)), Note("miniature"), Note("missing", ("x",)))


def test_boards_never_mix_and_the_best_kind_comes_first():
    records = [made_up.record(board=b) for b in ("synthetic", "official", "derived")]
    boards = leaderboard.build(records, protocols={}, corpora={})
    assert list(boards) == ["official", "derived", "synthetic"]
    assert all(len(board.tables["toy"].entries) == 1 for board in boards.values())


def overall(records, known):
    return leaderboard.build(records, **known)["derived"].overall


def test_overall_is_the_mean_over_the_corpora_that_all_have_and_leaves_tess_out(known):
    records = [r for m in ("a", "b") for n in ("emodb-loso", "savee-loso", "tess-2fold")
               for r in made_up.seeds(n, m, skill=0.8 if m == "a" else 0.1)]  # fmt: skip
    result = overall(records, known)
    assert result.protocols == ("emodb-loso", "savee-loso")
    assert result.coverage == Coverage(covered=("EMO-DB", "SAVEE"), partial=(), absent=("EMOVO",))
    assert result.coverage.known == 3
    a = [np.mean([made_up.uar(r) for r in records if (r.model.name, r.protocol.name) == ("a", n)])
         for n in result.protocols]  # fmt: skip
    assert result.standings[0].model == "a"
    assert result.standings[0].uar == pytest.approx(np.mean(a))
    assert result.standings[0].spread == pytest.approx((min(a), max(a)))
    assert [s.mean_rank for s in result.standings] == [1, 2]
    assert [s.place for s in result.standings] == [(1, 1), (2, 2)]


def test_one_stray_run_does_not_shrink_the_overall_score(known):
    records = [r for m in ("a", "b") for n in ("emodb-loso", "savee-loso") for r in made_up.seeds(n, m)]
    stray = made_up.seeds("emovo-loso", "stray")
    result = overall(records + stray, known)
    assert {s.model for s in result.standings} == {"a", "b"}
    assert result.coverage == Coverage(covered=("EMO-DB", "SAVEE"), partial=("EMOVO",), absent=())


def test_too_few_seeds_do_not_count_overall(known):
    result = overall(made_up.seeds("emodb-loso", n=2), known)
    assert result.standings == ()
    assert result.coverage == Coverage(covered=(), partial=("EMO-DB",), absent=("EMOVO", "SAVEE"))
    assert overall([made_up.record("emodb-loso", deterministic=True)], known).standings[0].place == (1, 1)


@pytest.mark.parametrize("bad", [{}, {"s00": [[1, 2], [3, 4]]}, {"s00": [[1]]}, {"s00": [[-1] * 3] * 3},
                                 {"s00": [[0] * 3] * 3}, {"s00": [[1, 2, 3], [1, 2], [1]]}])  # fmt: skip
def test_matrices_that_are_not_counts_are_refused(bad):
    with pytest.raises(RecordError, match=r"^derived/toy/logreg, seed 0: `speakers` must hold a 3 x 3 "):
        table([made_up.record(speakers=bad)])


def test_the_order_of_the_records_makes_no_difference(known):
    records = [r for m in ("a", "b") for n in NAMES for r in made_up.seeds(n, m, n=2)]
    assert leaderboard.build(records[::-1], **known) == leaderboard.build(records, **known)


def test_an_unknown_digest_of_the_protocol_is_no_obstacle(known):
    moved = {"emodb-loso": replace(known["protocols"]["emodb-loso"], digest="new")}
    assert table([made_up.record("emodb-loso")], protocols=moved).ranked


def leaky(known):
    """EMO-DB's protocol, and another over its corpus that leaks by design."""
    own = known["protocols"]["emodb-loso"]
    design = "speakers of the test are in training"
    other = replace(own, name="emodb-random", leaks=design, ranks=False, overall=False)
    return {"protocols": {**known["protocols"], "emodb-random": other}, "corpora": known["corpora"]}, design


def test_a_protocol_that_leaks_by_design_has_a_table_and_no_places(known):
    both, design = leaky(known)
    loso = made_up.seeds("emodb-loso", "a", skill=0.2)
    random = [
        replace_protocol(made_up.record("emodb-loso", name, skill=0.9, seed=seed), "emodb-random")
        for name in "ab"
        for seed in range(3)
    ]
    board = leaderboard.build([*loso, *random], **both)["derived"]
    of_design = board.tables["emodb-random"]
    assert (of_design.ranks, of_design.leaks, of_design.overall) == (False, design, False)
    assert {e.model: e.unranked for e in of_design.entries} == dict.fromkeys(
        "ab", (Unranked("leaks", design),)
    )
    assert {(e.place, e.p) for e in of_design.entries} == {(None, None)}
    assert of_design.ranked == ()
    assert board.overall.protocols == ("emodb-loso",)
    assert {s.model for s in board.overall.standings} == {"a"}
    assert board.tables["emodb-loso"].ranked[0].place == (1, 1)
    assert list(board.tables) == ["emodb-loso", "emodb-random"]


def test_a_table_is_named_by_its_corpus_where_that_is_its_ranking_protocol(known):
    both, _ = leaky(known)
    random = replace_protocol(made_up.record("emodb-loso"), "emodb-random")
    tables = leaderboard.build([made_up.record("emodb-loso"), random], **both)["derived"].tables
    assert {name: table.title for name, table in tables.items()} == {
        "emodb-loso": "EMO-DB",
        "emodb-random": "emodb-random",
    }
    assert {table.corpora for table in tables.values()} == {("emodb",)}


def replace_protocol(record, name):
    return msgspec.structs.replace(record, protocol=msgspec.structs.replace(record.protocol, name=name))
