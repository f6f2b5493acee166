"""The hidden states of a self-supervised encoder, each averaged over time: one frame a layer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.audio import torchaudio_stub
from benchmark.features import encoders, weights_file
from benchmark.features.encoders import Encoder
from benchmark.features.front_end import Compute, FrontEnd
from protocols.errors import PluginError

if TYPE_CHECKING:
    import torch

SHORTEST = 400  # samples: what the first frame of a bundle's convolutions sees


def build(bundle: str) -> torch.nn.Module:
    torchaudio_stub.install()
    from torchaudio import models, pipelines

    found = getattr(pipelines, bundle)
    makers = {"Wav2Vec2": models.wav2vec2_model, "WavLM": models.wavlm_model}
    network: torch.nn.Module = makers[found._model_type](**found._params)
    return network


def states(network: Any, *, bundle: str) -> Callable[[np.ndarray], torch.Tensor]:
    """(samples,) -> means over time of what enters each layer and what leaves the last: (layers + 1, dim).

    These are the hidden states of SUPERB (Yang et al., Interspeech 2021; its toolkit is s3prl), whose probe
    weighs and sums them, then averages over time. Both sums commute: on the means it is the same probe.
    """
    import torch

    torchaudio_stub.install()
    from torchaudio import pipelines

    normalise = getattr(pipelines, bundle)._normalize_waveform
    device = next(network.parameters()).device
    means: list[torch.Tensor] = []  # (1, dim) each
    for layer in network.encoder.transformer.layers:
        layer.register_forward_pre_hook(lambda _, inputs: means.append(inputs[0].mean(dim=1)))

    def outputs(wave: np.ndarray) -> torch.Tensor:
        long_enough = np.pad(wave, (0, max(0, SHORTEST - len(wave))))
        x = torch.from_numpy(long_enough)[None].to(device)  # (1, samples)
        if normalise:
            x = torch.nn.functional.layer_norm(x, x.shape)
        means.clear()
        with torch.inference_mode():
            last, _ = network(x)  # (1, frames, dim)
        return torch.cat([*means, last.mean(dim=1)])  # (layers + 1, dim)

    return outputs


def _encoder(bundle: str, file: str, frames: int) -> Encoder:
    return Encoder(
        name=bundle,
        weights=weights_file.of_torchaudio(bundle, file),
        frames=frames,
        build=partial(build, bundle),
        outputs=partial(states, bundle=bundle),
    )


ENCODERS = {  # by their names in torchaudio.pipelines
    bundle: _encoder(bundle, file, frames)
    for bundle, file, frames in [
        ("WAV2VEC2_BASE", "wav2vec2_fairseq_base_ls960.pth", 13),
        ("WAV2VEC2_LARGE", "wav2vec2_fairseq_large_ls960.pth", 25),
        ("HUBERT_BASE", "hubert_fairseq_base_ls960.pth", 13),
        ("HUBERT_LARGE", "hubert_fairseq_large_ll60k.pth", 25),
        ("WAVLM_BASE", "wavlm_base.pth", 13),
        ("WAVLM_LARGE", "wavlm_large.pth", 25),
    ]
}


def encoder(bundle: str) -> Encoder:
    """PluginError for a bundle that is not known."""
    if bundle not in ENCODERS:
        raise PluginError(f"there is no encoder {bundle!r}; known: {', '.join(ENCODERS)}.")
    return ENCODERS[bundle]


def make(bundle: str) -> Compute:
    return encoders.front_end(encoder(bundle))


FRONT_END = FrontEnd(
    name="ssl",
    make=make,
    half=True,
    options={"bundle": "WAV2VEC2_BASE"},
    libraries=("torch", "torchaudio"),
    imports=("benchmark.features.mel",),
    fixed=lambda bundle: encoder(bundle).frames,
    encoder=encoder,
)
