"""The folder that an export is: the ONNX files, a script that asks them, and what a user must know."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

import onnx

from benchmark.audio.reader import RATE
from benchmark.deployment.front import Front
from benchmark.deployment.trial import Trial
from benchmark.execution.model_card import Card
from benchmark.storage import files
from protocols.errors import StoreError

WHOLE, SMALL = "model.onnx", "model.int8.onnx"
WIDTH = 100  # of a paragraph
SCRIPT, ARCHIVE, TEXT = "run.py", "front_end.zip", "README.txt"


def check(out: Path) -> None:
    """StoreError where an export would take somebody else's place, before time is spent on it."""
    if out.exists() and not out.is_dir():
        raise StoreError(f"{out}: is a file. Name a folder with --out.")
    taken = [name for name in (WHOLE, SMALL, SCRIPT, ARCHIVE, TEXT) if (out / name).exists()]
    if taken and not _exported(out / WHOLE):
        raise StoreError(f"{out / taken[0]}: is there, and no export's. Name another folder with --out.")


def _exported(file: Path) -> bool:
    """Whether an export has written it."""
    try:
        return any(each.key == "card" for each in onnx.load(file).metadata_props)
    except Exception:  # of what is no such file, it raises almost anything
        return False


def write(out: Path, models: Mapping[str, bytes], card: Card, before: Front, trials: Sequence[Trial]) -> None:
    """Put all files there, each whole or not at all, and remove those of an export before; StoreError."""
    found: dict[str, bytes | str] = {
        **models,
        SCRIPT: Path(__file__).with_name(SCRIPT).read_bytes(),
        TEXT: text(card, before, trials),
    }
    if before.archive:
        found[ARCHIVE] = before.archive
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name in {SMALL, ARCHIVE} - found.keys():
            (out / name).unlink(missing_ok=True)
    except OSError as error:
        raise files.unwritable(out, error, instead="Name another folder with --out") from error
    for name, data in found.items():
        files.write(out / name, data)


def about(card: Card) -> dict[str, str]:
    """What an ONNX file says of itself: its metadata."""
    return {
        "model": card.model.name,
        "version": card.model.version,
        "licence": card.model.licence,
        "corpora": ", ".join(f"{copy.name} ({copy.kind} copy)" for copy in card.corpora),
        "protocol": f"{card.protocol.name} {card.protocol.version}",
        "labels": json.dumps(card.labels),
        "temperature": f"{card.temperature}",
        "sample_rate": f"{RATE}",
        "front_end": json.dumps(card.features, sort_keys=True),
        "uar": f"{card.uar:.4f}",
        "budget": json.dumps(card.key["budget"], sort_keys=True),
        "weights": card.weights,
        "card": card.digest,
        "warning": card.warning,
    }


def text(card: Card, before: Front, trials: Sequence[Trial]) -> str:
    """README.txt."""
    title, libraries = card.model.title, ["numpy", "soundfile", "onnxruntime"]
    given = f"wave (samples,) float32: mono, {RATE} Hz, full scale 1, of any length"
    if before.archive:
        given = f"x (1, frames, values) float32: what front_end.compute(wave) in {ARCHIVE} gives"
        libraries.append("scipy")
    paragraphs = [
        f"{title}\n{'=' * len(title)}",
        card.model.summary,
        f"    python {SCRIPT} FILE.wav\n\nneeds {', '.join(libraries)}.",
        f"Input: {given}.\nOutput: probabilities (1, {len(card.labels)}), calibrated, of the labels below.",
        "It takes a whole clip, such as a sentence, and no stream: the floor of its decibels lies below the "
        "clip's own loudest band, and what is relative to a clip's mean needs all of it.",
        table(trials),
        "\n".join(f"{name}: {value}" for name, value in about(card).items() if value),
    ]
    filled = [each if "\n" in each else textwrap.fill(each, WIDTH) for each in paragraphs]
    return "\n\n".join(filled) + "\n"


def table(trials: Sequence[Trial]) -> str:
    """Size and speed of the files, and how they compare with `predict`."""
    rows = [
        f"{each.file:{len(SMALL)}} {each.bytes:9,} bytes {each.latency:8.2f} ms for 3 s of speech, "
        f"probabilities within {each.difference:.1g}, {100 * each.flips:.1f} % of labels flip"
        for each in trials
    ]
    where = f"(one thread; beside `predict`, on {trials[0].clips} clips that the model was fitted on)"
    return "\n".join([*rows, where])
