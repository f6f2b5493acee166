"""On which test clips two models agree."""

import numpy as np
import pytest
from pairs import CLIPS, LABELS, chances, compared, predicted

from benchmark.ranking import agreement
from benchmark.records.prediction_table import Predictions

KNOWN = {clip.clip: clip for clip in CLIPS}


def mean(of_seeds):
    return agreement.mean(of_seeds, KNOWN, LABELS)


def test_clip_counts_are_those_of_each_clip():
    found = agreement.between(mean(predicted(0, 1)), mean(predicted(2)))
    counts = {"both": 0, "first": 0, "second": 0, "neither": 0, "differ": 0}
    for clip, a, b in zip(CLIPS, (chances(0) + chances(1)) / 2, chances(2), strict=True):
        says = LABELS[list(a).index(max(a))], LABELS[list(b).index(max(b))]
        right = says[0] == clip.emotion, says[1] == clip.emotion
        counts[{(1, 1): "both", (1, 0): "first", (0, 1): "second", (0, 0): "neither"}[right]] += 1
        counts["differ"] += says[0] != says[1]
    assert counts == {name: getattr(found, name) for name in counts}
    assert found.clips == len(CLIPS)
    assert len(found.most) == 40 < found.differ
    together = [a * b for a, b in (clip.confidence for clip in found.most)]
    assert together == sorted(together, reverse=True)
    assert all(clip.answers[0] != clip.answers[1] for clip in found.most)


def test_the_lowest_index_wins_a_tie_and_rows_may_come_in_any_order():
    even = [
        Predictions([clip.clip for clip in CLIPS], np.zeros(len(CLIPS), dtype=int), np.full((480, 7), 1 / 7))
    ]
    assert not mean(even).predicted.any()
    [forth] = predicted(3)
    back = Predictions(forth.clips[::-1], forth.folds, forth.probabilities[::-1])
    assert np.array_equal(mean([forth]).predicted, mean([back]).predicted)


@pytest.mark.parametrize(
    "of_seeds",
    [
        [],
        [*predicted(0), None],
        [*predicted(0), *predicted(1, clips=CLIPS[1:])],
        predicted(0, clips=(*CLIPS, CLIPS[0])),
        predicted(0, clips=(*CLIPS, CLIPS[0]._replace(clip="stranger"))),
        [Predictions([CLIPS[0].clip], np.zeros(1, dtype=int), np.full((1, 7), np.nan))],
        [Predictions([], np.zeros(0, dtype=int), np.zeros((0, 7)))],
    ],
)
def test_predictions_that_are_not_whole_tell_nothing(of_seeds):
    assert mean(of_seeds) is None


def populations(known, board):
    return {name: known.population(name, table.corpora) for name, table in board.tables.items()}


def test_clips_are_listed_where_predictions_of_all_seeds_are_at_hand(board, known):
    made, derived = board
    by_seed = {("good", 0): 0, ("good", 1): 1, ("good", 2): 2, ("bad", 0): 3, ("bad", 1): 4, ("bad", 2): 5}

    def at_hand(record):
        savee = record.protocol.name == "savee-loso"
        return predicted(by_seed[record.model.name, record.seed])[0] if savee else None

    agree = agreement.at_hand(made, populations(known, derived), at_hand)
    _, on = compared(derived, agree=agree)
    assert on["savee-loso"].agreement.clips == 480
    assert on["emodb-loso"].agreement is None
    agree = agreement.at_hand(made, {}, at_hand)  # clips that nobody knows have no truth
    assert compared(derived, agree=agree)[1]["savee-loso"].agreement is None
