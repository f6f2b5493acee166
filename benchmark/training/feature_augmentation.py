"""Augments batches of features, as they come, on the device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from protocols.contract import Augmentation

if TYPE_CHECKING:
    import torch


def augmented(
    x: torch.Tensor,
    lengths: torch.Tensor,
    augmentation: Sequence[Augmentation],
    *,
    luck: torch.Tensor,
) -> torch.Tensor:
    """A batch (b, frames, channels) after all of `augmentation` in order, each drawn for each clip by itself.

    `x` is standardised, so that 0 is the mean, and 0 beyond `lengths` (b,), where it stays so. What chance
    decides is given as `luck`, (augmentations, 3, b) in [0, 1).
    """
    import torch

    for change, (amount, place, chance) in zip(augmentation, luck, strict=True):  # (b,) each
        changed = FEATURE[change.kind](x, lengths, _between(change, amount), place)
        x = torch.where((chance < change.probability)[:, None, None], changed, x)
    return x


def _between(change: Augmentation, amount: torch.Tensor) -> torch.Tensor:
    """What was drawn from [0, 1) as a share from low to high, or as bands: one of the whole numbers."""
    if change.kind == "time-mask":
        return change.low + amount * (change.high - change.low)
    return (change.low + amount * (change.high - change.low + 1)).floor().clamp(max=change.high)


def _time_mask(
    x: torch.Tensor, lengths: torch.Tensor, share: torch.Tensor, place: torch.Tensor
) -> torch.Tensor:
    """A run of frames becomes 0: a share of the clip's own length."""
    hidden = _run((share * lengths).round(), lengths, place, x.shape[1])  # (b, frames)
    return x.masked_fill(hidden[:, :, None], 0)


def _band_mask(x: torch.Tensor, _: torch.Tensor, bands: torch.Tensor, place: torch.Tensor) -> torch.Tensor:
    """A run of bands becomes 0."""
    channels = x.shape[2]
    hidden = _run(bands.clamp(max=channels), channels, place, channels)  # (b, channels)
    return x.masked_fill(hidden[:, None, :], 0)


def _band_shift(x: torch.Tensor, _: torch.Tensor, bands: torch.Tensor, __: torch.Tensor) -> torch.Tensor:
    """All bands move up by so many, or down where negative; 0 moves in."""
    import torch

    channels = x.shape[2]
    source = torch.arange(channels, device=x.device) - bands.long()[:, None]  # (b, channels)
    outside = (source < 0) | (source >= channels)
    moved = x.gather(2, source.clamp(0, channels - 1)[:, None, :].expand_as(x))
    return moved.masked_fill(outside[:, None, :], 0)


def _run(width: torch.Tensor, room: torch.Tensor | int, place: torch.Tensor, n: int) -> torch.Tensor:
    """True in a run of `width` (b,) among the first `room` of n, evenly placed: (b, n)."""
    import torch

    start = (place * (room - width + 1)).floor()
    at = torch.arange(n, device=width.device)
    return (at >= start[:, None]) & (at < (start + width)[:, None])


FEATURE: dict[str, Callable[[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "time-mask": _time_mask,
    "band-mask": _band_mask,
    "band-shift": _band_shift,
}
