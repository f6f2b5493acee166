"""A function of tensors that a GPU replays without asking Python again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


class Recorded:
    """On CUDA, a graph of all that the function launches, recorded at its third call; elsewhere, itself.

    Every call has inputs of the same shapes. What the function changes beside its result, it changes in
    place. A result holds until the next call.
    """

    WARM = 2  # calls as written: libraries make their handles, the allocator its blocks

    def __init__(self, function: Callable[..., Any], *, device: str) -> None:
        self.function, self.calls = function, 0
        self.graph: torch.cuda.CUDAGraph | None = None
        self.records = torch.device(device).type == "cuda"

    def __call__(self, *inputs: torch.Tensor) -> Any:
        self.calls += 1
        if not self.records:
            return self.function(*inputs)
        if self.calls <= self.WARM:
            return self._aside(*inputs)
        if self.graph is None:
            torch.cuda.empty_cache()  # a graph has memory of its own; the calls before have left theirs
            self.inputs = [value.clone() for value in inputs]
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):
                self.result = self.function(*self.inputs)
        for own, value in zip(self.inputs, inputs, strict=True):
            own.copy_(value)
        self.graph.replay()
        return self.result

    def _aside(self, *inputs: torch.Tensor) -> Any:
        """On a stream of its own, as recording wants what comes before it."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            result = self.function(*inputs)
        torch.cuda.current_stream().wait_stream(stream)
        return result
