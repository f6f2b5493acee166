"""What PyTorch's operations cost in MACs: the one table that every count follows (docs/rules.md#cost).

`COUNTED` gives a formula; `FREE` names what counts nothing: it moves numbers or does little to each of them.
An operation in neither stops the count. fvcore traces, and adds up; its own formulas are not used, since it
takes attention, recurrence and FFTs for nothing.

A MAC (multiply-accumulate) is one multiplication and one addition. Biases, and the elementwise gates of
recurrent cells, count nothing. Attention is counted in full, whether or not it is causal or masked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmark.cost.fvcore_import import jit_handles
from benchmark.features.spectrum import real_fft

get_shape = jit_handles.get_shape
Family = Literal["convolution", "linear", "attention", "recurrence", "fft", "norm"]
FAMILIES: tuple[Family, ...] = ("convolution", "linear", "attention", "recurrence", "fft")
Values = Sequence[Any]  # of the traced graph (torch._C.Value), an operation's inputs or outputs


class Operation(NamedTuple):
    family: Family
    formula: Callable[[Values, Values], float]  # inputs, outputs -> MACs


def _convolution(inputs: Values, outputs: Values) -> float:
    """Each output (of a transposed convolution: each input) place sees the whole kernel once."""
    transposed = isinstance(inputs[6].toIValue(), bool) and inputs[6].toIValue() if len(inputs) > 8 else False
    places = get_shape(inputs[0] if transposed else outputs[0])
    return math.prod(get_shape(inputs[1])) * places[0] * math.prod(places[2:])


def _product(inputs: Values, outputs: Values) -> float:
    """Matrices and vectors: each output is a sum over the first factor's last axis."""
    return math.prod(get_shape(outputs[0])) * get_shape(inputs[0])[-1]


def _product_added(inputs: Values, outputs: Values) -> float:
    """Likewise, where the first input is what the product is added to."""
    return _product(inputs[1:], outputs)


def _einsum(inputs: Values, outputs: Values) -> float:  # noqa: ARG001
    """What PyTorch makes of it, with its order of contraction, by its own counter on the meta device."""
    operands = [torch.empty(get_shape(value), device="meta") for value in inputs[1].node().inputs()]
    with FlopCounterMode(display=False) as counter:
        torch.einsum(inputs[0].toIValue(), *operands)
    return counter.get_total_flops() / 2


def _attention(inputs: Values, outputs: Values) -> float:
    """Queries (..., L, E) by keys (..., S, E), weights by values (..., S, V): Vaswani et al., 2017."""
    key, out = get_shape(inputs[1]), get_shape(outputs[0])  # out: (..., L, V)
    return math.prod(out[:-1]) * key[-2] * (key[-1] + out[-1])


def _recurrence(inputs: Values, outputs: Values) -> float:  # noqa: ARG001
    """Each step of each clip meets every weight matrix once, of all layers and directions."""
    steps = math.prod(get_shape(inputs[0])[:-1])
    listed = [value.node() for value in inputs if value.node().kind() == "prim::ListConstruct"]
    shapes = [get_shape(weight) for weight in listed[-1].inputs()]
    return steps * sum(math.prod(shape) for shape in shapes if len(shape) == 2)


def _cell(inputs: Values, outputs: Values) -> float:  # noqa: ARG001
    """One step of each clip. The inputs are x, state, the input's weights, the state's weights, biases."""
    return get_shape(inputs[0])[0] * sum(math.prod(get_shape(weight)) for weight in inputs[2:4])


def _stft(inputs: Values, outputs: Values) -> float:
    """One real FFT a frame; the window's product is elementwise."""
    shape = get_shape(outputs[0])  # (..., bins, frames)
    return math.prod(shape) / shape[-2] * real_fft(_length(inputs[1], shape[-2]))


def _istft(inputs: Values, outputs: Values) -> float:  # noqa: ARG001
    shape = get_shape(inputs[0])  # (..., bins, frames)
    return math.prod(shape) / shape[-2] * real_fft(_length(inputs[1], shape[-2]))


def _rfft(inputs: Values, outputs: Values) -> float:
    """FFTs of real numbers along one axis."""
    axis, shape = inputs[2].toIValue(), get_shape(outputs[0])
    whole = get_shape(inputs[0])[axis] if _is_none(inputs[1]) else _length(inputs[1], shape[axis])
    return math.prod(shape) / shape[axis] * real_fft(whole)


def _irfft(inputs: Values, outputs: Values) -> float:
    axis, shape = inputs[2].toIValue(), get_shape(outputs[0])
    return math.prod(shape) / shape[axis] * real_fft(shape[axis])


def _length(given: Any, bins: int) -> int:
    """Of a real FFT: as given, or where a trace does not know that number, what so many bins come from."""
    return given.toIValue() or 2 * (bins - 1)


def _is_none(value: Any) -> bool:
    return str(value.type()) == "NoneType"


def _fft(inputs: Values, outputs: Values) -> float:
    axis = inputs[2].toIValue()
    shape = get_shape(outputs[0])
    return math.prod(shape) / shape[axis] * 2 * real_fft(shape[axis])


def _norm(inputs: Values, outputs: Values) -> float:  # noqa: ARG001
    """One MAC an element: its deviation is known, or is counted apart, by what computes it."""
    return math.prod(get_shape(inputs[0]))


