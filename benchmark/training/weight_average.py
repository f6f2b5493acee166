"""The exponential moving average of a network over its epochs, with which it predicts (`Recipe.ema`)."""

from __future__ import annotations

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel


def share(decay: float, epoch: int) -> float:
    """What an epoch, from 1 on, has in the average after it: (1 - d) / (1 - d^t).

    So the average is that of all epochs until then, each weighted d times as much as the next: it is
    corrected for its start as Adam's moments are (Kingma and Ba, ICLR 2015, section 3).
    """
    return (1 - decay) / (1 - decay**epoch)


def averaged(network: nn.Module, decay: float) -> AveragedModel:
    """`.module` is the average, weights and statistics, over the calls of `update_parameters`.

    Counts are the newest ones.
    """

    def moved(average: torch.Tensor, newest: torch.Tensor, epochs: torch.Tensor | int) -> torch.Tensor:
        if not average.is_floating_point():
            return newest
        return torch.lerp(average, newest, share(decay, int(epochs) + 1))

    return AveragedModel(network, avg_fn=moved, use_buffers=True)
