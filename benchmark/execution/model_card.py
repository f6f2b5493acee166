"""The card of a fitted model: what it is, for people and programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from benchmark.features.familiarity import Familiar
from benchmark.records.schema import Board, CorpusFacts, Facts, ModelFacts, ProtocolFacts
from benchmark.storage import canonical

SCHEMA = 4
WARNING = (
    "Nobody has measured this very model: it was fitted on all speakers, so none is left to test it on. The "
    "UAR is that of models with like settings, each tested on clips that its protocol kept from it."
)


OF_A_FOLD = (
    "Fitted on the training and validation clips of one fold, to be asked again about clips of the speakers "
    "that it tests. The UAR is this very model's, on those clips."
)


class Card(Facts, frozen=True):
    """What a fitted model is. Paths and times are left out: the same fit has the same card."""

    schema: int
    board: Board
    model: ModelFacts
    protocol: ProtocolFacts
    corpora: list[CorpusFacts]
    labels: list[str]
    params: dict[str, Any]
    epochs: int | None
    temperature: Annotated[float, msgspec.Meta(gt=0)]  # of the softmax, applied to the model's probabilities
    seed: int
    teacher: str  # "" without
    features: dict[str, Any] | list[dict[str, Any]]  # the front end, spelt out; of several, a list
    key: dict[str, Any]  # of the record that it follows from
    uar: float  # that this record measured on the test clips
    versions: dict[str, str]
    warning: str
    seconds: tuple[float, float] | None = None  # of the shortest and the longest clip that it was fitted on
    familiar: Familiar | None = None  # what its clips are like; None in a card of before, and of a fold
    fold: int | None = None  # whose test clips it was not fitted on; None: fitted on all clips
    weights: str = ""  # SHA-256 of the state's file
    digest: str = ""  # of all the rest: a card that a disk has changed is not believed


def sealed(card: Card) -> Card:
    """The card with the digest of all that it says; what came later counts where it says something."""
    facts = msgspec.to_builtins(msgspec.structs.replace(card, digest=""), str_keys=True)
    facts = {name: value for name, value in facts.items() if (name, value) != ("familiar", None)}
    return msgspec.structs.replace(card, digest=canonical.digest(facts))


def budget(card: Card) -> str:
    """The budget of the fits that it follows from, in words: "trials 20"."""
    return _listed({name: value for name, value in card.key["budget"].items() if value is not None})


def described(card: Card) -> str:
    """The card as Markdown."""
    clips = "all speakers" if card.fold is None else f"all but the test clips of fold {card.fold}"
    facts = {
        "Model": f"{card.model.name} {card.model.version}",
        "Paper": card.model.paper,
        "Licence": card.model.licence,
        "Pretraining": ", ".join(card.model.pretraining) or "none: from scratch",
        "Teacher": card.teacher,
        "Protocol": f"{card.protocol.name}, version {card.protocol.version}",
        "Leaks by design": card.protocol.leaks,
        "Corpora": "; ".join(
            f"{copy.name}, {copy.kind} copy, {copy.clips} clips, {clips}" for copy in card.corpora
        ),
        "Copies' digests": ", ".join(copy.digest for copy in card.corpora),
        "Labels": ", ".join(card.labels),
        "UAR" if card.protocol.leaks else "UAR on unheard speakers": (
            f"{100 * card.uar:.1f} ({card.protocol.name}, seed {card.key.get('seed', 0)})"
        ),
        "Budget": _listed(card.key["budget"]),
        "Parameters": _listed(card.params),
        "Epochs": "" if card.epochs is None else card.epochs,
        "Temperature": card.temperature,
        "Features": _features(card.features),
        "Source file's SHA-256": card.model.source,
        "Versions": _listed(card.versions),
    }
    lines = [f"- {name}: {value}\n" for name, value in facts.items() if value != ""]
    synthetic = "Fitted on synthetic speech: it knows nothing about people.\n\n" * (card.board == "synthetic")
    return f"# {card.model.title}\n\n{card.model.summary}\n\n{synthetic}{card.warning}\n\n" + "".join(lines)


def _features(features: dict[str, Any] | list[dict[str, Any]]) -> str:
    each = features if isinstance(features, list) else [features]
    return "; ".join(map(_listed, each))


def _listed(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items()) or "none"