_GROUPS: dict[Family, dict[Callable[[Values, Values], float], str]] = {
    "convolution": {_convolution: "_convolution _convolution_mode"},
    "linear": {
        _product: "linear matmul mm bmm mv dot vdot inner",
        _product_added: "addmm baddbmm addmv",
        _einsum: "einsum",
    },
    "attention": {_attention: "scaled_dot_product_attention"},
    "recurrence": {
        _recurrence: "lstm gru rnn_tanh rnn_relu",
        _cell: "lstm_cell gru_cell rnn_tanh_cell rnn_relu_cell",
    },
    "fft": {_stft: "stft", _istft: "istft", _rfft: "fft_rfft", _irfft: "fft_irfft", _fft: "fft_fft fft_ifft"},
    "norm": {_norm: "batch_norm layer_norm group_norm instance_norm rms_norm local_response_norm"},
}
COUNTED = {
    f"aten::{name}": Operation(family, formula)
    for family, formulas in _GROUPS.items()
    for formula, names in formulas.items()
    for name in names.split()
}

_FREE = {
    "elementwise": """
        add sub rsub mul div true_divide floor_divide remainder fmod addcmul addcdiv lerp neg abs absolute
        sign sqrt rsqrt square pow exp exp2 expm1 log log2 log10 log1p reciprocal sin cos tan sinh cosh atan
        atan2 floor ceil round trunc frac clamp clamp_min clamp_max clip minimum maximum fmax fmin where
        masked_fill nan_to_num logaddexp real imag conj conj_physical resolve_conj resolve_neg angle polar
        view_as_real view_as_complex complex erf erfc erfinv heaviside xlogy outer _weight_norm
    """,
    "activation": """
        relu relu6 leaky_relu prelu rrelu elu selu celu gelu silu mish sigmoid logsigmoid log_sigmoid
        hardsigmoid hardswish hardtanh tanh softplus softsign threshold glu tanhshrink softshrink hardshrink
    """,
    "softmax": "softmax log_softmax _softmax softmin logsumexp logcumsumexp",
    "pooling and sums": """
        sum mean embedding_bag amax amin max min argmax argmin prod std var std_mean var_mean norm
        linalg_vector_norm frobenius_norm cumsum cumprod cummax cummin all any count_nonzero median
        nanmedian nansum nanmean avg_pool1d avg_pool2d avg_pool3d max_pool1d max_pool2d max_pool3d
        max_pool1d_with_indices max_pool2d_with_indices adaptive_avg_pool1d adaptive_avg_pool2d
        adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d lp_pool1d cosine_similarity
    """,
    "interpolation": """
        upsample_nearest1d upsample_nearest2d upsample_linear1d upsample_bilinear2d upsample_bicubic2d
        _upsample_bilinear2d_aa _upsample_bicubic2d_aa _upsample_nearest_exact1d _upsample_nearest_exact2d
        grid_sampler
    """,
    "comparison": """
        eq ne lt le gt ge logical_and logical_or logical_not logical_xor bitwise_and bitwise_or bitwise_not
        bitwise_xor __and__ __or__ __xor__ isnan isinf isfinite isclose allclose equal is_nonzero
    """,
    "indexing and shape": """
        index index_put index_select index_add index_fill index_copy gather scatter scatter_add take
        take_along_dim masked_select masked_scatter select slice narrow split split_with_sizes tensor_split
        chunk unsafe_chunk unsafe_split unbind cat stack hstack vstack concat repeat repeat_interleave
        expand expand_as tile view view_as reshape reshape_as flatten unflatten squeeze unsqueeze transpose
        permute movedim moveaxis swapaxes t numpy_T mT adjoint contiguous roll flip fliplr flipud rot90
        unfold fold im2col col2im pad constant_pad_nd reflection_pad1d reflection_pad2d replication_pad1d
        replication_pad2d tril triu diag diagonal diag_embed meshgrid broadcast_tensors broadcast_to sort
        argsort topk kthvalue unique _unique2 unique_consecutive nonzero nonzero_numpy searchsorted
        bucketize embedding one_hot scatter_reduce index_reduce pixel_shuffle channel_shuffle size Int
        ScalarImplicit FloatImplicit IntImplicit Bool Float numel dim len item _pack_padded_sequence
        _pad_packed_sequence select_scatter slice_scatter as_strided triu_indices tril_indices
        feature_dropout alpha_dropout dropout dropout2d
    """,
    "creation and copying": """
        zeros zeros_like new_zeros ones ones_like new_ones full full_like new_full empty empty_like
        new_empty arange linspace logspace eye tensor scalar_tensor rand rand_like randn randn_like randint
        randint_like randperm bernoulli normal uniform multinomial exponential fill zero hann_window
        hamming_window blackman_window bartlett_window kaiser_window clone copy copy_ detach to type_as lift
        lift_fresh lift_fresh_copy alias numpy_T cpu cuda _to_copy contiguous data requires_grad
        _shape_as_tensor set_data is_floating_point result_type
    """,
}
FREE = {f"aten::{name}": reason for reason, names in _FREE.items() for name in names.split()}


def free(name: str) -> bool:
    """Whether an operation, or what it is in place of (`add_` of `add`), counts nothing."""
    return name in FREE or name.removesuffix("_") in FREE
