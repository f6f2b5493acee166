"""Scores and notes of a cell."""

import made_up
import numpy as np
import pytest
from msgspec.structs import replace

from benchmark.ranking import leaderboard
from benchmark.ranking.reasons import Note
from benchmark.records.schema import LENGTHS, Cost, Count, Speed
from benchmark.scores import metrics, shares
from benchmark.scores.variance import NONE
from protocols.errors import RecordError


def table(records, **known):
    known = {"protocols": {}, "corpora": {}} | known
    return leaderboard.build(records, **known)["derived"].tables[records[0].protocol.name]


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


def test_the_accuracy_has_an_interval_and_speakers_of_its_own():
    """One class with many clips, which is recognised better than the other."""
    tested = {f"s{i:02}": [[8 - i % 4, i % 4, 0], [1, 1, 0], [0, 0, 2]] for i in range(12)}
    [entry] = table([made_up.record(speakers=tested)]).entries
    assert entry.speaker_accuracies["s01"] == pytest.approx(10 / 12)
    low, high = entry.accuracy_interval
    assert low < entry.accuracy < high
    assert entry.accuracy_interval != entry.interval
    [entry] = table([made_up.record(speakers=dict(list(tested.items())[:9]))]).entries
    assert entry.accuracy_interval is None


def test_notes_of_what_is_not_full():
    def notes(*args, **options):
        return table([made_up.record(*args, **options)]).entries[0].notes

    assert notes() == notes(deterministic=True) == (Note("seeds", 1, 3),)
    odd = notes(folds=[0], selection="miniature", missing=["x"])
    assert odd[1:] == (Note("folds", (0,)), Note("miniature"), Note("missing", ("x",)))
    assert table(made_up.seeds()).entries[0].notes == ()


@pytest.mark.parametrize("bad", [{}, {"s00": [[1, 2], [3, 4]]}, {"s00": [[1]]}, {"s00": [[-1] * 3] * 3},
                                 {"s00": [[0] * 3] * 3}, {"s00": [[1, 2, 3], [1, 2], [1]]}])  # fmt: skip
def test_matrices_that_are_not_counts_are_refused(bad):
    with pytest.raises(RecordError, match=r"^derived/toy/logreg, seed 0: `speakers` must hold a 3 x 3 "):
        table([made_up.record(speakers=bad)])


def cost(macs, weights):
    counts = [Count(seconds=s, used=s, front_end=0, model={"linear": macs}, norms=0) for s in LENGTHS]
    return Cost(by="fvcore", counts=counts, parameters=1, weights=weights, training=None)


def speed(latency):
    return Speed(latency=latency, slow=latency, front_end=0.1, reference=1.0, ratio=latency, real_time=0.1,
                 memory=None, joules=None, processor="a processor")  # fmt: skip


def test_the_cost_is_that_of_the_dearest_seed_and_the_speed_that_of_the_fastest():
    made = made_up.seeds()
    costs, speeds = [cost(5, 8), cost(7, 1), cost(7, 4)], [None, speed(3.0), speed(2.0)]
    for order in ([0, 1, 2], [2, 1, 0]):
        records = [
            replace(made[i], cost=costs[at], run=replace(made[i].run, speed=speeds[i]))
            for i, at in enumerate(order)
        ]
        [entry] = table(records).entries
        assert entry.cost == cost(7, 4)
        assert entry.speed == speed(2.0)
    [entry] = table(made).entries
    assert (entry.cost, entry.speed) == (None, None)


def test_training_noise_is_known_from_several_seeds_and_where_each_speaker_has_a_fold():
    def noise(records):
        return table(records).entries[0].training_noise

    three = made_up.seeds("ravdess-6fold", skill=0.5)
    folds = np.repeat(np.arange(6), 4)
    order = [speaker for test in made_up.shape("ravdess-6fold")[3] for speaker in test]
    of_seeds = np.array([[r.speakers[speaker] for speaker in order] for r in three], dtype=float)
    expected = shares.training_noise(shares.speaker_shares(of_seeds), folds)
    assert noise(three).value == pytest.approx(expected.value)
    assert noise(three).freedom == 12
    assert noise(three[:1]) is None
    assert noise(made_up.seeds("emodb-loso", n=1)) == NONE


def test_optimism_is_over_all_seeds_whose_inner_score_is_known():
    records = made_up.seeds()
    [entry] = table(records).entries
    assert entry.optimism == pytest.approx(0.5 - np.mean(list(entry.seed_uars.values())))  # seed 0's winners
    inner = [[replace(fold, inner_uar=0.7 + seed / 10) for fold in records[seed].folds] for seed in range(3)]
    records = [replace(record, folds=folds) for record, folds in zip(records, inner, strict=True)]
    assert table(records).entries[0].optimism == pytest.approx(0.8 - entry.uar)
    assert table([made_up.record(seed=1)]).entries[0].optimism is None


def test_whether_each_seed_searched():
    records = made_up.seeds()
    assert table(records[:1]).entries[0].searched is None
    assert table(records).entries[0].searched is False
    anew = [replace(record, folds=records[0].folds) for record in records]
    assert table(anew).entries[0].searched is True
