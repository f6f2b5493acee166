import numpy as np
import pytest

from benchmark.records import answers
from benchmark.records.prediction_table import Predictions
from protocols.corpora import ManifestRow
from protocols.errors import RecordError

LABELS = ("anger", "joy", "neutral")
ROWS = [
    ManifestRow(f"c{i}", f"c{i}.wav", speaker, "female", emotion, "s1")
    for i, (speaker, emotion) in enumerate(
        [("a", "anger"), ("a", "joy"), ("b", "neutral"), ("b", "anger"), ("b", "joy")]
    )
]
KNOWN = {row.clip: row for row in ROWS}


def predictions(clips=("c3", "c1", "c4"), table=((0.2, 0.2, 0.6), (0.1, 0.8, 0.1), (0.4, 0.4, 0.2))):
    return Predictions(list(clips), np.arange(len(clips)), np.array(table, dtype=float))


def test_predictions_meet_their_rows_in_their_own_order():
    found = answers.join(predictions(), KNOWN, LABELS)
    assert [row.clip for row in found.rows] == ["c3", "c1", "c4"]
    assert found.labels == LABELS
    assert found.truth.tolist() == [0, 1, 1]
    assert found.predicted.tolist() == [2, 1, 0]  # the lowest index on ties
    assert found.confidence.tolist() == [0.6, 0.8, 0.4]
    assert found.speakers.tolist() == ["b", "a", "b"]
    assert found.folds.tolist() == [0, 1, 2]
    assert found.probabilities is not None


def test_nothing_predicted_joins_to_nothing():
    found = answers.join(predictions((), np.zeros((0, 3))), KNOWN, LABELS)
    assert found.rows == ()
    assert len(found.truth) == len(found.predicted) == len(found.speakers) == 0


@pytest.mark.parametrize(
    ("of", "labels", "message"),
    [
        (predictions(("c3", "c9", "c4")), LABELS, "c9: the manifest has no such clip."),
        (predictions(("c3", "c1", "c3")), LABELS, "c3: it has two rows of predictions."),
        (
            predictions(),
            ("anger", "fear", "neutral"),
            "c1: its emotion 'joy' is none of anger, fear, neutral.",
        ),
        (predictions(table=np.full((3, 3), np.nan)), LABELS, "c3: its probabilities are not finite."),
        (predictions(table=[[1, 0, 0], [0, np.inf, 0], [0, 0, 1]]), LABELS, "c1: its probabilities are not"),
        (predictions(), LABELS[:2], r"of shape \(3, 3\), not \(3, 2\)"),
        (predictions(table=np.zeros((2, 3))), LABELS, r"of shape \(2, 3\), not \(3, 3\)"),
    ],
)
def test_what_does_not_fit_is_named(of, labels, message):
    with pytest.raises(RecordError, match=message):
        answers.join(of, KNOWN, labels)


def test_indices_are_places_among_the_labels():
    assert answers.indices(ROWS, LABELS).tolist() == [0, 1, 2, 0, 1]
    assert answers.indices(ROWS[:2], ("joy", "anger")).tolist() == [1, 0]
