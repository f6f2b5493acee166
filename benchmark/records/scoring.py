"""From answers to scores: all in a record that follows from what the model predicts of the test clips."""

from __future__ import annotations

import numpy as np

from benchmark.records.answers import Answers
from benchmark.records.schema import Matrix, Scores
from benchmark.scores import metrics


def scores(answers: Answers) -> Scores:
    """Scores of the confusion matrix pooled over folds, then over each fold (docs/rules.md#scores)."""
    truth, predicted, n = answers.truth, answers.predicted, len(answers.labels)
    pooled = metrics.confusion(truth, predicted, n)
    of_folds = [
        metrics.confusion(truth[rows], predicted[rows], n)
        for rows in (answers.folds == fold for fold in np.unique(answers.folds))
    ]
    uars = [metrics.uar(matrix) for matrix in of_folds]
    accuracies = [metrics.accuracy(matrix) for matrix in of_folds]
    recalls = zip(answers.labels, metrics.recalls(pooled), strict=True)
    return Scores(
        uar=_round(metrics.uar(pooled)),
        accuracy=_round(metrics.accuracy(pooled)),
        macro_f1=_round(metrics.macro_f1(pooled)),
        cross_entropy=_round(metrics.cross_entropy(truth, answers.probabilities)),
        recalls={label: _round(recall) for label, recall in recalls if not np.isnan(recall)},
        fold_uar_mean=_round(np.mean(uars)),
        fold_uar_std=_round(np.std(uars)),
        fold_accuracy_mean=_round(np.mean(accuracies)),
        fold_accuracy_std=_round(np.std(accuracies)),
    )


def speakers(answers: Answers) -> dict[str, Matrix]:
    """Each test speaker's confusion matrix."""
    of_speaker = {voice: answers.speakers == voice for voice in np.unique(answers.speakers)}
    return {
        str(voice): metrics.confusion(
            answers.truth[rows], answers.predicted[rows], len(answers.labels)
        ).tolist()
        for voice, rows in of_speaker.items()
    }


def _round(value: float | np.floating | np.ndarray) -> float:
    return round(float(value), 6)
