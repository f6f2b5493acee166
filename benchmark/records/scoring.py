"""From predictions to scores: all in a record that follows from the predictions for the test clips."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmark.records.prediction_table import Predictions
from benchmark.records.schema import Matrix, Scores
from benchmark.scores import metrics
from protocols.corpora import ManifestRow


def scores(predictions: Predictions, clips: Sequence[ManifestRow], labels: Sequence[str]) -> Scores:
    """Scores of the confusion matrix pooled over folds, then over each fold by itself (docs/rules.md#scores).

    `clips` are the predictions' clips, in their order.
    """
    truth = indices(clips, labels)
    predicted = metrics.predicted(predictions.probabilities)
    n = len(labels)
    pooled = metrics.confusion(truth, predicted, n)
    of_folds = [
        metrics.confusion(truth[rows], predicted[rows], n)
        for rows in (predictions.folds == fold for fold in np.unique(predictions.folds))
    ]
    uars = [metrics.uar(matrix) for matrix in of_folds]
    accuracies = [metrics.accuracy(matrix) for matrix in of_folds]
    recalls = zip(labels, metrics.recalls(pooled), strict=True)
    return Scores(
        uar=_round(metrics.uar(pooled)),
        accuracy=_round(metrics.accuracy(pooled)),
        macro_f1=_round(metrics.macro_f1(pooled)),
        cross_entropy=_round(metrics.cross_entropy(truth, predictions.probabilities)),
        recalls={label: _round(recall) for label, recall in recalls if not np.isnan(recall)},
        fold_uar_mean=_round(np.mean(uars)),
        fold_uar_std=_round(np.std(uars)),
        fold_accuracy_mean=_round(np.mean(accuracies)),
        fold_accuracy_std=_round(np.std(accuracies)),
    )


def speakers(
    predictions: Predictions, clips: Sequence[ManifestRow], labels: Sequence[str]
) -> dict[str, Matrix]:
    """Each test speaker's confusion matrix."""
    truth = indices(clips, labels)
    predicted = metrics.predicted(predictions.probabilities)
    voices = np.array([clip.speaker for clip in clips])
    return {
        str(voice): metrics.confusion(
            truth[voices == voice], predicted[voices == voice], len(labels)
        ).tolist()
        for voice in np.unique(voices)
    }


def indices(clips: Sequence[ManifestRow], labels: Sequence[str]) -> np.ndarray:
    """Each clip's class as its place among `labels`: (n,) int64."""
    place = {label: index for index, label in enumerate(labels)}
    return np.array([place[clip.emotion] for clip in clips], dtype=np.int64)


def _round(value: float | np.floating | np.ndarray) -> float:
    return round(float(value), 6)
