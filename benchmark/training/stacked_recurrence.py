"""Recurrent layers for a stack, frame by frame: vmap knows no fused ones."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

State = tuple[torch.Tensor, ...]


class Recurrent(nn.Module):
    """A GRU or an LSTM, frame by frame: any layers and directions, without dropout between layers."""

    def __init__(self, old: Any, step: Any) -> None:  # noqa: ARG002
        super().__init__()
        if old.dropout or getattr(old, "proj_size", 0):
            raise NotImplementedError(
                "recurrent layers are stacked without dropout and projection of their own"
            )
        self.lstm, self.batch_first = isinstance(old, nn.LSTM), old.batch_first
        self.names = [tuple(names) for names in old._all_weights]  # of each layer and direction
        self.directions, self.width = 2 if old.bidirectional else 1, old.hidden_size
        for name, parameter in old.named_parameters():
            self.register_parameter(name, parameter)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, Any]:
        """x (b, frames, channels) or, not `batch_first`, (frames, b, channels), from a state of zeros."""
        x = x if self.batch_first else x.transpose(0, 1)
        ends = []
        for layer in range(0, len(self.names), self.directions):
            outputs = []
            for direction in range(self.directions):
                weights = [getattr(self, name) for name in self.names[layer + direction]]
                output, end = self._run(x.flip(1) if direction else x, *weights)
                outputs.append(output.flip(1) if direction else output)
                ends.append(end)
            x = torch.cat(outputs, dim=2) if self.directions > 1 else outputs[0]
        states = tuple(torch.stack(state) for state in zip(*ends, strict=True))  # (layers, b, width) each
        return (x if self.batch_first else x.transpose(0, 1)), states if self.lstm else states[0]

    def _run(
        self,
        x: torch.Tensor,
        w_in: torch.Tensor,
        w_state: torch.Tensor,
        b_in: torch.Tensor | None = None,
        b_state: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        """One layer in one direction: all states (b, frames, width), and the last ones (b, width)."""
        b, frames, channels = x.shape
        gates = functional.linear(x.transpose(0, 1).reshape(frames * b, channels), w_in, b_in)
        advance = _lstm if self.lstm else _gru
        state = (x.new_zeros(b, self.width),) * (2 if self.lstm else 1)
        outputs = []
        for given in gates.view(frames, b, -1).unbind(0):
            state = advance(given, functional.linear(state[0], w_state, b_state), state)
            outputs.append(state[0])
        return torch.stack(outputs, dim=1), state


def _gru(given: torch.Tensor, kept: torch.Tensor, state: State) -> State:
    width = state[0].shape[1]
    reset_update, new = given.split((2 * width, width), dim=1)
    kept_reset_update, kept_new = kept.split((2 * width, width), dim=1)
    reset, update = torch.sigmoid(reset_update + kept_reset_update).split(width, dim=1)
    new = torch.tanh(torch.addcmul(new, reset, kept_new))
    return (torch.lerp(new, state[0], update),)


def _lstm(given: torch.Tensor, kept: torch.Tensor, state: State) -> State:
    enter, forget, new, leave = (given + kept).chunk(4, dim=1)
    cell = torch.sigmoid(forget) * state[1] + torch.sigmoid(enter) * torch.tanh(new)
    return torch.sigmoid(leave) * torch.tanh(cell), cell
