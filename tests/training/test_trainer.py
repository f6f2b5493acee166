"""The trainer learns, repeats itself, and looks at nothing but train."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from baselines.small_cnn import SmallCnn
from benchmark.audio import reader
from benchmark.corpora import embedded as embedded_module
from benchmark.features import front_ends
from benchmark.records import answers
from benchmark.training import feature_augmentation, trainer
from benchmark.training.loss import Mix, Objective
from protocols import corpora
from protocols.contract import Augmentation, ClipBatch, Recipe, TorchModel
from protocols.errors import PluginError

CLASSES = 7


pytestmark = pytest.mark.usefixtures("as_in_a_worker")


@pytest.fixture(scope="module")
def embedded(cache):  # noqa: ARG001
    """All clips of the embedded SAVEE, through small-cnn's front end: (arrays, labels)."""
    corpus, folder = corpora.load("savee"), embedded_module.ensure() / "savee"
    chosen = embedded_module.select(corpus)
    wanted = SmallCnn.features(SmallCnn.defaults)
    arrays = [front_ends.compute(wanted, reader.read(folder / clip.path)) for clip in chosen]
    return arrays, answers.indices(chosen, corpus.labels)


def clips(embedded, rows, *, hidden=False, frames=None):
    arrays, labels = embedded
    return ClipBatch([arrays[row] for row in rows], None if hidden else labels[rows], None, frames)


def made(seed=1, plugin=SmallCnn, **params):
    return trainer.Trainer(plugin, CLASSES, seed=seed, device="cpu", params={**SmallCnn.defaults, **params})


ROWS = np.arange(0, 64, 2)
OTHERS = np.arange(1, 64, 2)


def test_it_overfits_32_clips(embedded):
    train = clips(embedded, ROWS)
    model = made(dropout=0.0)
    info = model.fit(train, epochs=60)
    assert (model.predict_proba(train).argmax(axis=1) == train.labels).mean() > 0.95
    assert info.epochs == 60
    assert len(info.curves["train loss"]) == 60
    assert info.curves["train loss"][-1] < 0.2 * info.curves["train loss"][0]


def test_the_seed_decides(embedded):
    def predictions(seed):
        model = made(seed)
        model.fit(clips(embedded, ROWS), epochs=2)
        return model.predict_proba(clips(embedded, OTHERS, hidden=True))

    first = predictions(1)
    torch.rand(17)  # whatever happened before must not matter
    np.testing.assert_array_equal(predictions(1), first)
    assert np.abs(predictions(2) - first).max() > 1e-3


@pytest.fixture(scope="module")
def fitted(embedded):
    model = made()
    model.fit(clips(embedded, ROWS), epochs=2)
    return model


