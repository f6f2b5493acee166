"""Front ends that are frozen networks: 16 kHz mono audio in, what the network makes of a clip out.

Weights are never downloaded during a run: `missing` says how to get them. They are read by PyTorch's
restricted reader, which knows tensors and plain containers and refuses a file that asks for anything else.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.audio import torchaudio_stub
from benchmark.audio.reader import RATE
from benchmark.storage import places
from protocols.errors import PluginError, WeightsError

if TYPE_CHECKING:
    import torch


VERSION = 1  # a new one whenever any encoder's numbers change

FrontEnd = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Encoder:
    """The file of its weights, and how many frames every clip becomes."""

    file: str
    frames: int


SPEAKER = "speaker"
ENCODERS = {
    "WAV2VEC2_BASE": Encoder("wav2vec2_fairseq_base_ls960.pth", 13),
    "WAV2VEC2_LARGE": Encoder("wav2vec2_fairseq_large_ls960.pth", 25),
    "HUBERT_BASE": Encoder("hubert_fairseq_base_ls960.pth", 13),
    "HUBERT_LARGE": Encoder("hubert_fairseq_large_ll60k.pth", 25),
    "WAVLM_BASE": Encoder("wavlm_base.pth", 13),
    "WAVLM_LARGE": Encoder("wavlm_large.pth", 25),
    SPEAKER: Encoder("pretrained.pt", 1),
}
BUNDLES = tuple(name for name in ENCODERS if name != SPEAKER)  # names in torchaudio.pipelines
TORCHAUDIO = "https://download.pytorch.org/torchaudio/models/"
SPEAKER_SHA256 = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"  # in resemblyzer 0.1.4
SHORTEST = 400  # samples: what the first frame of a bundle's convolutions sees


def front_end(name: str) -> FrontEnd:
    """Audio (samples,) -> (frames, channels); WeightsError where the weights are absent or not its own."""
    import torch

    path, encoder = weights(name), network(name)
    _fill(encoder, _state(name, path), path)
    if name == SPEAKER:
        return _speaker(encoder)
    states = _states(name, encoder)
    return lambda wave: states(torch.from_numpy(_long_enough(wave))[None]).numpy()


def without_weights(name: str, samples: int, *, device: str = "cpu") -> Callable[[], Any]:
    """A call of the encoder on so much audio, for counting what it computes: its numbers mean nothing.

    A bundle also runs on PyTorch's meta device, where nothing is computed.
    """
    import torch

    encoder, silence = (
        network(name, device="meta").to_empty(device=device),
        _long_enough(np.zeros(samples, np.float32)),
    )
    for tensor in (*encoder.parameters(), *encoder.buffers()):
        tensor.zero_()
    if name == SPEAKER:
        front_end = _speaker(encoder)
        return lambda: front_end(silence)
    states = _states(name, encoder)
    return lambda: states(torch.from_numpy(silence)[None].to(device))


def parameters(name: str) -> int:
    """How many numbers the network has learnt."""
    return sum(weight.numel() for weight in network(name, device="meta").parameters())


def frames(name: str) -> int:
    """How many frames every clip becomes, however long it is."""
    return _known(name).frames


def missing(name: str) -> str:
    """Why this encoder cannot run here, and how to get its weights; "" if it can."""
    if _find(name):
        return ""
    if name == SPEAKER:
        return (
            "speaker: the package resemblyzer, whose wheel carries the weights, is not installed. Run "
            '"pip install --no-deps resemblyzer==0.1.4" (nothing that it depends on is needed here).'
        )
    return (
        f"{name}: its weights are not here. Download {TORCHAUDIO}{ENCODERS[name].file} into {_folder()}, or "
        "name the folder that holds it in UNHEARD_WEIGHTS."
    )


def identity(name: str) -> dict[str, Any]:
    """What decides an encoder's numbers, for the cache: the SHA-256 of its weights, and our version."""
    return {"encoder": name, "weights": _sha256(weights(name)), "version": VERSION}


def weights(name: str) -> Path:
    """The file of an encoder's weights; WeightsError, saying how to get it, where it is absent."""
    found = _find(name)
    if found is None:
        raise WeightsError(missing(name))
    return found


def _known(name: str) -> Encoder:
    if name not in ENCODERS:
        raise PluginError(f"there is no encoder {name!r}; known: {', '.join(ENCODERS)}.")
    return ENCODERS[name]


def _find(name: str) -> Path | None:
    file = _known(name).file
    folders = _resemblyzer() if name == SPEAKER else [_folder(), _torch_hub()]
    return next((folder / file for folder in folders if (folder / file).is_file()), None)


def _folder() -> Path:
    named = os.environ.get("UNHEARD_WEIGHTS")
    return places.expanded(named) if named else places.cache() / "weights"


def _torch_hub() -> Path:
    """Where torchaudio itself keeps what it has downloaded (torch.hub.get_dir, without importing torch)."""
    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return places.expanded(os.environ.get("TORCH_HOME") or f"{caches}/torch") / "hub" / "checkpoints"


def _resemblyzer() -> list[Path]:
    """The package's folder, found without importing it."""
    spec = importlib.util.find_spec("resemblyzer")
    return [Path(folder) for folder in (spec and spec.submodule_search_locations) or ()]


def _sha256(path: Path) -> str:
    stat = path.stat()
    return _digest(path, stat.st_size, stat.st_mtime_ns)


