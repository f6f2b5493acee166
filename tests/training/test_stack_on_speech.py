"""A stack on real speech comes to what its fits come to one after another."""

import numpy as np
import pytest
import separate_training
import torch
from separate_training import Alone

from baselines.small_cnn import SmallCnn
from benchmark.execution import fold_data, jobs, plan
from benchmark.execution.request import Request
from benchmark.features import feature_store
from benchmark.training import inner_fits
from benchmark.training.stack import Fit, Stack
from protocols import folds

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("as_in_a_worker")]
EPOCHS = 8
WITHOUT_COPIES = """
from dataclasses import replace
from baselines.small_cnn import SmallCnn

class Plain(SmallCnn):
    info = replace(SmallCnn.info, name="plain")

    @staticmethod
    def features(params):
        return replace(SmallCnn.features(params), copies=0, augmentation=())
"""


@pytest.fixture
def data(real_data, tmp_path):
    """The first fold of EMO-DB."""
    model = tmp_path / "plain.py"
    model.write_text(WITHOUT_COPIES)
    request = Request(
        data=str(real_data), corpora=("emodb",), models=(str(model),), device="cpu", results=tmp_path
    )
    made = plan.make(request)
    feature_store.ensure(made.features(made.jobs), jobs=2)
    task = jobs.tasks(made.jobs[0])[0]
    return fold_data.load(task, folds.load(task.protocol))


def test_the_inner_folds_of_a_fold_share_the_same_epoch_and_score_the_same(data, monkeypatch):
    monkeypatch.setattr(separate_training, "CLASSES", len(data.classes))
    clips = data.train(np.arange(len(data.clips)))
    fits = [
        Fit(params=SmallCnn.defaults, seed=seed, epochs=EPOCHS, train=train, validation=validation)
        for seed, (train, validation) in enumerate(data.parts.inner)
    ]
    stack = Stack(SmallCnn, len(data.classes), clips, fits, dtype=torch.float64)
    alone, separately = [Alone(SmallCnn, clips, fit) for fit in fits], []
    for epoch in range(1, EPOCHS + 1):
        stack.train_epoch()
        for one in alone:
            one.train_epoch(epoch)
        separately.append([one.predict(one.fit.validation) for one in alone])
    one, other = (score(curve, data) for curve in (stack.curve, separately))
    assert one.epoch == other.epoch
    assert one.uar == pytest.approx(other.uar, abs=0.005)
    assert one.uar > 0.3  # chance is 1/7


def score(curve, data):
    """`curve`: probabilities by epoch and inner fold."""
    by_fold = [np.stack([epoch[part] for epoch in curve]) for part in range(len(data.parts.inner))]
    found = [inner_fits.inner_fit(each, range(1, EPOCHS + 1), {}) for each in by_fold]
    truth = data.labels[np.concatenate([validation for _, validation in data.parts.inner])]
    return inner_fits.score(found, truth, minimise=False)
