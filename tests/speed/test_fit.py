"""The plain loop does the same work as the trainer, so that their times can be compared."""

import numpy as np
import pytest
import torch

from benchmark.models import backends, plugins
from benchmark.speed import fit, noise

pytestmark = pytest.mark.usefixtures("as_in_a_worker")


def test_both_sides_start_from_the_same_weights_and_move_them_alike():
    plugin = plugins.load("small-cnn")
    clips = noise.clips(plugin)
    model = backends.make(plugin, noise.CLASSES, seed=0, device="cpu", params=dict(plugin.model.defaults))
    model.fit(clips, None, epochs=noise.EPOCHS)
    torch.manual_seed(0)
    start = noise.network_class(plugin).build(noise.CLASSES, clips.inputs[0].shape[1], plugin.model.defaults)
    ways = [
        np.concatenate(
            [
                (there - here).detach().numpy().ravel()
                for there, here in zip(network.parameters(), start.parameters(), strict=True)
            ]
        )
        for network in (model.network.network, fit.loop(plugin, clips, "cpu"))  # type: ignore[attr-defined]
    ]
    ours, other = (float(np.abs(way).mean()) for way in ways)
    assert ours > 0
    assert other == pytest.approx(ours, rel=0.2)


def test_students_and_other_models_are_left_out():
    found = [plugins.load(name) for name in ("vit-student", "prior", "small-cnn")]
    assert [plugin.info.name for plugin in noise.networks(found)] == ["small-cnn"]


def test_noise_has_the_shape_of_speech():
    clips = noise.clips(plugins.load("small-cnn"))
    assert (len(clips), clips.inputs[0].shape[1]) == (noise.CLIPS, 40)
    assert 140 < len(clips.inputs[0]) < 160  # 3 s in steps of 20 ms
