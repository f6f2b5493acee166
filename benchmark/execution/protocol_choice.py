"""Which protocols a request means: those that it names, else a suite's; --corpus leaves some of them."""

from __future__ import annotations

import os
from collections.abc import Sequence

from benchmark.audio import augmentation
from benchmark.execution import suites
from benchmark.execution.suites import Suite
from benchmark.models import augmentation_kinds
from protocols import corpora, folds, registry
from protocols.errors import PluginError, UnheardError
from protocols.folds import Protocol

Chosen = dict[str, Protocol]  # by reference: a name, or the path of a split file


def choose(named: Sequence[str], suite: Suite, wanted: Sequence[str]) -> Chosen:
    """The protocols named (names or split files, leaking ones too), else the suite's.

    Of these, those whose corpora are all among `wanted`, where any are; a wanted corpus that no protocol of
    the suite has brings somebody else's. UnheardError where that leaves a wanted corpus without a protocol.
    """
    for corpus in wanted:
        corpora.load(corpus)  # RegistryError for an unknown one
    found = _loaded(named or suite.protocols)
    if not wanted:
        return found
    kept = {name: protocol for name, protocol in found.items() if set(protocol.corpora) <= set(wanted)}
    lacking = set(wanted) - {corpus for protocol in kept.values() for corpus in protocol.corpora}
    if named and lacking:
        raise UnheardError(
            f"{min(lacking)}: no protocol that --protocol names is for it, or for it and the other corpora "
            "of --corpus alone."
        )
    return kept | _outsiders(lacking, set(wanted)) if lacking else kept


def outer_folds(chosen: Chosen, wanted: Sequence[int]) -> list[int]:
    """The outer folds that were named, in order; UnheardError where a protocol does not have them."""
    for protocol in chosen.values():
        last = len(protocol.folds) - 1
        if strange := [fold for fold in wanted if not 0 <= fold <= last]:
            raise UnheardError(f"--fold {strange[0]}: {protocol.name} has the folds 0 to {last}.")
    return sorted(set(wanted))


def _loaded(references: Sequence[str]) -> Chosen:
    found: Chosen = {}
    for reference in dict.fromkeys(map(_absolute, references)):
        protocol = folds.load(reference)
        _refuse_augmentation(protocol)
        if protocol.name in {other.name for other in found.values()}:
            raise UnheardError(f"two of the protocols are called {protocol.name!r}; name one of them.")
        found[reference] = protocol
    return found


def _refuse_augmentation(protocol: Protocol) -> None:
    """UnheardError where the waveform cannot be altered so."""
    try:
        augmentation_kinds.check(protocol.augmentation, known=augmentation.WAVE, copies=protocol.copies)
    except PluginError as error:
        raise UnheardError(f"{protocol.name}: {error}") from error


def _absolute(reference: str) -> str:
    """A path is the same, whatever folder a worker stands in."""
    return os.path.realpath(reference) if reference.endswith(".toml") else reference


def _outsiders(lacking: set[str], wanted: set[str]) -> Chosen:
    """Protocols that no suite has: somebody else's, which run where their corpora are named.

    One that leaks by design runs only where it is named itself.
    """
    ours = {name for suite in suites.SUITES.values() for name in suite.protocols}
    others = {name: folds.load(name) for name in registry.names("protocols") if name not in ours}
    found = {
        name: protocol
        for name, protocol in others.items()
        if set(protocol.corpora) & lacking and set(protocol.corpora) <= wanted and not protocol.leaks
    }
    if without := sorted(lacking - {corpus for protocol in found.values() for corpus in protocol.corpora}):
        raise UnheardError(
            f"{without[0]}: no installed protocol is for it, or for it and the other corpora of --corpus, "
            "but those of other suites: see `list suites`. To add one: CONTRIBUTING.md."
        )
    return found
