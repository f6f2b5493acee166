"""How long the papers' models learn at their papers' own settings."""

import numpy as np
import pytest

from baselines.attention_cnn import AttentionCnnPublished
from baselines.vit import VitStudent, VitStudentAlone, VitTeacher
from benchmark.training import epoch_plan, trainer
from protocols import folds
from protocols.contract import ClipBatch

# Rows a clip, batch, epochs, and the steps of a whole fit on three of SAVEE's speakers, 360 clips.
SETTINGS = {
    AttentionCnnPublished: (4, 16, 100, 100 * 90),
    VitTeacher: (4, 32, 50, 50 * 45),
    VitStudent: (4, 32, 100, 100 * 45),
    VitStudentAlone: (4, 32, 100, 100 * 45),
}


@pytest.mark.parametrize(("model", "setting"), SETTINGS.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_the_steps_of_a_fit_on_savee(model, setting):
    protocol = folds.load("savee-loso")
    split = folds.split(protocol, protocol.folds[0], folds.population(protocol).rows)
    recipe, copies = model.recipe(model.defaults), model.features(model.defaults).copies
    plan = epoch_plan.drawn(len(split.development), recipe, copies=copies, seed=0, epoch=1)
    rows = len(set(zip(plan.order.tolist(), plan.copies.tolist(), strict=True)))
    assert (rows / len(split.development), recipe.batch_size, recipe.epochs) == setting[:3]
    assert plan.sizes.max() <= recipe.batch_size
    assert recipe.epochs * len(plan.sizes) == setting[3]


def test_a_fit_takes_as_many_steps_as_its_rows_make():
    model, rng = AttentionCnnPublished, np.random.default_rng(0)
    inputs = [[rng.normal(size=(1, 24)).astype(np.float32) for _ in range(13)] for _ in range(4)]
    train = ClipBatch(inputs[0], np.arange(13) % 3, copies=inputs[1:])
    training = trainer.Trainer(model, 3, seed=0, device="cpu", params=model.defaults).begin(train)
    training.advance(2)
    steps = {int(state["step"]) for state in training.optimiser.state.values()}
    assert steps == {2 * 4}  # 52 rows in batches of 16
