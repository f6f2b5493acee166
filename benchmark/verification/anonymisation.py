"""Refits a fold where nothing gives the test clips away: their names, labels, sentences and files are random.

A model is given arrays, so it cannot see these by construction. This shows it: in the process that fits and
predicts, the features' index and the manifest carry random names and random labels for every test clip, and
the predictions must be those of the ordinary refit. The order of the clips stays, since a sum of floats may
depend on it; that a prediction does not depend on its neighbours is what `check` looks at.
"""

from __future__ import annotations

import csv
import io
import json
import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmark.execution import fold, fold_data
from benchmark.execution.task import Task
from benchmark.features import feature_store
from benchmark.storage import files
from protocols import corpora
from protocols.corpora import ManifestRow
from protocols.errors import FoldError
from protocols.folds import Fold, Protocol
from protocols.population import Population
from protocols.selection import Selection, sharing


@dataclass(frozen=True, kw_only=True)
class Disguise:
    """A fold to refit in a tree of its own, and the way back from random names to clips."""

    task: Task  # its features and its work lie in the tree
    protocol: Protocol  # whose fold names the disguised clips
    manifest: Path
    names: Mapping[str, str]  # of the test clips, by random name; not for the process that predicts

    def hidden(self) -> Disguise:
        """As the process that predicts is given it."""
        return replace(self, names={})


def make(task: Task, protocol: Protocol, tree: Path) -> Disguise:
    """Build the tree for one fold: a manifest, and the features' indices beside links to their frames."""
    if len(protocol.corpora) > 1:
        raise FoldError(f"{protocol.name}: only a protocol of one corpus can be disguised.")
    corpus = corpora.load(protocol.corpora[0])
    rng = random.SystemRandom()
    tested = protocol.folds[task.fold].test.of(corpus.manifest)
    rows = [
        _disguised(row, corpus.labels, rng) if test else row
        for row, test in zip(corpus.manifest, tested, strict=True)
    ]
    now = {old.clip: new.clip for old, new in zip(corpus.manifest, rows, strict=True)}
    [sources] = task.features  # of the one corpus
    homes = tuple(
        tuple(tree / f"{number}-{source.name}" for source in home) for number, home in enumerate(sources)
    )
    for home, own in zip(homes, sources, strict=True):
        for folder, source in zip(home, own, strict=True):
            _disguise_index(source, folder, now)
    files.write(tree / "manifest.csv", _text(rows))
    return Disguise(
        task=replace(task, features=(homes,), work=tree / "work"),
        protocol=_clip_by_clip(protocol, task.fold, corpus.manifest, now),
        manifest=tree / "manifest.csv",
        names={new: old for old, new in now.items() if new != old},
    )


def run(disguise: Disguise) -> None:
    """Refit the fold: what a worker process does."""
    installed = corpora.load(disguise.protocol.corpora[0])
    whole = Population((replace(installed, manifest_file=disguise.manifest),), disguise.protocol.labels)
    fold.complete(disguise.task, lambda: fold_data.load(disguise.task, disguise.protocol, whole))


def _clip_by_clip(
    protocol: Protocol, number: int, rows: Sequence[ManifestRow], now: Mapping[str, str]
) -> Protocol:
    """The protocol with one fold that names its test and its training clips, as they are called now.

    The split may go by what is disguised: a clip's name, or its sentence.
    """
    one = protocol.folds[number]
    test = one.test.of(rows)
    train = one.train.of(rows) & ~sharing(rows, test, protocol.apart)
    named = Fold(
        test=Selection(
            clips=tuple(now[row.clip] for row, is_test in zip(rows, test, strict=True) if is_test)
        ),
        train=Selection(clips=tuple(row.clip for row, is_train in zip(rows, train, strict=True) if is_train)),
        validation=one.validation,
    )
    others = protocol.folds
    return replace(protocol, apart=("clip",), folds=(*others[:number], named, *others[number + 1 :]))


def _disguised(row: ManifestRow, labels: tuple[str, ...], rng: random.Random) -> ManifestRow:
    """The speaker stays: no model is given a test clip's, and training speakers are numbered among all."""
    name = secrets.token_hex(12)
    return row._replace(
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


def _text(rows: Sequence[ManifestRow]) -> str:
    """A manifest in the order of its rows, which is the ordinary one's."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(ManifestRow._fields[:-1])  # the corpus is the same for all
    table.writerows(row[:-1] for row in rows)
    return text.getvalue()
