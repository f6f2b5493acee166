import numpy as np
import pytest

from benchmark.records import answers, scoring
from benchmark.records.prediction_table import Predictions
from protocols.corpora import ManifestRow

LABELS = ("anger", "joy", "neutral")


def clip(name, speaker, emotion):
    return ManifestRow(name, f"{name}.wav", speaker, "female", emotion, "s1")


# speaker, emotion, said; folds 0 and 1
ROWS = [
    ("a", "anger", 0, 0),
    ("a", "joy", 0, 0),
    ("a", "neutral", 2, 0),
    ("b", "anger", 0, 1),
    ("b", "anger", 1, 1),
    ("b", "joy", 1, 1),
]
CLIPS = [clip(f"c{i}", speaker, emotion) for i, (speaker, emotion, *_) in enumerate(ROWS)]
PREDICTIONS = Predictions(
    clips=[c.clip for c in CLIPS],
    folds=np.array([fold for *_, fold in ROWS]),
    probabilities=np.array([np.where(np.arange(3) == said, 0.6, 0.2) for *_, said, _ in ROWS]),
)


def joined(predictions=PREDICTIONS):
    return answers.join(predictions, {row.clip: row for row in CLIPS}, LABELS)


def test_scores_by_hand():
    scores = scoring.scores(joined())
    assert scores.recalls == {"anger": pytest.approx(2 / 3, abs=1e-6), "joy": 0.5, "neutral": 1}
    assert scores.uar == pytest.approx((2 / 3 + 1 / 2 + 1) / 3, abs=1e-6)
    assert scores.accuracy == pytest.approx(4 / 6, abs=1e-6)
    # hits 2, 1, 1; clips 3, 2, 1; said 3, 2, 1
    assert scores.macro_f1 == pytest.approx((4 / 6 + 2 / 4 + 2 / 2) / 3, abs=1e-6)
    assert scores.cross_entropy == pytest.approx(-(4 * np.log(0.6) + 2 * np.log(0.2)) / 6, abs=1e-6)


def test_fold_scores_by_hand():
    scores = scoring.scores(joined())
    uars = (1 + 0 + 1) / 3, (1 / 2 + 1) / 2  # no neutral clip in the second fold
    assert scores.fold_uar_mean == pytest.approx(sum(uars) / 2, abs=1e-6)
    assert scores.fold_uar_std == pytest.approx(abs(uars[0] - uars[1]) / 2, abs=1e-6)
    assert scores.fold_accuracy_mean == pytest.approx(2 / 3, abs=1e-6)
    assert scores.fold_accuracy_std == 0


def test_a_class_without_clips_has_no_recall():
    two = Predictions(PREDICTIONS.clips[3:], PREDICTIONS.folds[3:], PREDICTIONS.probabilities[3:])
    scores = scoring.scores(joined(two))
    assert scores.recalls == {"anger": 0.5, "joy": 1}
    assert scores.uar == 0.75


def test_speakers_by_hand():
    assert scoring.speakers(joined()) == {
        "a": [[1, 0, 0], [1, 0, 0], [0, 0, 1]],
        "b": [[1, 1, 0], [0, 1, 0], [0, 0, 0]],
    }


def test_scores_do_not_depend_on_the_order_of_rows():
    order = np.array([4, 2, 0, 5, 1, 3])
    mixed = Predictions(
        [PREDICTIONS.clips[i] for i in order], PREDICTIONS.folds[order], PREDICTIONS.probabilities[order]
    )
    assert scoring.scores(joined(mixed)) == scoring.scores(joined())
