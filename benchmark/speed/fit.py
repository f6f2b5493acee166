"""A fit by the engine's trainer against a careful loop as one would write it in PyTorch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import nn

from benchmark.models import backends
from benchmark.models.plugins import Plugin
from benchmark.speed import noise
from benchmark.speed.comparison import Comparison, Row, in_turn
from benchmark.training import feature_augmentation, optimiser
from benchmark.training.loss import Mix, Objective, class_weights
from benchmark.training.standardisation import Standardised
from protocols.contract import ClipBatch


def rows(plugins: Sequence[Plugin], device: str) -> Iterator[Row]:
    """Each network by its own recipe, cut to few epochs."""
    for plugin in noise.networks(plugins):
        yield _row(plugin, noise.clips(plugin), device)


COMPARISON = Comparison(name="fit", ours="a fit by the trainer", other="a plain PyTorch loop", rows=rows)


def _row(plugin: Plugin, clips: ClipBatch, device: str) -> Row:
    def ours() -> None:
        model = backends.make(
            plugin, noise.CLASSES, seed=0, device=device, params=dict(plugin.model.defaults)
        )
        model.fit(clips, None, epochs=noise.EPOCHS)

    return Row(plugin.info.name, *in_turn(ours, lambda: loop(plugin, clips, device), device=device))


def loop(plugin: Plugin, clips: ClipBatch, device: str) -> nn.Module:
    """The plain loop: its clips lie on the device, standardised once; batches and luck are PyTorch's own."""
    torch.manual_seed(0)
    network, x = _network_and_inputs(plugin, clips, device)
    assert clips.labels is not None
    labels, lengths = (torch.from_numpy(each).to(device) for each in (clips.labels, clips.lengths))
    recipe = noise.recipe(plugin)
    weights = torch.from_numpy(class_weights(clips.labels, noise.CLASSES)).float().to(device)
    objective = Objective(recipe=recipe, class_weights=weights if recipe.class_weights else None)
    batches = -(-len(clips) // recipe.batch_size)
    adam, schedule = optimiser.scheduled(network.parameters(), recipe, steps=noise.EPOCHS * batches)
    for _ in range(noise.EPOCHS):
        for rows in torch.randperm(len(clips), device=device).chunk(batches):
            luck = torch.rand(len(recipe.augmentation), 3, len(rows), device=device)
            batch = feature_augmentation.augmented(x[rows], lengths[rows], recipe.augmentation, luck=luck)
            mix = Mix(torch.randperm(len(rows), device=device), 0.5)
            adam.zero_grad()
            objective(network, batch, lengths[rows], labels[rows], mix).backward()
            if recipe.clip_norm is not None:
                nn.utils.clip_grad_norm_(network.parameters(), recipe.clip_norm)
            adam.step()
            schedule.step()
    return network


def _network_and_inputs(plugin: Plugin, clips: ClipBatch, device: str) -> tuple[nn.Module, torch.Tensor]:
    """In training mode; and all clips, (n, frames, channels)."""
    channels = clips.inputs[0].shape[1]
    whole = Standardised(
        noise.network_class(plugin).build(noise.CLASSES, channels, plugin.model.defaults), channels
    )
    if noise.recipe(plugin).standardise:
        whole.fit(clips)
    whole.to(device).train()
    x, lengths = (torch.from_numpy(part).to(device) for part in clips.batch())
    return whole.network, whole.standardise(x, lengths)
