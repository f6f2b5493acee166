"""M networks of one architecture as one batched program. Row m of every tensor is network m's."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.func import functional_call, vmap
from torch.nn.attention import SDPBackend, sdpa_kernel

from benchmark.training import stacked_modules
from benchmark.training.stacked_layers import Step


class StackedNetwork:
    """Its weights are one tensor (M, P), `weights`, of which each parameter is a view."""

    def __init__(self, networks: Sequence[nn.Module], *, device: str, dtype: torch.dtype) -> None:
        """It takes the networks over: their layers are exchanged.

        NotImplementedError where a layer cannot be stacked, ValueError where the networks differ in shape.
        """
        self.step = Step()
        self.state_names = [*networks[0].state_dict()]
        ready = [stacked_modules.exchanged(network, self.step) for network in networks]
        shapes = [{name: value.shape for name, value in network.state_dict().items()} for network in ready]
        if any(shape != shapes[0] for shape in shapes):
            raise ValueError("the networks of a stack have the same parameters, by name and shape")
        self.weights = torch.stack([_flat(network) for network in ready]).to(device, dtype)
        self.parameters = self._views(_trained(ready[0]))
        kept = [_kept(network) for network in ready]
        self.buffers = {
            name: torch.stack([own[name] for own in kept]).to(
                device, dtype if value.is_floating_point() else value.dtype
            )
            for name, value in kept[0].items()
        }
        self.base = ready[0].to(device)  # its own weights are not used

    def _views(self, shapes: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Each parameter of all networks, (M, ...): the places of `weights` that hold it."""
        sizes = [value.numel() for value in shapes.values()]
        return {
            name: part.view(-1, *value.shape).detach().requires_grad_()
            for (name, value), part in zip(shapes.items(), self.weights.split(sizes, dim=1), strict=True)
        }

    def __call__(
        self, *inputs: torch.Tensor, rows: torch.Tensor, seeds: torch.Tensor, active: torch.Tensor
    ) -> Any:
        """What the networks answer, each to its own `inputs` (M, b, ...).

        `rows` (M, b) is 0 on padding, `seeds` (M,) are dropout's, `active` (M,) is 0 for one that rests.
        """

        def one(parameters, buffers, rows, seed, active, *inputs):  # type: ignore[no-untyped-def]
            step = self.step
            step.rows, step.seed, step.active, step.calls = rows, seed, active, 0
            return functional_call(self.base, (parameters, buffers), inputs)

        # What the plugin itself would draw would depend on the others: randomness is an error.
        batched = vmap(one, randomness="error")
        # Of the ways to attention, only the plain one can be differentiated behind vmap on every device.
        with sdpa_kernel(SDPBackend.MATH):
            return batched(self.parameters, self.buffers, rows, seeds, active, *inputs)

    def clone(self) -> StackedNetwork:
        """The same networks with weights and statistics of their own; layers are shared."""
        other = copy.copy(self)
        other.weights = self.weights.clone()
        other.parameters = other._views({name: value[0] for name, value in self.parameters.items()})
        other.buffers = {name: value.clone() for name, value in self.buffers.items()}
        return other

    @torch.no_grad()
    def approach(self, other: StackedNetwork, shares: Sequence[float]) -> None:
        """Let each network move a share of the way, of M, to the other's weights and statistics.

        Counts are the other's.
        """
        way = torch.tensor(shares, dtype=torch.float64)
        for own, its in zip(self._tensors(), other._tensors(), strict=True):
            if own.is_floating_point():
                own.lerp_(its, way.to(own).view(-1, *(1,) * (own.ndim - 1)))
            else:
                own.copy_(its)

    def _tensors(self) -> list[torch.Tensor]:
        return [self.weights, *self.buffers.values()]

    def gradients(self, loss: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Of a scalar: (M, P), and (P,), 0 where a weight has no part in it; None where all have."""
        parameters = [*self.parameters.values()]
        found = torch.autograd.grad(loss, parameters, allow_unused=True)
        parts = [
            (torch.zeros_like(parameter) if gradient is None else gradient).reshape(len(parameter), -1)
            for gradient, parameter in zip(found, parameters, strict=True)
        ]
        live = None
        if any(gradient is None for gradient in found):
            live = torch.cat(
                [
                    part.new_full(part.shape[1:], float(one is not None))
                    for part, one in zip(parts, found, strict=True)
                ]
            )
        return torch.cat(parts, dim=1), live

    def state(self, m: int) -> dict[str, torch.Tensor]:
        """Network m's state, by the names of the network as it was built."""
        everything = self.parameters | self.buffers
        return {name: everything[name][m].detach().cpu() for name in self.state_names}

    @torch.no_grad()
    def load_state(self, m: int, state: Mapping[str, torch.Tensor]) -> None:
        """Let network m be the one that gave this state."""
        everything = self.parameters | self.buffers
        for name in self.state_names:
            everything[name][m].copy_(state[name])

    def by_name(self, row: torch.Tensor) -> dict[str, torch.Tensor]:
        """A number for each weight, (P,), as each parameter's part in its shape: views."""
        parts = row.split([value[0].numel() for value in self.parameters.values()])
        return {
            name: part.view(value.shape[1:])
            for (name, value), part in zip(self.parameters.items(), parts, strict=True)
        }

    def row(self, values: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """The reverse, (P,): a single number is all its weights', and a parameter without any has 0."""
        row = torch.zeros_like(self.weights[0])
        for name, part in self.by_name(row).items():
            part.copy_(values.get(name, torch.zeros(())))
        return row


def _trained(network: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value for name, value in network.named_parameters() if value.requires_grad}


def _kept(network: nn.Module) -> dict[str, torch.Tensor]:
    """Buffers, and parameters that are not trained."""
    still = {name: value.detach() for name, value in network.named_parameters() if not value.requires_grad}
    return dict(network.named_buffers()) | still


def _flat(network: nn.Module) -> torch.Tensor:
    return torch.cat([value.detach().flatten() for value in _trained(network).values()])
