"""A model whose clips are normalised by other clips of their speakers."""

from dataclasses import replace

import numpy as np
import pytest

from benchmark.models import backends, enrolled, plugins
from benchmark.models.backends.sklearn import Sklearn
from benchmark.models.enrolled import PRIOR, Enrolled
from protocols.contract import ClipBatch, FitInfo

SPEAKERS = np.arange(24) % 3


class Listener:
    """Keeps what it is given."""

    def fit(self, train, validation=None, *, epochs=None):
        self.train, self.validation, self.epochs = train, validation, epochs
        return FitInfo()

    def predict_proba(self, clips):
        self.test = clips
        return np.full((len(clips), 2), 0.5)


class Keeper(Listener):
    def state(self):
        return {"own": np.ones(1)}

    def load_state(self, state):
        self.loaded = dict(state)


def batch(seed, *, k=3, copies=0):
    """Clips of 4 to 9 frames and two channels, each voice with a mean and a deviation of its own."""
    rng = np.random.default_rng(seed)
    clips = [
        (rng.normal(size=(rng.integers(4, 10), 2)) * (1 + who) + 10 * who).astype(np.float32)
        for who in SPEAKERS
    ]
    others = [np.flatnonzero(who == SPEAKERS) for who in SPEAKERS]
    drawn = [
        rng.permutation(own[own != row])[:k] for _ in range(1 + copies) for row, own in enumerate(others)
    ]
    return ClipBatch(
        clips,
        labels=np.arange(24) % 2,
        speakers=SPEAKERS,
        copies=[[clip + 1 for clip in clips] for _ in range(copies)],
        enrolment=[[clips[other] for other in each] for each in drawn],
    )


def normalised(clip, speaker, train):
    """The formula, a second time: mean and variance of K clips, drawn to those of training."""
    every = np.concatenate(train).astype(np.float64)
    own = np.concatenate(speaker).astype(np.float64) if speaker else np.zeros((1, 2))
    share = len(speaker) / (len(speaker) + PRIOR)
    mean = share * own.mean(axis=0) + (1 - share) * every.mean(axis=0)
    variance = share * own.var(axis=0) + (1 - share) * every.var(axis=0)
    return (clip - mean) / np.sqrt(variance)


@pytest.mark.parametrize("at_once", [5, 256])
def test_clips_and_copies_are_normalised_each_by_its_own_draw(monkeypatch, at_once):
    monkeypatch.setattr(enrolled, "AT_ONCE", at_once)
    train, test, model = batch(0, copies=2), batch(1, k=5), Listener()
    wrapped = Enrolled(model)
    wrapped.fit(train, epochs=3)
    wrapped.predict_proba(test)
    assert (model.epochs, model.validation, model.train.enrolment, model.test.enrolment) == (
        3,
        None,
        None,
        None,
    )
    given = [(model.train.inputs, train.inputs), *zip(model.train.copies, train.copies, strict=True)]
    for copy, (came, clips) in enumerate(given):
        for row, clip in enumerate(clips):
            expected = normalised(clip, train.enrolment[24 * copy + row], train.inputs)
            np.testing.assert_allclose(came[row], expected, atol=1e-5)
    for came, clip, speaker in zip(model.test.inputs, test.inputs, test.enrolment, strict=True):
        np.testing.assert_allclose(came, normalised(clip, speaker, train.inputs), atol=1e-5)
        assert came.dtype == np.float32
        assert not came.flags.writeable
    np.testing.assert_array_equal(model.train.labels, train.labels)


def test_without_clips_of_the_speaker_training_alone_counts_and_without_enrolment_nothing_is_done():
    model, train, test = Listener(), batch(0), batch(1)
    wrapped = Enrolled(model)
    wrapped.fit(train, validation=test)
    assert model.validation.enrolment is None
    wrapped.predict_proba(replace(test, enrolment=[[]] * 24))
    np.testing.assert_allclose(model.test.inputs[7], normalised(test.inputs[7], [], train.inputs), atol=1e-5)
    plain = replace(test, enrolment=None)
    wrapped.predict_proba(plain)
    assert model.test is plain


def test_a_constant_channel_stays_finite():
    train = batch(0)
    flat = [np.float32([1e4, 0]) + 0 * clip for clip in train.inputs]
    model = Listener()
    Enrolled(model).fit(replace(train, inputs=flat, enrolment=[flat[:3]] * 24))
    assert np.abs(np.concatenate(model.train.inputs)).max() < 1e-3


def test_its_state_holds_the_models_and_what_it_normalises_by():
    one, other = Enrolled(Keeper()), Enrolled(Keeper())
    one.fit(batch(0))
    other.load_state(one.state())
    assert list(other.loaded) == ["own"]
    one.predict_proba(batch(1))
    other.predict_proba(batch(1))
    np.testing.assert_array_equal(one.test.inputs[3], other.test.inputs[3])
    assert not hasattr(Enrolled(Listener()), "state")


@pytest.mark.parametrize("k", ["5", "all"])
def test_an_estimator_is_wrapped_where_it_is_run_with_enrolment_and_costs_the_same(k):
    plain, plugin = plugins.load("mfcc-logreg"), plugins.load(f"mfcc-logreg@{k}")
    assert plugin.info.name == f"mfcc-logreg@{k}"
    models = [backends.make(each, 2, seed=0, device="cpu", params={"C": 1.0}) for each in (plain, plugin)]
    assert [isinstance(model, Enrolled) for model in models] == [False, True]
    train = batch(0)
    for model in models:
        model.fit(replace(train, inputs=[clip[:4] for clip in train.inputs]))
    assert (
        Sklearn().macs(models[0]) == Sklearn().macs(models[1]) == {"linear": 4 * 2}
    )  # one column for two classes


def test_a_networks_validation_is_normalised_after_each_epoch():
    from small_network import SmallNetwork

    from benchmark.training.trainer import Trainer

    trainer = Enrolled(Trainer(SmallNetwork, 2, seed=0, device="cpu", params={"learning_rate": 0.02}))
    training = trainer.begin(batch(0), epochs=2)
    validation = batch(1)
    training.advance(2, validation)
    last = training.predictions[-1]
    np.testing.assert_array_equal(last, trainer.predict_proba(validation).astype(np.float32))
    assert np.abs(last - trainer.predict_proba(replace(validation, enrolment=None))).max() > 1e-3
