"""Two models side by side: the permutation test derived again, and why some are not compared."""

import made_up
import numpy as np
import pytest
from pairs import compared, permuted
from scipy import stats

from benchmark.ranking import comparison, leaderboard, paired
from benchmark.ranking.reasons import Unranked
from benchmark.scores import permutation
from benchmark.scores.variance import NONE
from benchmark.website.pages import compare


def test_p_is_that_of_all_subsets_of_the_speakers(board):
    made, derived = board
    _, on = compared(derived)
    for protocol, speakers in (("savee-loso", 4), ("emovo-loso", 6), ("emodb-loso", 10)):
        difference = on[protocol].difference
        assert difference.p == pytest.approx(permuted(made, protocol))
        assert difference.smallest == 2 / 2**speakers
        assert len(difference.speakers) == speakers


def test_holm_is_over_the_protocols_that_are_compared(board):
    found, _ = compared(board[1])
    p = sorted(on.difference.p for on in found.compared)
    assert len(p) == 3
    expected = np.minimum(np.maximum.accumulate([p[0] * 3, p[1] * 2, p[2]]), 1)
    assert sorted(on.difference.adjusted for on in found.compared) == pytest.approx(expected)


def test_differences_are_of_the_first_less_the_second(board):
    forth, on = compared(board[1])
    back, _ = compared(board[1], "bad", "good")
    [good, bad] = on["savee-loso"].entries
    assert on["savee-loso"].difference.uar == good.uar - bad.uar > 0
    assert on["savee-loso"].difference.better == (4, 0)
    assert back.mean == pytest.approx(-forth.mean)
    assert forth.mean == pytest.approx(np.mean([on.difference.uar for on in forth.compared]))
    assert [on.difference.better for on in back.compared] == [
        on.difference.better[::-1] for on in forth.compared
    ]


def test_what_is_not_compared_has_reasons(board):
    _, on = compared(board[1])
    assert on["tess-2fold"].reasons == ((), (Unranked("trials", 4, 20),))
    assert on["ravdess-6fold"].reasons == ((), (Unranked("absent"),))
    assert on["toy"].reasons == ((Unranked("trials", 50, 20), Unranked("folds", (0,), None)), ())
    assert {name for name, each in on.items() if each.difference} == {
        "savee-loso",
        "emodb-loso",
        "emovo-loso",
    }


def test_pairs_tested_in_groups_have_the_p_of_pairs_tested_alone(monkeypatch):
    names = "abcdef"
    made = [made_up.record("toy", name, skill=i / 8) for i, name in enumerate(names)]
    derived = leaderboard.build(made, protocols={}, corpora={})["derived"]
    pairs = compare.pairs(names)
    alone = [next(comparison.compare(derived, [pair])).tables[0].difference for pair in pairs]
    monkeypatch.setattr(comparison, "TOGETHER", 3)
    assert [each.tables[0].difference for each in comparison.compare(derived, pairs)] == alone


def test_an_interval_from_six_speakers_on_and_what_could_be_shown(board):
    _, on = compared(board[1])
    emodb, emovo, savee = (on[f"{name}-loso"].difference for name in ("emodb", "emovo", "savee"))
    apart = list(emodb.speakers.values())  # all have as many clips
    t = stats.ttest_1samp(apart, 0).confidence_interval(0.95)
    assert emodb.interval == pytest.approx(t, abs=0.02)
    assert (emodb.interval[0] > 0) == (emodb.p < 0.05)
    error = stats.sem(apart)
    assert emodb.detectable == pytest.approx((stats.t.isf(0.025, 9) + stats.t.isf(0.2, 9)) * error)
    every = emovo.speakers.values()
    assert emovo.interval == pytest.approx((min(every), max(every)))
    assert savee.interval is None
    # Six speakers must all agree: each does with the sixth root of 80 %.
    error = stats.sem(list(emovo.speakers.values()))
    assert emovo.detectable == pytest.approx(6**0.5 * stats.norm.ppf(0.8 ** (1 / 6)) * error)
    assert savee.detectable is None
    assert (emodb.exchanged, emovo.exchanged, savee.exchanged) == (10, 6, 4)


def test_the_overall_score_is_compared_over_the_speakers_of_all_its_protocols(board):
    _, derived = board
    found, on = compared(derived)
    counting = [on[name].difference for name in derived.overall.protocols]
    assert len(counting) == 3
    first, second = found.standings
    assert found.overall.uar == pytest.approx(first.uar - second.uar)
    assert found.overall.exchanged == 4 + 6 + 10
    assert found.overall.smallest == 1 / 10_001
    shares = [paired.sample(on[name].entries, on[name].table.conditions).shares / 3
              for name in derived.overall.protocols]  # fmt: skip
    apart = np.subtract(*np.concatenate(shares, axis=1))
    signs = 1 - 2 * np.random.default_rng(1).integers(0, 2, (20_000, len(apart)))
    assert found.overall.p == pytest.approx(np.mean(abs(signs @ apart) >= abs(apart.sum())), abs=0.005)
    errors = [stats.sem(list(one.speakers.values())) / 3 for one in counting]
    low, high = found.overall.interval
    assert (low + high) / 2 == pytest.approx(found.overall.uar, abs=0.002)
    assert (high - low) / 2 / np.linalg.norm(errors) > stats.norm.isf(0.025)  # corpora differ too
    back, _ = compared(derived, "bad", "good")
    assert back.overall.interval == pytest.approx((-high, -low), abs=1e-3)
    assert back.overall.p == found.overall.p