def test_probabilities_are_probabilities(embedded, fitted):
    predictions = fitted.predict_proba(clips(embedded, OTHERS, hidden=True))
    assert predictions.shape == (len(OTHERS), CLASSES)
    assert predictions.dtype == np.float64
    np.testing.assert_allclose(predictions.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("frames", [None, 151], ids=["padded to the longest", "padded to a length"])
def test_one_clips_answer_does_not_depend_on_the_others(embedded, fitted, frames):
    """ClipBatch of other lengths beside it, other padding, another order."""
    arrays, _ = embedded
    cut = [array[: 12 + 3 * place] for place, array in enumerate(arrays[:30])]
    together = fitted.predict_proba(ClipBatch(cut, frames=frames))
    alone = np.concatenate([fitted.predict_proba(ClipBatch([clip], frames=frames)) for clip in cut])
    backwards = fitted.predict_proba(ClipBatch(cut[::-1], frames=frames))[::-1]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(together, backwards, atol=1e-5)


def test_each_epochs_predictions_are_given_and_none_is_chosen(embedded):
    """Validation has the labels that the network predicts after three epochs; it trains on all the same."""
    train, validation = clips(embedded, ROWS), clips(embedded, OTHERS)
    predictions, seen, model = [], [], made()
    model.fit(
        train, validation, epochs=8, report=lambda *_: predictions.append(model.predict_proba(validation))
    )
    third = predictions[2].argmax(axis=1)
    assert (predictions[7].argmax(axis=1) != third).any()
    again = made()
    info = again.fit(train, ClipBatch(validation.inputs, third), epochs=8, report=lambda *at: seen.append(at))
    assert info.epochs == 8
    assert info.probabilities.dtype == np.float32
    np.testing.assert_allclose(info.probabilities, predictions, atol=1e-7)
    assert [epoch for epoch, _ in seen] == list(range(1, 9))
    assert [uar for _, uar in seen] == info.curves["validation UAR"]
    assert info.curves["validation UAR"][2] == 1.0
    np.testing.assert_array_equal(again.predict_proba(validation), predictions[7])


def test_a_search_may_not_train_longer_than_the_recipe_and_a_refit_exactly_so_long(embedded):
    train, validation = clips(embedded, ROWS[:8]), clips(embedded, OTHERS[:8])
    assert len(made().fit(train, validation, epochs=500).curves["train loss"]) == 20
    assert len(made().fit(train, validation, epochs=2).curves["train loss"]) == 2
    assert len(made().fit(train).curves["train loss"]) == 20
    assert len(made().fit(train, epochs=3).curves["train loss"]) == 3
    assert made().fit(train, epochs=1).probabilities is None  # nothing to choose by


def test_standardisation_knows_train_alone(embedded):
    train, validation = clips(embedded, ROWS), clips(embedded, OTHERS)
    louder = ClipBatch([clip + 30 for clip in validation.inputs], validation.labels)
    frames = np.concatenate(train.inputs)
    for beside in (None, validation, louder):
        model = made()
        model.fit(train, beside, epochs=1)
        state = model.state()
        np.testing.assert_allclose(state["mean"], frames.mean(axis=0), rtol=1e-4)
        np.testing.assert_allclose(state["deviation"], frames.std(axis=0), rtol=1e-4)


def test_a_constant_channel_stays_finite():
    rng = np.random.default_rng(0)
    flat = [np.column_stack([rng.normal(size=40), np.full(40, -80.0)]).astype(np.float32) for _ in range(8)]
    model = made()
    model.fit(ClipBatch(flat, np.arange(8) % CLASSES), epochs=1)
    assert np.isfinite(model.predict_proba(ClipBatch(flat))).all()


def test_state_restores_the_network(embedded, fitted):
    other = made(seed=99)
    other.fit(clips(embedded, OTHERS), epochs=1)
    asked = clips(embedded, OTHERS, hidden=True)
    assert np.abs(other.predict_proba(asked) - fitted.predict_proba(asked)).max() > 1e-3
    other.load_state(fitted.state())
    np.testing.assert_array_equal(other.predict_proba(asked), fitted.predict_proba(asked))
    assert fitted.parameters == sum(p.numel() for p in fitted.network.parameters())


class Plain(TorchModel):
    """Mean over frames, then a linear layer, as a recipe wants it."""

    @staticmethod
    def build(n_classes, channels, params):  # noqa: ARG004
        class Mean(nn.Module):
            def __init__(self):
                super().__init__()
                self.head = nn.Linear(channels, n_classes)

            def forward(self, x, lengths):
                return self.head(x.sum(dim=1) / lengths[:, None])

        return Mean()

    @staticmethod
    def recipe(params):
        return Recipe(
            epochs=4,
            optimiser="adam",
            schedule="constant",
            standardise=False,
            class_weights=params["weights"],
        )


def test_class_weights_are_inverse_frequencies_of_the_classes_that_train_has():
    weights = made(plugin=Plain, weights=True)._class_weights(np.array([0, 0, 0, 1, 2, 2]))
    np.testing.assert_allclose(weights, [6 / 9, 6 / 3, 6 / 6, 0, 0, 0, 0])
    assert made(plugin=Plain, weights=False)._class_weights(np.array([0, 1])) is None


def test_a_recipe_is_obeyed(embedded):
    model = made(plugin=Plain, weights=True)
    info = model.fit(clips(embedded, ROWS))
    assert info.epochs == 4
    state = model.state()
    assert set(state) == {"mean", "deviation", "network.head.weight", "network.head.bias"}
    assert not state["mean"].any()  # not standardised
    assert (state["deviation"] == 1).all()


def recipe_of(**fields):
    """SmallCnn with another recipe."""
    return type("Another", (SmallCnn,), {"recipe": staticmethod(lambda _params: Recipe(epochs=8, **fields))})


@pytest.mark.parametrize(
    "fields",
    [
        {"mixup": 0.2},
        {"augmentation": (Augmentation("time-mask", 0.0, 0.3), Augmentation("band-mask", 0, 8))},
        {"schedule": "one-cycle"},
        {"optimiser": "adam", "weight_decay": 0.1},
        {"label_smoothing": 0.1, "clip_norm": None},
    ],
    ids=lambda fields: "+".join(fields),
)
def test_each_part_of_a_recipe_acts_and_repeats_itself(embedded, fields):
    train, asked = clips(embedded, ROWS), clips(embedded, OTHERS, hidden=True)

    def predictions(**more):
        model = made(plugin=recipe_of(**more))
        loss = model.fit(train).curves["train loss"]
        assert loss[-1] < loss[0]
        return model.predict_proba(asked)

    np.testing.assert_array_equal(predictions(**fields), predictions(**fields))
    assert np.abs(predictions(**fields) - predictions()).max() > 1e-3


def test_mixed_clips_share_their_labels():
    """One clip of each of two classes: the loss is the share's mean of both cross-entropies."""
    network = lambda x, lengths: x[:, 0]  # noqa: E731, ARG005
    x = torch.tensor([[[3.0, 0.0]], [[0.0, 3.0]]])
    mixed = Objective(recipe=Recipe(mixup=1.0), class_weights=None)

    def loss(partners, share):
        mix = Mix(torch.tensor(partners), share)
        return float(mixed(network, x, torch.ones(2), torch.tensor([0, 1]), mix))

    plain = float(torch.nn.functional.cross_entropy(x[:, 0], torch.tensor([0, 1])))
    assert loss([0, 1], 0.3) == pytest.approx(plain, abs=1e-6)  # each with itself
    assert loss([1, 0], 0.5) == pytest.approx(np.log(2), abs=1e-6)
    right, wrong = np.log1p(np.exp(-1.5)), np.log1p(np.exp(1.5))  # three quarters and one: 2.25 against 0.75
    assert loss([1, 0], 0.75) == pytest.approx(0.75 * right + 0.25 * wrong, abs=1e-6)


def test_altered_copies_are_drawn_as_often_as_the_clip_itself(embedded, monkeypatch):
    arrays, labels = embedded
    drawn = []  # whether each clip of each batch is a copy
    augmented = feature_augmentation.augmented

    def noted(x, *given, **named):
        drawn.extend((x.amax((1, 2)) > 100).tolist())
        return augmented(x, *given, **named)

    monkeypatch.setattr(feature_augmentation, "augmented", noted)
    train = ClipBatch(
        [arrays[row] for row in ROWS], labels[ROWS], copies=[[arrays[row] + 1e5 for row in ROWS]]
    )

    class OfEach(SmallCnn):
        @staticmethod
        def recipe(params):
            return replace(SmallCnn.recipe(params), copies="one")

    made(plugin=OfEach).fit(train, epochs=20)
    assert len(drawn) == 20 * len(ROWS)
    assert 0.4 < np.mean(drawn) < 0.6


class Taught(Plain):
    """`Plain`, with the feature in the open."""

    info = replace(SmallCnn.info, name="taught")

    @staticmethod
    def build(n_classes, channels, params):  # noqa: ARG004
        class Feature(nn.Module):
            def __init__(self):
                super().__init__()
                self.width = nn.Linear(channels, 5)
                self.head = nn.Linear(5, n_classes)

            def embed(self, x, lengths):
                return self.width(x.sum(dim=1) / lengths[:, None])

            def forward(self, x, lengths):
                return self.head(self.embed(x, lengths))

        return Feature()

    @staticmethod
    def recipe(params):
        return Recipe(epochs=60, learning_rate=1e-2, **params)


def test_a_student_first_comes_near_its_teachers_feature_then_learns_the_labels(embedded):
    train = clips(embedded, ROWS)
    teacher = trainer.Trainer(Taught, CLASSES, seed=1, device="cpu", params={})
    teacher.fit(train)
    before = teacher.state()
    params = {"distillation": 2.0, "distillation_epochs": 30}
    student = trainer.Trainer(Taught, CLASSES, seed=2, device="cpu", params=params)
    loss = student.fit(train, context={"teacher": teacher}).curves["train loss"]
    assert loss[29] < 0.3 * loss[0]  # the distance alone
    assert loss[30] > 1.5  # the labels are new to it
    assert loss[59] < loss[30]
    for name, value in teacher.state().items():
        np.testing.assert_array_equal(value, before[name])
    x, lengths = (torch.from_numpy(array) for array in train.batch())
    x = student.network.standardise(x, lengths)
    with torch.no_grad():
        far = student.network.network.embed(x, lengths) - teacher.network.network.embed(x, lengths)
    assert far.abs().mean() < 0.3


def test_an_epoch_of_distillation_alone_cannot_be_chosen(embedded):
    train, validation = clips(embedded, ROWS), clips(embedded, OTHERS)
    teacher = trainer.Trainer(Taught, CLASSES, seed=1, device="cpu", params={})
    teacher.fit(train, epochs=5)
    params = {"distillation": 2.0, "distillation_epochs": 6}

    for epochs, alone in ((2, 1), (8, 6)):  # one epoch at least is of both
        student = trainer.Trainer(Taught, CLASSES, seed=2, device="cpu", params=params)
        info = student.fit(train, validation, context={"teacher": teacher}, epochs=epochs)
        finite = np.isfinite(info.probabilities).all(axis=(1, 2))
        assert finite.tolist() == [False] * alone + [True] * (epochs - alone)


def test_a_teacher_must_standardise_as_its_student_does(embedded):
    raw = type("Raw", (Taught,), {"recipe": staticmethod(lambda _: Recipe(epochs=1, standardise=False))})
    teacher = trainer.Trainer(raw, CLASSES, seed=1, device="cpu", params={})
    teacher.fit(clips(embedded, ROWS))
    student = trainer.Trainer(Taught, CLASSES, seed=2, device="cpu", params={"distillation": 1.0})
    with pytest.raises(PluginError, match="taught: standardises, and its teacher does not"):
        student.fit(clips(embedded, ROWS), context={"teacher": teacher})


def test_distillation_needs_a_teacher(embedded):
    student = trainer.Trainer(Taught, CLASSES, seed=2, device="cpu", params={"distillation": 1.0})
    with pytest.raises(PluginError, match="taught: its recipe has distillation from a teacher; that needs"):
        student.fit(clips(embedded, ROWS))
