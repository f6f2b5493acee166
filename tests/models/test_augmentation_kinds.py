"""What an augmentation may be asked for: kinds, ranges, copies, and where each comes from."""

import pytest

from benchmark.audio import augmentation
from benchmark.models import augmentation_kinds
from benchmark.training import feature_augmentation
from protocols.contract import Augmentation
from protocols.errors import PluginError


@pytest.mark.parametrize(
    ("one", "known", "message"),
    [
        (
            Augmentation("echo", 1, 2),
            augmentation.WAVE,
            "there is no augmentation 'echo' here; known: noise, gain, time-shift, speed,",
        ),
        (
            Augmentation("time-mask", 0, 1),
            augmentation.WAVE,
            "there is no augmentation 'time-mask' here; known: noise",
        ),
        (
            Augmentation("noise", 0, 9),
            feature_augmentation.FEATURE,
            "there is no augmentation 'noise' here; known: time-mask, band-mask, band-",
        ),
        (
            Augmentation("gain", 3, -3),
            augmentation.WAVE,
            "gain: from 3 to -3 is no range; give low <= high, both from -60",
        ),
        (Augmentation("speed", 0, 1), augmentation.WAVE, "speed: from 0 to 1 is no range; .* from 0.25 to 4"),
        (
            Augmentation("time-mask", 0, 2),
            feature_augmentation.FEATURE,
            "time-mask: from 0 to 2 is no range; .* from 0 to 1",
        ),
        (Augmentation("pitch", float("nan"), 2), augmentation.WAVE, "pitch: from nan to 2 is no range"),
        (Augmentation("gain", 0, 1, 1.5), augmentation.WAVE, "gain: the probability 1.5 is not from 0 to 1"),
        (
            Augmentation("gain", 0, 1, copies=(1, 4)),
            augmentation.WAVE,
            "gain: there is no augmented copy 4 here; they are numbered from 1 to 3",
        ),
    ],
)
def test_what_cannot_be_done_is_refused(one, known, message):
    with pytest.raises(PluginError, match=message):
        augmentation_kinds.check([one], known=known, copies=3)


def test_features_have_no_copies_to_be_altered():
    masks = [Augmentation("time-mask", 0, 1, copies=(1,))]
    with pytest.raises(PluginError, match="time-mask: there is no augmented copy 1 here; leave `copies` out"):
        augmentation_kinds.check(masks, known=feature_augmentation.FEATURE)


def test_every_augmentation_has_a_source_and_limits():
    every = [*augmentation.WAVE, *feature_augmentation.FEATURE]
    assert list(augmentation_kinds.SOURCES) == list(augmentation_kinds.LIMITS) == every
    assert all("20" in source or "19" in source for source in augmentation_kinds.SOURCES.values())
    for kind, (least, most) in augmentation_kinds.LIMITS.items():
        augmentation_kinds.check([Augmentation(kind, least, most)], known=every)
