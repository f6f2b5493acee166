"""Which front ends can be stacked, and what becomes of those that cannot."""

from dataclasses import replace

import numpy as np
import pytest

from benchmark.features import front_ends, stack
from protocols.contract import Augmentation, Features
from protocols.errors import PluginError

MEL = Features(front_end="log-mel", options={"n_mels": 40})
PITCH = Features(front_end="pitch")
GAIN = (Augmentation("gain", -6, 6),)


@pytest.mark.parametrize(
    "good",
    [
        (MEL,),
        (MEL, PITCH),
        (replace(MEL, seconds=3.0), replace(PITCH, seconds=3.0)),
        (Features(front_end="egemaps"), Features(front_end="compare")),  # one frame each
        (Features(front_end="egemaps"), replace(PITCH, functionals=("mean", "std"))),
        (replace(MEL, copies=1, augmentation=GAIN), replace(PITCH, copies=1, augmentation=GAIN)),
    ],
)
def test_front_ends_that_share_a_hop_are_stacked(good):
    stack.check(good)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ((), "`features` gives no front end"),
        ((MEL, Features(front_end="mel")), "there is no front end 'mel'"),
        (
            (MEL, replace(PITCH, options={"hop": 320})),
            r"log-mel and pitch have the hops 160 and 320: .*`ClipBatch.beside`\), which is not yet",
        ),
        ((MEL, Features(front_end="egemaps")), "log-mel and egemaps have the hops 160 and None"),
        (
            (Features(front_end="speaker"), Features(front_end="ssl")),
            "speaker and ssl make 1 and 13 frames of the same clip",
        ),
        ((MEL, replace(PITCH, seconds=3.0)), "log-mel and pitch have different `seconds`"),
        ((MEL, replace(PITCH, copies=1, augmentation=GAIN)), "log-mel and pitch have different `copies`"),
        (
            (
                replace(MEL, copies=1, augmentation=GAIN),
                replace(PITCH, copies=1, augmentation=(Augmentation("gain", -3, 3),)),
            ),
            "log-mel and pitch have different `augmentation`",
        ),
    ],
)
def test_others_are_refused(bad, message):
    with pytest.raises(PluginError, match=message):
        stack.check(bad)


def test_channels_stand_in_the_order_given():
    wave = (0.1 * np.random.default_rng(0).normal(size=20_000)).astype(np.float32)
    mel, pitch = (front_ends.compute(each, wave) for each in (MEL, PITCH))
    mel = front_ends.given(MEL, mel)  # as a model is given it
    np.testing.assert_array_equal(stack.compute((MEL, PITCH), wave), np.concatenate([mel, pitch], axis=1))
    np.testing.assert_array_equal(stack.compute((PITCH, MEL), wave), np.concatenate([pitch, mel], axis=1))
    np.testing.assert_array_equal(stack.compute((MEL,), wave), mel)
    assert stack.limit((replace(MEL, seconds=3.0), replace(PITCH, seconds=3.0))) == 301


def test_frames_that_differ_all_the_same_are_an_error_that_names_both():
    with pytest.raises(PluginError, match="a and c make 3 and 4 frames of the same clip"):
        stack.joined(["a", "b", "c"], [np.zeros((n, 2)) for n in (3, 3, 4)])
