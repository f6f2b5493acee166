"""The leakage audit: what training and test of each fold share, and what the words alone give away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from benchmark.records import answers
from benchmark.scores import metrics
from benchmark.verification import overlap
from benchmark.verification.overlap import Overlap
from protocols import folds
from protocols.corpora import ManifestRow
from protocols.folds import Protocol
from protocols.population import Population
from protocols.selection import units

MARGIN = 0.10  # above chance, from which on the words count as giving the label away


@dataclass(frozen=True)
class FoldAudit:
    """What was found in one outer fold. A pair of parts is named like "train/test"."""

    fold: int
    test: list[str]  # speakers
    shared_speakers: dict[str, list[str]]  # pair of parts -> speakers in both
    shared_audio: dict[str, list[list[str]]]  # pair of parts -> groups of clips that are the same audio
    classes: dict[str, dict[str, int]]  # part -> emotion -> clips
    shared_sentences: float  # share of test clips whose sentence train has too
    shared_units: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    # pair of parts -> unit -> names in both, of what the protocol keeps apart besides speakers


@dataclass(frozen=True)
class Audit:
    """What was found in a protocol."""

    protocol: str
    version: int
    digest: str
    corpus: str
    clips: int
    folds: list[FoldAudit]
    chance: float
    text_only: float  # UAR of a classifier that knows only the sentence
    flags: list[str]
    leaks: list[str]  # what must not be and is not declared; empty = clean
    by_design: str  # how the protocol leaks, by its own declaration; "" = not at all
    ranks: bool  # whether its results may rank
    overlap: Overlap  # what of its test clips was in training or validation


def audit(
    protocol: Protocol,
    population: Population,
    clips: Sequence[ManifestRow],
    content: Mapping[str, str],
) -> Audit:
    """Audit every fold over `clips`; `content` is a digest of each clip's audio, by clip.

    `clips` are rows of the population, all or those that a copy has. A leak that the protocol declares is a
    flag, no leak.
    """
    found, leaks, splits = [], [], []
    truth, guesses = [], []
    labels = answers.indices(clips, population.labels)
    for number, fold in enumerate(protocol.folds):
        parts = folds.split(protocol, fold, clips)
        splits.append(parts)
        one = replace(
            _fold(number, parts, clips, content), shared_units=_shared_units(parts, clips, protocol)
        )
        found.append(one)
        leaks += _leaks(one, protocol)
        truth.append(labels[parts.test])
        guesses.append(_text_only(clips, labels, parts.development, parts.test))
    matrix = metrics.confusion(np.concatenate(truth), np.concatenate(guesses), len(population.labels))
    chance, text_only = 1 / len(population.labels), float(metrics.uar(matrix))
    flags = ["text predicts label"] if text_only > chance + MARGIN else []
    if protocol.leaks:
        flags.append("leaks by design")
    elif not {"speaker", "corpus"} & set(protocol.validation_apart):
        flags.append("one training speaker")
    return Audit(
        protocol=protocol.name,
        version=protocol.version,
        digest=protocol.digest,
        corpus=", ".join(protocol.corpora),
        clips=len(clips),
        folds=found,
        chance=round(chance, 4),
        text_only=round(text_only, 4),
        flags=flags,
        leaks=leaks,
        by_design=protocol.leaks,
        ranks=protocol.ranks,
        overlap=overlap.of(splits, clips, content),
    )


def _fold(
    number: int,
    parts: folds.Split,
    clips: Sequence[ManifestRow],
    content: Mapping[str, str],
) -> FoldAudit:
    pairs = _pairs(parts)
    classes = {"test": parts.test, "train+validation": parts.development}
    classes |= {f"validation {index}": validation for index, (_, validation) in enumerate(parts.inner)}
    known = {clips[row].sentence for row in parts.development}
    return FoldAudit(
        fold=number,
        test=sorted({clips[row].speaker for row in parts.test}),
        shared_speakers={
            pair: shared
            for pair, (one, other) in pairs.items()
            if (shared := sorted({clips[row].speaker for row in one} & {clips[row].speaker for row in other}))
        },
        shared_audio={
            pair: shared
            for pair, (one, other) in pairs.items()
            if (shared := _same_audio(one, other, clips, content))
        },
        classes={part: dict(Counter(clips[row].emotion for row in rows)) for part, rows in classes.items()},
        shared_sentences=round(float(np.mean([clips[row].sentence in known for row in parts.test])), 4),
    )


def _pairs(parts: folds.Split) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    pairs = {"train+validation/test": (parts.development, parts.test)}
    for index, (train, validation) in enumerate(parts.inner):
        pairs[f"train/validation {index}"] = (train, validation)
    return pairs


def _shared_units(
    parts: folds.Split, clips: Sequence[ManifestRow], protocol: Protocol
) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for pair, (one, other) in _pairs(parts).items():
        apart = protocol.apart if pair.endswith("/test") else protocol.validation_apart
        for unit in set(apart) - {"speaker"}:
            first, second = (set(units([clips[row] for row in rows], unit)) for rows in (one, other))
            if both := sorted(first & second):
                found.setdefault(pair, {})[unit] = both
    return found


def _same_audio(
    one: np.ndarray, other: np.ndarray, clips: Sequence[ManifestRow], content: Mapping[str, str]
) -> list[list[str]]:
    groups: dict[str, list[list[str]]] = {}
    for side, rows in enumerate((one, other)):
        for row in rows:
            name = clips[row].clip
            if content.get(name):  # "" while unknown
                groups.setdefault(content[name], [[], []])[side].append(name)
    return sorted(first + second for first, second in groups.values() if first and second)


def _leaks(found: FoldAudit, protocol: Protocol) -> list[str]:
    where = f"{protocol.name}: fold {found.fold}"
    leaks = [
        f"{where}: {unit} {', '.join(names)} is in both {pair.replace('/', ' and ')}"
        for pair, shared in found.shared_units.items()
        for unit, names in shared.items()
    ]
    if protocol.leaks:  # by design: it promises nothing but what it keeps apart
        return leaks
    leaks += [
        f"{where}: speaker {', '.join(speakers)} is in both {pair.replace('/', ' and ')}"
        for pair, speakers in found.shared_speakers.items()
        if pair.endswith("/test") or "speaker" in protocol.validation_apart
    ]
    return leaks + [
        f"{where}: the same audio is in both {pair.replace('/', ' and ')}: {' = '.join(group)}"
        for pair, groups in found.shared_audio.items()
        for group in groups
    ]


def _text_only(
    clips: Sequence[ManifestRow], labels: np.ndarray, train: np.ndarray, test: np.ndarray
) -> np.ndarray:
    """The most likely class of each test clip, given its sentence alone and every class as likely: (n,)."""
    from sklearn.naive_bayes import CategoricalNB  # here, since most who import this module do not need it

    sentences = sorted({clip.sentence for clip in clips})
    place = {sentence: index for index, sentence in enumerate(sentences)}
    ids = np.array([[place[clip.sentence]] for clip in clips])
    classifier = CategoricalNB(fit_prior=False, min_categories=len(sentences))
    return classifier.fit(ids[train], labels[train]).predict(ids[test])
