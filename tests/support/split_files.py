"""Split files of the second format, written for a test: signed, and bound to today's manifests."""

import json
from pathlib import Path
from typing import Any

from benchmark.corpora import embedded
from protocols import corpora, folds, registry

PLAIN: dict[str, Any] = {
    "version": 1,
    "rule": "Made for a test.",
    "objective": "uar",
    "apart": ["speaker"],
    "validation_apart": ["speaker"],
    "overall": False,
}
SHARED = {label: label for label in ("anger", "fear", "happiness", "neutral", "sadness")}


def write(folder: Path, name: str, *, sign: bool = True, **fields: Any) -> Path:
    """The path of a file with these fields; with `sign`, its manifests and digest are the right ones."""
    document: dict[str, Any] = {**PLAIN, "name": name, **fields}
    if sign:
        known = [one for one in document["corpora"] if one in registry.names("corpora")]
        document["manifests"] = {one: corpora.load(one).manifest_digest for one in known}
        document["digest"] = folds.digest(document)
    path = folder / f"{name}.toml"
    path.write_text("".join(f"{key} = {_toml(value)}\n" for key, value in document.items()))
    return path


def random_split(folder: Path, name: str = "savee-random", **fields: Any) -> Path:
    """Two folds that keep only clips apart, over the embedded SAVEE's clips, as many papers have them."""
    clips = [clip.clip for clip in embedded.select(corpora.load("savee"))]
    halves = [clips[0::2], clips[1::2]]
    wanted: dict[str, Any] = {
        "corpora": ["savee"],
        "apart": ["clip"],
        "validation_apart": ["clip"],
        "ranks": False,
        "leaks": "the same speakers are in training and in test",
        "folds": [
            {"test": {"clips": test}, "validation": [{"clips": other[0::3]}, {"clips": other[1::3]}]}
            for test, other in (halves, halves[::-1])
        ],
    }
    return write(folder, name, **{**wanted, **fields})


def with_twins(folder: Path, name: str = "savee-twins", **fields: Any) -> Path:
    """Each clip of the embedded SAVEE and two noisy copies are rows, of which every fourth is tested."""
    clips = [clip.clip for clip in embedded.select(corpora.load("savee"))]
    rows = [row for clip in clips for row in (clip, f"{clip}#1", f"{clip}#2")]
    wanted: dict[str, Any] = {
        "corpora": ["savee"],
        "apart": ["clip"],
        "validation_apart": [],
        "ranks": False,
        "leaks": "copies of the test clips are in training",
        "search": False,
        "copies": 2,
        "augmentation": [
            {"kind": "noise", "low": 10, "high": 20, "copies": [1, 2]},
            {"kind": "gain", "low": -3, "high": 3, "copies": [2]},
        ],
        "folds": [{"test": {"clips": rows[0::4]}}],
    }
    return write(folder, name, **{**wanted, **fields})


def across(folder: Path, name: str = "savee-to-emovo", **fields: Any) -> Path:
    """Train on one corpus, test on the other, with the labels that both have."""
    wanted: dict[str, Any] = {
        "corpora": ["savee", "emovo"],
        "apart": ["corpus"],
        "ranks": False,
        "labels": {**SHARED, "surprise": "other", "disgust": "other"},
        "folds": [
            {
                "test": {"corpora": ["emovo"]},
                "validation": [{"speakers": ["savee/DC"]}, {"speakers": ["savee/JE", "savee/KL"]}],
                "train": {"corpora": ["savee"]},
            }
        ],
    }
    return write(folder, name, **{**wanted, **fields})


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)
