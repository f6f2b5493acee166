"""What the networks of a stack are given: batches of clips, each network's own, as its trainer would."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from benchmark.training import feature_augmentation
from benchmark.training.stacked_plan import StackedPlan
from benchmark.training.standardisation import Standardised
from protocols.contract import ClipBatch, Recipe


class StackedInputs:
    """All clips and their copies on the device, standardised for M fits by what each was fitted on."""

    def __init__(
        self,
        clips: ClipBatch,
        recipes: Sequence[Recipe],
        rows: Sequence[np.ndarray],
        *,
        device: str,
        dtype: torch.dtype,
    ) -> None:
        """`rows` are the places of each fit's training clips among `clips`."""
        assert clips.labels is not None
        self.augmentation = recipes[0].augmentation
        if any(recipe.augmentation != self.augmentation for recipe in recipes):
            raise ValueError("the fits of a stack alter their features alike")
        # The k-th copy of clip i is row k n + i.
        sources = ClipBatch(
            [clip for source in (clips.inputs, *clips.copies) for clip in source], frames=clips.frames
        )
        x, lengths = sources.batch()
        self.x = torch.from_numpy(x).to(device, dtype)  # (rows, frames, channels)
        self.lengths = torch.from_numpy(lengths).to(device)  # (rows,)
        self.labels = torch.from_numpy(np.tile(clips.labels, 1 + len(clips.copies))).to(device)
        self.standards = _standards(clips, recipes, rows)
        mean, deviation = (
            torch.stack([getattr(one, name) for one in self.standards]).to(device, dtype)[:, None, None]
            for name in ("mean", "deviation")
        )
        self.mean, self.deviation = mean, deviation  # (M, 1, 1, channels)
        self.mixed = any(recipe.mixup for recipe in recipes)
        self.mixes = torch.tensor([recipe.mixup > 0 for recipe in recipes], device=device)[:, None]  # (M, 1)

    def standardised(self, clips: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Places (M, b) -> features (M, b, frames, channels), 0 on padding, and lengths (M, b)."""
        x = self.x.index_select(0, clips.flatten()).unflatten(0, clips.shape)
        lengths = self.lengths[clips]
        real = torch.arange(x.shape[2], device=x.device) < lengths[..., None]  # (M, b, frames)
        return (x - self.mean) / self.deviation * real[..., None], lengths

    def augmented(self, batch: StackedPlan) -> tuple[torch.Tensor, torch.Tensor]:
        """One step's clips as they are trained on: altered, then mixed with another of their batch."""
        x, lengths = self.standardised(batch.clips)
        flat, flat_lengths = x.flatten(0, 1), lengths.flatten()
        flat = feature_augmentation.augmented(
            flat, flat_lengths, self.augmentation, luck=batch.luck.flatten(2)
        )
        x = flat.view_as(x)
        if not self.mixed:
            return x, lengths
        other = self.partner(flat, batch).view_as(x)
        longest = torch.maximum(lengths, self.partner(flat_lengths, batch).view_as(lengths))
        share = batch.shares[:, None, None, None]
        return share * x + (1 - share) * other, torch.where(self.mixes, longest, lengths)

    def partner(self, values: torch.Tensor, batch: StackedPlan) -> torch.Tensor:
        """Of every clip the value (M b, ...) of the one that it is mixed with."""
        m, b = batch.partners.shape
        places = batch.partners + b * torch.arange(m, device=values.device)[:, None]
        return values.index_select(0, places.flatten())


def _standards(clips: ClipBatch, recipes: Sequence[Recipe], rows: Sequence[np.ndarray]) -> list[Standardised]:
    """Each fit's standardisation, computed once where fits share their training clips."""
    known: dict[bytes, Standardised] = {}
    found = []
    for recipe, own in zip(recipes, rows, strict=True):
        key = own.tobytes() if recipe.standardise else b""
        if key not in known:
            known[key] = Standardised(nn.Identity(), clips.inputs[0].shape[1])
            if recipe.standardise:
                known[key].fit(ClipBatch([clips.inputs[row] for row in own]))
        found.append(known[key])
    return found
