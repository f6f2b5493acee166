import subprocess
import sys

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.svm import SVC

from protocols.contract import (
    ClipBatch,
    Declaration,
    Features,
    FitInfo,
    Info,
    Model,
    Recipe,
    SklearnModel,
    TorchModel,
)

INPUTS = [np.full((length, 2), value, dtype=np.float32) for length, value in [(3, 1), (1, 2), (4, 3)]]


def clips(labels, *, spread=0.1, seed=0):
    """ClipBatch of one frame and three channels, whose first ones lie where their label says."""
    rng = np.random.default_rng(seed)
    x = rng.normal(scale=spread, size=(len(labels), 1, 3)).astype(np.float32)
    x[np.arange(len(labels)), 0, np.asarray(labels) % 3] += 2
    return ClipBatch(list(x), np.asarray(labels), np.zeros(len(labels), dtype=np.int64))


def model(estimator_, **declared):
    class Mine(SklearnModel):
        defaults = declared

        @staticmethod
        def estimator(params, *, seed):
            return estimator_(params, seed)

    return Mine


def test_a_batch_is_padded_to_its_longest_clip():
    x, lengths = ClipBatch(INPUTS).batch()
    assert x.shape == (3, 4, 2)
    assert (x.dtype, lengths.dtype) == (np.float32, np.int64)
    assert lengths.tolist() == [3, 1, 4]
    assert x[:, :, 0].tolist() == [[1, 1, 1, 0], [2, 0, 0, 0], [3, 3, 3, 3]]


def test_a_batch_of_some_clips_in_their_order():
    x, lengths = ClipBatch(INPUTS).batch([1, 0])
    assert x[:, :, 1].tolist() == [[2, 0, 0], [1, 1, 1]]
    assert lengths.tolist() == [1, 3]


def test_a_batch_has_the_frames_that_are_declared():
    x, lengths = ClipBatch(INPUTS, frames=6).batch([1])
    assert x.shape == (1, 6, 2)
    assert lengths.tolist() == [1]


def test_lengths_and_what_a_test_clip_hides():
    hidden = ClipBatch(INPUTS)
    assert len(hidden) == 3
    assert hidden.lengths.tolist() == [3, 1, 4]
    assert hidden.labels is None
    assert hidden.speakers is None


def test_clips_do_not_change():
    with pytest.raises(AttributeError):
        ClipBatch(INPUTS).labels = np.zeros(3)  # type: ignore[misc]


def test_an_estimator_with_probabilities():
    fitted = model(lambda params, seed: LogisticRegression(C=params["C"], random_state=seed), C=1.0)(
        3, seed=0, C=5.0
    )
    train = clips([0, 1, 2] * 10)
    assert fitted.fit(train) == FitInfo()
    predictions = fitted.predict_proba(clips([2, 0, 1], seed=1))
    assert fitted.fitted.C == 5.0
    assert predictions.argmax(axis=1).tolist() == [2, 0, 1]
    assert predictions.sum(axis=1) == pytest.approx(np.ones(3))


def test_a_class_that_train_lacks_gets_nothing():
    fitted = model(lambda *_: LogisticRegression())(5, seed=0)
    fitted.fit(clips([0, 1, 4] * 10))
    predictions = fitted.predict_proba(clips([4, 0]))
    assert predictions.shape == (2, 5)
    assert predictions[:, [2, 3]].tolist() == [[0, 0], [0, 0]]
    assert predictions.sum(axis=1) == pytest.approx(np.ones(2))


def test_margins_become_their_softmax():
    fitted = model(lambda *_: SVC(decision_function_shape="ovr"))(3, seed=0)
    fitted.fit(clips([0, 1, 2] * 10))
    asked = clips([2, 0, 1, 1], seed=1)
    margins = fitted.fitted.decision_function(asked.batch()[0].reshape(4, -1))
    powers = np.exp(margins)
    assert fitted.predict_proba(asked) == pytest.approx(powers / powers.sum(axis=1, keepdims=True))


def test_one_margin_for_two_classes():
    fitted = model(lambda *_: RidgeClassifier())(2, seed=0)
    fitted.fit(clips([0, 1] * 10))
    asked = clips([0, 1, 1], seed=1)
    margin = fitted.fitted.decision_function(asked.batch()[0].reshape(3, -1))
    assert fitted.predict_proba(asked)[:, 1] == pytest.approx(1 / (1 + np.exp(-margin)))
    assert fitted.predict_proba(asked).argmax(axis=1).tolist() == [0, 1, 1]


def test_margins_may_be_huge():
    class Sure:
        classes_ = np.array([0, 1, 2])

        def fit(self, _x, _y):
            return self

        def decision_function(self, x):
            return np.tile([1e4, 0.0, -1e4], (len(x), 1))

    fitted = model(lambda *_: Sure())(3, seed=0)
    fitted.fit(clips([0, 1, 2]))
    assert fitted.predict_proba(clips([0])).tolist() == [[1, 0, 0]]


def test_one_clips_answer_does_not_depend_on_the_others():
    fitted = model(lambda *_: LogisticRegression())(3, seed=0)
    fitted.fit(clips([0, 1, 2] * 10))
    asked = clips([0, 1, 2, 0, 1], spread=1.0)
    alone = [fitted.predict_proba(ClipBatch([clip]))[0] for clip in asked.inputs]
    assert fitted.predict_proba(asked) == pytest.approx(np.array(alone))


@pytest.mark.parametrize(
    "call",
    [
        lambda: Declaration.features({}),
        lambda: SklearnModel.estimator({}, seed=0),
        lambda: TorchModel.build(2, 3, {}),
    ],
)
def test_what_must_be_declared(call):
    with pytest.raises(NotImplementedError):
        call()


def test_what_need_not_be_declared():
    assert Declaration.space(None) == {}
    assert TorchModel.recipe({}) == Recipe()
    assert Declaration.defaults == {}
    assert Features(front_end="wave").seconds is None


def test_declarations_are_by_keyword_and_fixed():
    with pytest.raises(TypeError):
        Info("name", "1", "title", "summary")  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        Recipe().epochs = 3  # type: ignore[misc]


def test_a_model_with_its_own_training_is_known_by_its_methods():
    class Own(Declaration):
        def fit(self, *_clips, **_options):
            return FitInfo()

        def predict_proba(self, clips):
            return np.ones((len(clips), 1))

    assert isinstance(Own(), Model)
    assert not isinstance(Declaration(), Model)


def test_the_contract_is_all_that_a_plugin_needs():
    """An outsider's file imports it without the engine."""
    code = "import sys, protocols.contract; print(any(m.split('.')[0] == 'benchmark' for m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
