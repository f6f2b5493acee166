"""Counts the MACs (multiply-adds) of whatever PyTorch computes while a function runs, by two counters.

fvcore counts, from a trace of the whole call, with the formulas of `operations`. PyTorch's own
FlopCounterMode watches the same call a second time, with fused kernels switched off, so that it sees the
matrix products inside attention and recurrence; what both can count must agree. It watches on the CPU and
not on the meta device, where nothing that looks at a number could run: the whole predict call, for one.
"""

from __future__ import annotations

import contextlib
import math
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils import flop_counter
from torch.utils._pytree import tree_leaves

from benchmark.cost import operations
from benchmark.cost.fvcore_import import FlopCountAnalysis
from benchmark.cost.operations import COUNTED, FAMILIES
from protocols.errors import PluginError

AGREE = 0.02  # by which the two counters may differ
DECLARE = "Or declare `macs` in the model's info: pages mark it as the author's word."


def count(call: Callable[[], Any]) -> dict[str, int]:
    """MACs of one `call()` by family, "norm" among them; families without any are left out.

    What other threads do, and what is not PyTorch's, is not seen. PluginError where an operation is in no
    table, where the call cannot be traced, or where PyTorch's counter disagrees; what the call itself raises
    comes through.
    """
    with _quiet(), _same_dice():
        call()  # a broken model fails here, and not in the middle of a trace
    try:
        with _quiet(), _same_dice():
            found = _traced(call)
        with _same_dice():
            theirs = second_opinion(call)
    except PluginError:
        raise
    except Exception as error:  # tracing may fail in any way
        raise PluginError(
            f"its cost cannot be counted: PyTorch cannot trace it: {type(error).__name__}: {error}. {DECLARE}"
        ) from error
    ours = total(found) - found.get("fft", 0)
    if abs(ours - theirs) > AGREE * max(ours, theirs):
        raise PluginError(
            f"two counters disagree: fvcore {ours:,} MACs, PyTorch's own {theirs:,}. Does the model "
            f"compute something else at each call? See benchmark/cost/count.py for how both count. {DECLARE}"
        )
    return found


def _traced(call: Callable[[], Any]) -> dict[str, int]:
    analysis = FlopCountAnalysis(_Traced(call), (torch.zeros(1),))
    handles = {name: _handle(name) for name in COUNTED}
    analysis.clear_op_handles().set_op_handle(**handles)
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")
    found, others = analysis.by_operator(), analysis.unsupported_ops()
    if unknown := sorted(name for name in others if not operations.free(name)):
        raise PluginError(
            f"the operation {unknown[0]} is in no table, so its cost is unknown. If it computes, give it a "
            "formula in COUNTED of benchmark/cost/operations.py, with a test; if it only moves numbers or "
            f"does little to each, name it in FREE. {DECLARE}"
        )
    return {family: math.ceil(found[family]) for family in (*FAMILIES, "norm") if found.get(family)}


def second_opinion(call: Callable[[], Any]) -> int:
    """MACs of one `call()` by PyTorch's counter, which knows neither FFTs nor norms."""
    attention = torch.nn.attention
    counter = flop_counter.FlopCounterMode(display=False, custom_mapping=_VECTORS)
    counter.mod_tracker = _NoModules()  # type: ignore[assignment]
    unfused = attention.sdpa_kernel(attention.SDPBackend.MATH)
    with _quiet(), torch.backends.mkldnn.flags(enabled=False), _no_fast_path(), unfused, counter:
        call()
    return counter.get_total_flops() // 2  # it counts a MAC as two


def total(counted: dict[str, int]) -> int:
    """MACs without norms, which are counted apart."""
    return sum(counted.get(family, 0) for family in FAMILIES)


class _Kept(TorchFunctionMode):
    """Keeps what every call of PyTorch gives: a trace drops an operation whose result nobody uses.

    While it is there nn.MultiheadAttention and nn.TransformerEncoderLayer leave their fast path. Weights
    want no gradient until it is left: a trace takes no constant that does.
    """

    def __init__(self) -> None:
        super().__init__()
        self.tensors: list[torch.Tensor] = []
        self.frozen: list[torch.Tensor] = []

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        for weight in (leaf for leaf in _tensors((args, kwargs)) if leaf.requires_grad):
            self.frozen.append(weight.requires_grad_(False))
        out = function(*args, **(kwargs or {}))
        self.tensors += _tensors(out)
        return out

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        for weight in self.frozen:
            if not weight.is_inference():
                weight.requires_grad_(True)


def _tensors(tree: Any) -> list[torch.Tensor]:
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, torch.Tensor)]


class _Traced(nn.Module):
    """The call as a module, which is what fvcore traces."""

    def __init__(self, call: Callable[[], Any]) -> None:
        super().__init__()
        self.call = call

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        with torch.no_grad(), _Kept() as kept:
            self.call()
        return x, *kept.tensors


def _handle(name: str) -> Callable[..., Counter[str]]:
    operation = COUNTED[name]
    return lambda inputs, outputs: Counter({operation.family: operation.formula(inputs, outputs)})


def _vectors(first: Any, second: Any, *_: Any, out_shape: Any = None, **__: Any) -> int:  # noqa: ARG001
    return 2 * math.prod(first)


_VECTORS = {  # products with vectors, which PyTorch's counter leaves out
    torch.ops.aten.mv: _vectors,
    torch.ops.aten.dot: _vectors,
    torch.ops.aten.vdot: _vectors,
    torch.ops.aten.addmv: lambda _, *shapes, **__: _vectors(*shapes),
}


class _NoModules:
    """In place of the counter's tracker of modules, whose hooks on gradients fail under inference mode."""

    parents = frozenset({"Global"})
    is_bw = False

    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...


@contextlib.contextmanager
def _same_dice() -> Iterator[None]:
    """The same random numbers at every call, and as if nobody had drawn any."""
    numpys = np.random.get_state()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        np.random.seed(0)
        try:
            yield
        finally:
            np.random.set_state(numpys)


@contextlib.contextmanager
def _no_fast_path() -> Iterator[None]:
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Both counters lean on parts of PyTorch that announce their retirement."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
