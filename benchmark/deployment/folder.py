"""The folder that an export is: the ONNX files, a script that asks them, and what a user must know."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

import onnx

from benchmark.audio.reader import RATE
from benchmark.deployment.front import Front
from benchmark.execution.model_card import Card
from benchmark.storage import files
from protocols.errors import StoreError

WHOLE, SMALL = "model.onnx", "model.int8.onnx"
SCRIPT, ARCHIVE, TEXT = "run.py", "front_end.zip", "README.txt"


def check(out: Path) -> str:
    """The model whose export is there and will be replaced, "" where none is; before time is spent on it.

    StoreError where the folder holds anything, and no export.
    """
    if out.exists() and not out.is_dir():
        raise StoreError(f"{out}: is a file. Name a folder with --out.")
    there = sorted(path.name for path in out.iterdir() if path.name[0] != ".") if out.exists() else []
    before = _exported(out / WHOLE)
    if there and not before:
        raise StoreError(f"{out}: holds {there[0]}, and no export. Name an empty or a new folder with --out.")
    return before


def _exported(file: Path) -> str:
    """The model that an export has written there; "" where it is none."""
    try:
        found = {each.key: each.value for each in onnx.load(file).metadata_props}
    except Exception:  # of what is no such file, it raises almost anything
        return ""
    return found.get("model", "a model") if "card" in found else ""


def write(out: Path, models: Mapping[str, bytes], archive: bytes, text: str) -> None:
    """Put all files there, each whole or not at all, and remove those of an export before; StoreError."""
    found: dict[str, bytes | str] = {
        **models,
        SCRIPT: Path(__file__).with_name(SCRIPT).read_bytes(),
        TEXT: text,
    }
    if archive:
        found[ARCHIVE] = archive
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name in {SMALL, ARCHIVE} - found.keys():
            (out / name).unlink(missing_ok=True)
    except OSError as error:
        raise files.unwritable(out, error, instead="Name another folder with --out") from error
    for name, data in found.items():
        files.write(out / name, data)


def about(card: Card, before: Front) -> dict[str, str]:
    """What an ONNX file says of itself: its metadata."""
    least, most = card.seconds or (0.0, math.inf)  # of a training clip
    return {
        "model": card.model.name,
        "version": card.model.version,
        "licence": card.model.licence,
        "corpora": ", ".join(f"{copy.name} ({copy.kind} copy)" for copy in card.corpora),
        "protocol": f"{card.protocol.name} {card.protocol.version}",
        "labels": json.dumps(card.labels),
        "temperature": f"{card.temperature}",
        "sample_rate": f"{RATE}",
        "seconds_least": f"{least:.3f}",
        "seconds_most": f"{most:.3f}",
        "seconds_used": f"{before.used:g}",
        "front_end": json.dumps(card.features, sort_keys=True),
        "uar": f"{card.uar:.4f}",
        "seed": f"{card.key.get('seed', 0)}",
        "budget": json.dumps(card.key["budget"], sort_keys=True),
        "weights": card.weights,
        "card": card.digest,
        "warning": card.warning,
    }
