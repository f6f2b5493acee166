"""Fits as a stack against the same fits one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from benchmark.models import backends
from benchmark.models.plugins import Plugin
from benchmark.speed import noise
from benchmark.speed.comparison import Comparison, Row, in_turn
from benchmark.training import stack_probe
from benchmark.training.stack import Fit, Stack
from protocols.contract import ClipBatch

FEW, MANY = 4, 150  # fits of a stack on a processor and on a GPU; one by one, a few are timed


def rows(plugins: Sequence[Plugin], device: str) -> Iterator[Row]:
    """Each network that can be stacked; seconds of one fit of many."""
    for plugin in noise.networks(plugins):
        clips, params = noise.clips(plugin), [plugin.model.defaults] * 2
        frames, channels = clips.inputs[0].shape
        shape = {"frames": frames, "channels": channels}
        if not stack_probe.reason_against(noise.network_class(plugin), noise.CLASSES, params, **shape):
            yield _row(plugin, clips, device)


COMPARISON = Comparison(name="stack", ours="a stack of fits", other="the fits one by one", rows=rows)


def _row(plugin: Plugin, clips: ClipBatch, device: str) -> Row:
    width = MANY if device.startswith("cuda") else FEW
    everyone, params = np.arange(len(clips)), dict(plugin.model.defaults)

    def stacked() -> None:
        fits = [Fit(params=params, seed=seed, epochs=noise.EPOCHS, train=everyone) for seed in range(width)]
        Stack(noise.network_class(plugin), noise.CLASSES, clips, fits, device=device).train()

    def one_by_one() -> None:
        for seed in range(FEW):
            model = backends.make(plugin, noise.CLASSES, seed=seed, device=device, params=params)
            model.fit(clips, None, epochs=noise.EPOCHS)

    ours, other = in_turn(stacked, one_by_one, device=device)
    return Row(plugin.info.name, ours / width, other / FEW)
