"""Fitted models on disk: a model's state beside a card that says what it is. Nothing is ever unpickled.

<cache>/models/<board>/<protocol>/<model>/<budget>/model.safetensors    the state's arrays
                                                   card.md              what the model is, for people
                                                   card.json            the same for programs; written last
<cache>/fold-models/<board>/<protocol>/<model>/<key>/fold-NN/    the same three, of a fold of a record
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import shlex
import zipfile
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from benchmark.execution import model_card, record_key
from benchmark.execution.model_card import SCHEMA, Card
from benchmark.models import backends
from benchmark.models.plugins import Plugin
from benchmark.records.schema import BOARDS, Board, Budget
from benchmark.storage import canonical, files, places
from protocols import folds
from protocols.contract import Model
from protocols.errors import WeightsError
from protocols.folds import Protocol

STATE, CARD, TEXT = "model.safetensors", "card.json", "card.md"
TOLERANCE = 1e-4  # in probability, between the record and a model of it that is loaded again
MOST = 100  # times its size that an archive may unpack to; skops packs arrays without compressing them


def home(board: Board, protocol: str, model: str, budget: Mapping[str, Any]) -> Path:
    """The folder of a fitted model. Each budget has its own: a quick look replaces no full search's model."""
    parts = [
        "-".join(map(str, [name, *np.ravel(budget[name])]))
        for name in ("trials", "epochs", "folds")
        if budget[name] is not None
    ]
    return _homes(board, protocol, model) / "-".join(parts)


def fold_home(board: Board, protocol: str, model: str, key: Mapping[str, Any], fold: int) -> Path:
    """The folder of the model of a fold of the record with this key, whichever other folds that has."""
    digest = canonical.digest(record_key.of_whole(key))[:12]
    return places.cache() / "fold-models" / board / protocol / model / digest / f"fold-{fold:02d}"


def save(folder: Path, state: Mapping[str, np.ndarray], card: Card) -> None:
    """Write state and card, each whole or not at all, the card last; StoreError where that cannot be.

    For whoever holds the folder's lock: what a killed process left there half-written is removed.
    """
    about = {
        "model": f"{card.model.name} {card.model.version}",
        "protocol": card.protocol.name,
        "board": card.board,
    }
    data = encode(state, about=about)
    card = model_card.sealed(msgspec.structs.replace(card, weights=hashlib.sha256(data).hexdigest()))
    for name in (STATE, TEXT, CARD):
        files.sweep(folder / name)
    files.write(folder / STATE, data)
    files.write(folder / TEXT, model_card.described(card))
    files.write(folder / CARD, canonical.encode(card))


def encode(state: Mapping[str, np.ndarray], *, about: dict[str, str] | None = None) -> bytes:
    """The state as safetensors, which takes arrays for row by row, whatever their order in memory is."""
    arrays = {name: np.asarray(value, order="C") for name, value in state.items()}
    data: bytes = safetensors.numpy.save(arrays, metadata=about)
    return data


def decode(path: Path, data: bytes) -> dict[str, np.ndarray]:
    """The arrays of a state, read from a path; WeightsError where these bytes are none."""
    try:
        return safetensors.numpy.load(data)
    except KeyError as error:
        raise WeightsError(f"{path}: holds numbers of a type that NumPy lacks: {error}") from error
    except (SafetensorError, ValueError) as error:
        raise WeightsError(f"{path}: is damaged, or no safetensors file: {error}") from error


def kept(folder: Path, key: dict[str, Any]) -> bool:
    """Whether the model of the record with this key is there, whole."""
    try:
        card = read(folder)
        return card.key == key and bool(state(folder, card))
    except WeightsError:
        return False


def load(plugin: Plugin, protocol: Protocol, *, device: str = "cpu") -> tuple[Card, Model]:
    """The model fitted for a protocol, and its card: of official copies where there is one, else derived,
    else synthetic.

    Of several budgets the largest that can be used: all folds before some, then epochs, then trials.

    WeightsError, with the command that makes it, where there is none, or each is damaged or not of today's
    code.
    """
    made = (
        f"python -m benchmark run --final --model {shlex.quote(plugin.reference)} --protocol {protocol.name}"
    )
    errors = []
    for folder in _candidates(protocol.name, plugin.info.name):
        try:
            return opened(folder, plugin, folds.population(protocol).labels, device=device)
        except WeightsError as error:
            errors.append(error)
    if errors:
        raise WeightsError(f"{errors[0]}\nTo fit it again:\n  {made}") from errors[0]
    raise WeightsError(
        f"{plugin.info.name} has not been fitted on {' and '.join(protocol.corpora)} here (protocol "
        f"{protocol.name}). To fit it, with --data or UNHEARD_DATA naming the corpora:\n  {made}"
    )


