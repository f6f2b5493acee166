"""Refuses a protocol that leaks without saying so, names what there is not, or has an empty part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np

from protocols.errors import FoldError
from protocols.population import Population
from protocols.protocol import Fold, Protocol, Split, divided
from protocols.selection import UNITS, Unit, listed, units

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SPEAKERS_APART = {"speaker", "corpus"}  # to keep corpora apart is to keep their speakers apart


def refuse(protocol: Protocol, whole: Population) -> None:
    """FoldError for the first thing that is wrong with a protocol over all clips of its corpora.

    A leak that is declared in `leaks` is by design: such a protocol never ranks.
    """
    for message in faults(protocol, whole):
        raise FoldError(message)


def faults(protocol: Protocol, whole: Population) -> Iterator[str]:
    """All that is wrong with a protocol, each in a sentence; later ones make sense only without earlier."""
    if not NAME.fullmatch(protocol.name):
        yield f"{protocol.name!r:.60}: a protocol's name is lower case letters, digits and hyphens."
    yield from _of_ranking(protocol)
    yield from _of_labels(protocol, whole)
    if not protocol.leaks and not SPEAKERS_APART & set(protocol.apart):
        yield (
            f"{protocol.name} leaks: it keeps no speakers apart, and does not say so. "
            "Name `speaker` in `apart`, or say in `leaks` how it leaks."
        )
    if protocol.search and not protocol.validation_apart:
        yield f"{protocol.name}: `validation_apart` must name what an inner fold keeps apart."
    if bool(protocol.copies) != bool(protocol.augmentation):
        yield f"{protocol.name}: `copies` and `augmentation` go together: how many copies, altered how."
    if not protocol.folds:
        yield f"{protocol.name} has no folds."
    known = {unit: set(units(whole.rows, unit)) for unit in UNITS}
    for number, fold in enumerate(protocol.folds):
        for fault in _of_fold(protocol, fold, whole, known):
            yield f"{protocol.name}: fold {number}{fault}"
    yield from _of_tests(protocol, whole)


def _of_ranking(protocol: Protocol) -> Iterator[str]:
    if protocol.leaks and (protocol.ranks or protocol.overall):
        yield (
            f"{protocol.name} leaks by design ({protocol.leaks}), so it can never rank: "
            "it must say ranks = false and overall = false."
        )
    if protocol.ranks and (protocol.copies or not protocol.search):
        yield (
            f"{protocol.name}: what ranks is searched, and tests clips as they are; this one must say "
            "ranks = false and overall = false."
        )
    if protocol.overall and not protocol.ranks:
        yield f"{protocol.name}: what does not rank cannot count in the overall score: overall = false."


def _of_labels(protocol: Protocol, whole: Population) -> Iterator[str]:
    if twice := sorted({name for name in protocol.corpora if protocol.corpora.count(name) > 1}):
        yield f"{protocol.name} names the corpus {twice[0]} twice."
    own = {label for corpus in whole.corpora for label in corpus.labels}
    if strange := sorted(set(protocol.labels) - own):
        yield f"{protocol.name}: `labels`: no corpus of it has the label {listed(strange)}."
    if not protocol.labels and len({corpus.labels for corpus in whole.corpora}) > 1:
        yield (
            f"{protocol.name}: {', '.join(protocol.corpora)} have different labels. "
            "Say in [labels] which shared one each of them becomes."
        )
    if len(whole.labels) < 2:
        yield f"{protocol.name}: `labels` leaves fewer than two classes."


def _of_fold(
    protocol: Protocol, fold: Fold, whole: Population, known: Mapping[Unit, set[str]]
) -> Iterator[str]:
    """Each fault as what follows "NAME: fold 3"."""
    if not fold.test.names or not all(fold.test.names.values()):
        yield " tests nobody."
    if not protocol.search and fold.validation:
        yield " has inner validation, and search = false: leave one of them out."
    if (protocol.search and not fold.validation) or not all(
        one.names and all(one.names.values()) for one in fold.validation
    ):
        yield " has no inner validation."
    for selection in (fold.test, *fold.validation, fold.train):
        for unit, names in selection.names.items():
            if strangers := sorted(set(names) - known[unit]):
                corpora = ", ".join(corpus.name for corpus in whole.corpora)
                yield f": {corpora} has no {unit} {listed(strangers)}."
    parts = divided(protocol, fold, whole.rows)
    if not protocol.leaks:
        yield from _leaks(protocol, fold, parts, whole)
    yield from _empty(fold, parts)


def _empty(fold: Fold, parts: Split) -> Iterator[str]:
    if not len(parts.test):
        yield f" tests nobody: no clip is of {fold.test}."
    for number, (train, validation) in enumerate(parts.inner):
        if not len(validation):
            left = f"no clip of {fold.validation[number]} is left beside the test clips"
            yield f": inner fold {number} is empty: {left}."
        if not len(train):
            yield " leaves nobody to train on."


def _leaks(protocol: Protocol, fold: Fold, parts: Split, whole: Population) -> Iterator[str]:
    """A speaker is in one part only; but for a single training speaker, of whom other sentences validate."""
    voices = np.array(units(whole.rows, "speaker"))
    test = set(voices[fold.test.of(whole.rows)])
    for selection in fold.validation:
        if selection.speakers and (shared := sorted(set(voices[selection.of(whole.rows)]) & test)):
            yield f" leaks: speaker {listed(shared)} is in validation and in test."
    if len(set(voices[parts.development])) == 1 and "sentence" in protocol.validation_apart:
        return
    for train, validation in parts.inner:
        if shared := sorted(set(voices[train]) & set(voices[validation])):
            yield (
                f" leaks: {listed(shared)} {'is' if len(shared) == 1 else 'are'} in training and in "
                "validation. Only sentences may validate, where there is a single training speaker."
            )


def _of_tests(protocol: Protocol, whole: Population) -> Iterator[str]:
    """A clip is tested once at most; a ranking tests every speaker of the corpora that it tests."""
    tests = np.sum([fold.test.of(whole.rows) for fold in protocol.folds], axis=0)  # (clips,)
    unit = "speaker" if SPEAKERS_APART & set(protocol.apart) else "clip"
    if twice := _unique(whole, unit, tests > 1):
        yield f"{protocol.name}: {unit} {listed(twice)} is tested in more than one fold."
    tested = np.isin(units(whole.rows, "corpus"), _unique(whole, "corpus", tests > 0))
    if protocol.ranks and (odd := _unique(whole, "speaker", tested & (tests == 0))):
        yield f"{protocol.name}: speaker {listed(odd)} is never tested."


def _unique(whole: Population, unit: str, chosen: np.ndarray) -> list[str]:
    return sorted({getattr(whole.rows[row], unit) for row in np.flatnonzero(chosen)})
