"""Files of frozen networks' weights: where they lie, what is in them, how to get them.

Weights are never downloaded during a run: `missing` says how to get them. They are read by PyTorch's
restricted reader, which knows tensors and plain containers and refuses a file that asks for anything else.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.storage import places
from protocols.errors import WeightsError

if TYPE_CHECKING:
    import torch

VARIABLE = "UNHEARD_WEIGHTS"  # names the folder that holds them
TORCHAUDIO = "https://download.pytorch.org/torchaudio/models/"


@dataclass(frozen=True)
class Weights:
    """A file of weights: its name, the folders that may hold it, and what to do where none does."""

    file: str
    folders: Callable[[], list[Path]]
    cure: Callable[[], str]
    sha256: str = ""  # of the file that its owner published; "": of the one that is there


def of_torchaudio(name: str, file: str) -> Weights:
    """A bundle's file, in the folder for weights or where torchaudio itself keeps it."""
    return replace(to_download(name, TORCHAUDIO + file, file), folders=lambda: [folder(), _torch_hub()])


def to_download(name: str, address: str, file: str, *, sha256: str = "") -> Weights:
    """A file in the folder for weights, under this name whatever its address calls it."""
    renamed = "" if address.endswith(f"/{file}") else f" as {file}"

    def cure() -> str:
        return (
            f"{name}: its weights are not here. Download {address}{renamed} into {folder()}, or "
            f"name the folder that holds it in {VARIABLE}."
        )

    return Weights(file, lambda: [folder()], cure, sha256)


def of_package(package: str, file: str, cure: str, *, sha256: str) -> Weights:
    """A file that an installed package carries; the package is found without being imported."""

    def folders() -> list[Path]:
        spec = importlib.util.find_spec(package)
        return [Path(place) for place in (spec and spec.submodule_search_locations) or ()]

    return Weights(file, folders, lambda: cure, sha256)


def missing(weights: Weights) -> str:
    """What to do, since the file is not here; "" if it is."""
    return "" if _find(weights) else weights.cure()


def path(weights: Weights) -> Path:
    """The file; WeightsError, saying how to get it, where it is absent."""
    found = _find(weights)
    if found is None:
        raise WeightsError(weights.cure())
    return found


def sha256(file: Path) -> str:
    """Of a file, which is read once as long as its size and its time stay."""
    stat = file.stat()
    return _digest(file, stat.st_size, stat.st_mtime_ns)


def read(file: Path) -> Mapping[str, Any]:
    """The tensors in a file that torch.save wrote; WeightsError where it is damaged or hostile."""
    import torch

    try:
        state: Mapping[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # a broken or hostile file may raise almost anything
        raise WeightsError(
            f"{file}: refused, and nothing in it was run: it is damaged or holds more than weights. "
            "Get it again."
        ) from error
    return state


def read_published(file: Path, digest: str, *, owner: str) -> Mapping[str, Any]:
    """The same of the file that `owner` published; WeightsError where its SHA-256 is another."""
    if sha256(file) != digest:
        raise WeightsError(f"{file}: not the weights of {owner}. Get it again.")
    return read(file)


def fill(network: torch.nn.Module, state: Mapping[str, Any], file: Path) -> None:
    """Put the tensors of a file into a network; WeightsError where they are another's."""
    try:
        network.load_state_dict(state)
    except (RuntimeError, TypeError, AttributeError) as error:
        raise WeightsError(f"{file}: holds the weights of another network. Get it again.") from error


def folder() -> Path:
    """Where weights are looked for: the one that is named, else one in the cache."""
    named = os.environ.get(VARIABLE)
    return places.expanded(named) if named else places.cache() / "weights"


def _find(weights: Weights) -> Path | None:
    files = (place / weights.file for place in weights.folders())
    return next((file for file in files if file.is_file()), None)


def _torch_hub() -> Path:
    """Where torchaudio itself keeps what it has downloaded (torch.hub.get_dir, without importing torch)."""
    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return places.expanded(os.environ.get("TORCH_HOME") or f"{caches}/torch") / "hub" / "checkpoints"


@cache
def _digest(file: Path, size: int, modified: int) -> str:  # noqa: ARG001  (a changed file is another key)
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