def opened(folder: Path, plugin: Plugin, labels: Sequence[str], *, device: str = "cpu") -> tuple[Card, Model]:
    """The model in a folder and its card; WeightsError where it is damaged or not of today's code."""
    card = read(folder)
    if different := record_key.differences(*_decisive(card, plugin, labels)):
        raise WeightsError(f"{folder}: was fitted by other code:\n  " + "\n  ".join(different))
    model = _fresh(plugin, card, device)
    restore(model, state(folder, card))
    return card, model


def read(folder: Path) -> Card:
    """The card in a folder; WeightsError where it cannot be read."""
    try:
        card = msgspec.json.decode((folder / CARD).read_bytes(), type=Card)
        msgspec.convert(card.key.get("budget"), Budget)
    except (OSError, msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise WeightsError(f"{folder / CARD}: is damaged: {error}") from error
    if card.schema != SCHEMA:
        raise WeightsError(f"{folder / CARD}: schema {card.schema} is unknown; this version reads {SCHEMA}.")
    if card != model_card.sealed(card):
        raise WeightsError(f"{folder / CARD}: is damaged: it is not what was written.")
    return card


def state(folder: Path, card: Card) -> dict[str, np.ndarray]:
    """The arrays in a folder; WeightsError where they are not those that the card vouches for."""
    path = folder / STATE
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != card.weights:
        raise WeightsError(f"{path}: is damaged: it is not the file that its card was written for.")
    return decode(path, data)


def restore(model: Model, arrays: Mapping[str, np.ndarray]) -> None:
    """Give a fresh model this state; WeightsError where it does not take it."""
    for name, array in arrays.items():
        if array.dtype == np.uint8:  # bytes
            _refuse_bomb(name, array.tobytes())
    try:
        model.load_state(arrays)  # type: ignore[attr-defined]
    except Exception as error:  # of torch, skops or a plugin
        raise WeightsError(f"the state cannot be loaded: {type(error).__name__}: {error}") from error


def _fresh(plugin: Plugin, card: Card, device: str) -> Model:
    try:
        return backends.make(
            plugin,
            len(card.labels),
            seed=card.seed,
            device=device,
            params=card.params,
            numerics=card.key.get("numerics", "fp32"),
        )
    except Exception as error:  # of the plugin
        raise WeightsError(f"{card.model.name} takes no {card.params}: {error}") from error


def _refuse_bomb(name: str, data: bytes) -> None:
    """WeightsError for an archive, as an estimator's state is one, that unpacks to far more than its size."""
    try:
        unpacked = _unpacked(data)
    except (OSError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile):
        return  # no archive that can be read
    if unpacked > MOST * len(data):
        raise WeightsError(
            f"the state cannot be loaded: {name} unpacks from {len(data)} to {unpacked} bytes, which no "
            "model's does"
        )


def _unpacked(data: bytes) -> int:
    """Bytes in an archive, and in the archives directly in it; 0 for what is none."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        total = sum(member.file_size for member in members)
        if total <= MOST * len(data):
            total += sum(_unpacked(archive.read(m)) for m in members if m.filename.endswith(".npz"))
    return total


def _homes(board: Board, protocol: str, model: str) -> Path:
    return places.cache() / "models" / board / protocol / model


def _candidates(protocol: str, model: str) -> list[Path]:
    """Folders of fitted models, the preferred ones first."""
    homes = [sorted(_homes(board, protocol, model).glob(f"*/{CARD}")) for board in BOARDS]
    return [card.parent for cards in homes for card in sorted(cards, key=_reach, reverse=True)]


def _reach(card: Path) -> tuple[float, ...]:
    """What orders the budgets of kept models; a damaged card comes last."""
    try:
        budget = msgspec.convert(read(card.parent).key["budget"], Budget)
    except WeightsError:
        return ()
    sizes = (len(budget.folds) if budget.folds else None, budget.epochs, budget.trials)
    return tuple(math.inf if size is None else size for size in sizes)


def _decisive(card: Card, plugin: Plugin, labels: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What must be as it was at the fit: then and now."""
    then: dict[str, Any] = {
        "version": card.model.version,
        "source file": card.model.source,
        "features": card.features,
        "labels": card.labels,
    }
    now = {
        "version": plugin.info.version,
        "source file": plugin.source,
        "features": json.loads(canonical.line(record_key.features(plugin))),  # lists, as a card has them
        "labels": list(labels),
    }
    for library in plugin.backend.state_libraries:
        then[library], now[library] = card.versions.get(library), version(library)
    return then, now
