"""Refits a fold where nothing tells the test clips: their names, labels, sentences and files are random.

A model is given arrays, so it cannot see these by construction. This shows it: in the process that fits and
predicts, the features' index and the manifest carry random names and random labels for every test clip, and
the predictions must be those of the ordinary refit. The order of the clips stays, since a sum of floats may
depend on it; that a prediction does not hang on its neighbours is what `check` looks at.
"""

from __future__ import annotations

import csv
import io
import json
import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from benchmark.execution import fold, fold_data
from benchmark.execution.task import Task
from benchmark.features import feature_store
from benchmark.storage import files
from protocols import corpora
from protocols.corpora import ManifestRow
from protocols.errors import FoldError
from protocols.folds import Protocol
from protocols.population import Population


@dataclass(frozen=True, kw_only=True)
class Blind:
    """A fold to refit in a tree of its own, and the way back from random names to clips."""

    task: Task  # its features and its work lie in the tree
    protocol: Protocol
    manifest: Path
    names: Mapping[str, str]  # of the test clips, by random name; not for the process that predicts

    def hidden(self) -> Blind:
        """As the process that predicts is given it."""
        return replace(self, names={})


def make(task: Task, protocol: Protocol, tree: Path) -> Blind:
    """Build the tree for one fold: a manifest, and the features' indices beside links to their frames."""
    if len(protocol.corpora) > 1 or set(protocol.folds[task.fold].test.names) != {"speaker"}:
        raise FoldError(f"{protocol.name}: only folds that test speakers of one corpus can be disguised.")
    corpus = corpora.load(protocol.corpora[0])
    rng = random.SystemRandom()
    tested = set(protocol.folds[task.fold].test.speakers or ())
    rows = [
        _disguised(clip, corpus.labels, rng) if clip.speaker in tested else clip for clip in corpus.manifest
    ]
    now = {clip.clip: row.clip for clip, row in zip(corpus.manifest, rows, strict=True)}
    homes = tuple(tree / f"features-{number}" for number in range(len(task.homes)))
    for home, source in zip(homes, task.homes, strict=True):
        _disguise_index(source, home, now)
    with files.atomic(tree / "manifest.csv") as file:
        file.write(_text(rows).encode())
    return Blind(
        task=replace(task, features=(homes,), work=tree / "work"),
        protocol=protocol,
        manifest=tree / "manifest.csv",
        names={row: clip for clip, row in now.items() if row != clip},
    )


def run(blind: Blind) -> None:
    """Refit the fold: what a worker process does."""
    installed = corpora.load(blind.protocol.corpora[0])
    corpus = replace(installed, manifest_file=blind.manifest)
    whole = Population((corpus,), blind.protocol.labels)
    fold.complete(blind.task, lambda: fold_data.load(blind.task, blind.protocol, whole))


def _disguised(clip: ManifestRow, labels: tuple[str, ...], rng: random.Random) -> ManifestRow:
    """The speaker stays, since the split goes by it."""
    name = secrets.token_hex(12)
    return clip._replace(
        clip=name,
        path=f"{name}.wav",
        emotion=rng.choice(labels),
        sentence=secrets.token_hex(4),
        intensity="",
        sha256="",
    )


def _disguise_index(source: Path, home: Path, now: Mapping[str, str]) -> None:
    index = json.loads((source / feature_store.INDEX).read_text())
    index["clips"] = [now[clip] for clip in index["clips"]]
    files.write(home / feature_store.INDEX, json.dumps(index))
    (home / feature_store.FRAMES).symlink_to((source / feature_store.FRAMES).resolve())


def _text(rows: list[ManifestRow]) -> str:
    """A manifest in the order of its rows, which is the ordinary one's."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(ManifestRow._fields[:-1])
    table.writerows(row[:-1] for row in rows)
    return text.getvalue()