@cache
def _digest(path: Path, size: int, modified: int) -> str:  # noqa: ARG001  (a changed file is another key)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path) -> Mapping[str, Any]:
    """The tensors in a file that torch.save wrote."""
    import torch

    try:
        state: Mapping[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a broken or hostile file may raise almost anything
        raise WeightsError(
            f"{path}: refused, and nothing in it was run: it is damaged or holds more than weights. "
            "Get it again."
        ) from error
    return state


def _fill(network: torch.nn.Module, state: Mapping[str, Any], path: Path) -> None:
    try:
        network.load_state_dict(state)
    except (RuntimeError, TypeError, AttributeError) as error:
        raise WeightsError(f"{path}: holds the weights of another network. Get it again.") from error


def _long_enough(wave: np.ndarray) -> np.ndarray:
    return np.pad(wave, (0, max(0, SHORTEST - len(wave))))


def network(name: str, *, device: str = "cpu") -> torch.nn.Module:
    """The encoder as it is built, before its weights are read."""
    import torch
    from torch import nn

    with torch.device(device):
        if name == SPEAKER:
            layers = {"lstm": nn.LSTM(40, 256, 3, batch_first=True), "linear": nn.Linear(256, 256)}
            return nn.ModuleDict(layers).eval().requires_grad_(False)
        torchaudio_stub.install()
        from torchaudio import models, pipelines

        bundle = getattr(pipelines, name)
        makers = {"Wav2Vec2": models.wav2vec2_model, "WavLM": models.wavlm_model}
        made: nn.Module = makers[bundle._model_type](**bundle._params)
        return made.eval().requires_grad_(False)


def _state(name: str, path: Path) -> Mapping[str, Any]:
    """The tensors of an encoder's own file; of the speaker encoder's, without the loss's parameters."""
    if name != SPEAKER:
        return _read(path)
    if _sha256(path) != SPEAKER_SHA256:
        raise WeightsError(f"{path}: not the weights of resemblyzer 0.1.4. Install that version again.")
    return {
        key: value for key, value in _read(path)["model_state"].items() if key.startswith(("lstm", "linear"))
    }


def _states(name: str, encoder: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    """(1, samples) -> means over time of what enters each layer and what leaves the last: (layers + 1, dim).

    These are the hidden states of SUPERB (Yang et al., Interspeech 2021; its toolkit is s3prl), whose probe
    weighs and sums them, then averages over time. Both sums commute: on the means it is the same probe.
    """
    import torch

    torchaudio_stub.install()
    from torchaudio import pipelines

    bundle = getattr(pipelines, name)
    means: list[torch.Tensor] = []  # (1, dim) each
    for layer in encoder.encoder.transformer.layers:
        layer.register_forward_pre_hook(lambda _, inputs: means.append(inputs[0].mean(dim=1)))

    def states(x: torch.Tensor) -> torch.Tensor:
        if bundle._normalize_waveform:
            x = torch.nn.functional.layer_norm(x, x.shape)
        means.clear()
        with torch.inference_mode():
            last, _ = encoder(x)  # (1, frames, dim)
        return torch.cat([*means, last.mean(dim=1)])  # (layers + 1, dim)

    return states


def _speaker(encoder: Any) -> FrontEnd:
    """The embedding of a clip's voice, (1, 256), of length 1: `embed_utterance` of resemblyzer.

    An LSTM trained with the generalised end-to-end loss (Wan et al., ICASSP 2018) reads windows of 1.6 s of
    mel power. Of the package's preparations, loudness is evened out; silence is not cut away.
    """
    import torch
    from torch import nn

    torchaudio_stub.install()
    from torchaudio import transforms

    mel = transforms.MelSpectrogram(
        RATE, n_fft=400, hop_length=160, n_mels=40, norm="slaney", mel_scale="slaney", pad_mode="constant"
    )

    def front_end(wave: np.ndarray) -> np.ndarray:
        starts = _windows(len(wave))
        x = np.pad(_loud(wave), (0, max(0, (starts[-1] + 160) * 160 - len(wave))))
        bands = mel(torch.from_numpy(x)).T  # (frames, 40), no logarithm
        windows = torch.stack([bands[start : start + 160] for start in starts])  # (windows, 160, 40)
        with torch.inference_mode():
            _, (hidden, _) = encoder["lstm"](windows)  # hidden: (3, windows, 256)
            voices = nn.functional.normalize(torch.relu(encoder["linear"](hidden[-1])))  # (windows, 256)
        return nn.functional.normalize(voices.mean(dim=0, keepdim=True)).numpy()  # (1, 256)

    return front_end


def _windows(samples: int) -> list[int]:
    """First frames of the windows, 77 frames apart; the last counts only if the clip fills 3/4 of it."""
    starts = list(range(0, max(1, samples // 160 - 81), 77))
    if len(starts) > 1 and samples - 160 * starts[-1] < 0.75 * 160 * 160:
        starts.pop()
    return starts


def _loud(wave: np.ndarray) -> np.ndarray:
    """A clip below -30 dB of full scale (root mean square) is raised to that."""
    rms = float(np.sqrt(np.mean(np.square(wave, dtype=np.float64))))
    gain = 10 ** (-30 / 20) / rms if rms else 1.0
    return wave * np.float32(max(gain, 1.0))