def test_without_an_overall_score_there_is_nothing_overall_to_compare(known):
    made = [*made_up.seeds("emodb-loso", "a"), made_up.record("emodb-loso", "b")]
    board = leaderboard.build(made, protocols=known.protocols, corpora=known.corpora)["derived"]
    found, _ = compared(board, "a", "b")
    assert (found.standings[1], found.overall) == (None, None)


def test_where_a_trained_model_tests_several_speakers_training_counts_too(known):
    many = [*made_up.seeds("ravdess-6fold", "a", skill=0.5), *made_up.seeds("ravdess-6fold", "b", skill=0.4)]
    once = made_up.record("ravdess-6fold", "once", skill=0.3)
    board = leaderboard.build([*many, once], protocols=known.protocols, corpora=known.corpora)["derived"]
    both, on = compared(board, "a", "b")
    assert on["ravdess-6fold"].difference.exchanged == 24
    assert both.folds == ()
    one, on = compared(board, "a", "once")
    difference = on["ravdess-6fold"].difference
    assert (difference.exchanged, difference.smallest, difference.interval) [:2] == (6, 1 / 32)
    assert difference.interval[0] < difference.uar < difference.interval[1]
    assert one.folds == ("RAVDESS",)
    assert one.overall is None


def lucky(name, seed, luck):
    """A record of RAVDESS by a model that is right on half of all clips, and more often in some folds."""
    speakers = {}
    for number, (test, more) in enumerate(zip(made_up.shape("ravdess-6fold")[3], luck, strict=True)):
        rng_seed = 100 * ord(name) + 10 * seed + number
        speakers |= made_up.matrices(test, 8, skill=0.5 + more, seed=rng_seed, clips=20)
    return made_up.record("ravdess-6fold", name, seed=seed, speakers=speakers)


def test_training_noise_that_a_fold_s_speakers_share_is_no_difference(known):
    luck = np.array([0.25, 0.2, 0.15, 0.2, -0.1, 0.1])
    made = [lucky("a", seed, luck * (seed == 0)) for seed in range(3)]
    made += [lucky("b", seed, 0 * luck) for seed in range(3)]
    board = leaderboard.build(made, protocols=known.protocols, corpora=known.corpora)["derived"]
    table = board.tables["ravdess-6fold"]
    sample = paired.sample(table.ranked, table.conditions)
    naive = permutation.paired_tests(sample.shares, sample.folds, [NONE] * 2).p[0, 1]
    assert naive < 0.01
    assert compared(board, "a", "b")[1]["ravdess-6fold"].difference.p > 0.05
    assert {entry.place for entry in table.ranked} == {(1, 2)}


def test_pairs_that_do_not_rank_together_have_numbers_beside_the_ranking(board):
    made, derived = board
    found, on = compared(derived)
    tess = on["tess-2fold"]
    assert tess.difference is None
    assert tess.beside.uar == pytest.approx(tess.entries[0].uar - tess.entries[1].uar)
    assert tess.beside.p == tess.beside.adjusted == pytest.approx(permuted(made, "tess-2fold"))
    assert len(tess.beside.speakers) == 2
    assert on["ravdess-6fold"].shown is None  # one has no results
    assert found.beside is None  # both have an overall score
    assert found.means == pytest.approx([one.uar for one in found.standings])


def test_a_model_and_its_variant_are_compared_as_if_both_ranked(known):
    places = ("emodb-loso", "savee-loso")
    skills = (("a", 0.8), ("a~less", 0.5), ("b", 0.5))
    made = [r for n in places for m, s in skills for r in made_up.seeds(n, m, skill=s)]
    derived = leaderboard.build(made, protocols=known.protocols, corpora=known.corpora)["derived"]
    found, on = compared(derived, "a", "a~less")
    assert found.overall is None
    assert [each.table.title for each in found.over] == ["EMO-DB", "SAVEE"]
    assert found.beside.uar == pytest.approx(np.mean([each.beside.uar for each in on.values()]))
    assert found.beside.exchanged == 14
    assert on["emodb-loso"].beside.interval[0] > 0


def test_results_on_other_clips_are_not_compared():
    other = made_up.record(model="b", speakers=made_up.matrices(["s00", "s01"], 3, skill=1, seed=0, clips=5))
    made = [*made_up.seeds(model="a"), *made_up.seeds(model="c"), other]
    _, on = compared(leaderboard.build(made, protocols={}, corpora={})["derived"], "a", "b")
    assert on["toy"].reasons == ((), (Unranked("clips"),))
    assert on["toy"].shown is None


def test_models_that_have_the_same_few_speakers_are_compared_on_these():
    whole = made_up.record(model="a")
    speakers = {name: whole.speakers[name] for name in ("s00", "s01")}
    few = [made_up.record(model=name, folds=[0, 1], speakers=speakers) for name in "bc"]
    board = leaderboard.build([whole, *few], protocols={}, corpora={})["derived"]
    assert compared(board, "a", "b")[1]["toy"].shown is None
    beside = compared(board, "b", "c")[1]["toy"].beside
    assert (list(beside.speakers), beside.exchanged, beside.uar) == (["s00", "s01"], 2, 0)
