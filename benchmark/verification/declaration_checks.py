"""Is what a record declares of itself so: split, corpora, labels, corpus copy, key, folds?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from benchmark.corpora import inventory
from benchmark.features import stack
from benchmark.records import schema
from benchmark.records.schema import CorpusFacts, Record
from benchmark.training import numerics
from benchmark.verification.submission import Submission, clips_of
from protocols.corpora import Corpus

DIGEST = re.compile(r"[0-9a-f]{64}")


def split(found: Submission) -> Iterator[str]:
    """What the record says of its split beside its digest is the split's."""
    record, protocol = found.record, found.protocol
    if (record.protocol.leaks, record.protocol.ranks) != (protocol.leaks, protocol.ranks):
        yield f"whether it leaks or ranks is not what {protocol.name} says"


def corpora(found: Submission) -> Iterator[str]:
    """The corpora are the protocol's."""
    declared = tuple(copy.name for copy in found.record.corpora)
    if declared != found.protocol.corpora:
        yield f"its corpus is {', '.join(declared)}, its protocol's is {', '.join(found.protocol.corpora)}"


def labels(found: Submission) -> Iterator[str]:
    """The labels are all of the corpora's, in their order."""
    if found.record.labels != list(found.population.labels):
        yield f"its labels are not {', '.join(found.population.labels)}"


def copy(found: Submission) -> Iterator[str]:
    """The copies of the corpora fit the board, and hold as many clips as the record counts."""
    board = found.record.board
    if board != schema.board(found.record.corpora):
        kinds = ", ".join(facts.kind for facts in found.record.corpora)
        yield f"its board is {board}, its corpus copy is {kinds}"
    for facts, corpus in zip(found.record.corpora, found.population.corpora, strict=True):
        if facts.selection == "miniature" and board != "synthetic":
            yield "only a synthetic corpus has a miniature selection"
        if strangers := sorted(set(facts.missing) - {row.clip for row in corpus.manifest}):
            yield f"{strangers[0]} cannot be missing: {corpus.name} has no such clip"
        if facts.clips != (there := len(clips_of(facts, corpus))):
            yield f"its corpus copy says {facts.clips} clips, but {there} are not missing"


def official(found: Submission) -> Iterator[str]:
    """A copy is official where it has the digest of the owner's files, by the manifest, and only there."""
    for facts, corpus in zip(found.record.corpora, found.population.corpora, strict=True):
        owners = inventory.copy_digest({row.clip: row.sha256 for row in corpus.manifest})
        if not DIGEST.fullmatch(facts.digest):
            yield f"its corpus copy has the digest {facts.digest[:70]!r}, which is no SHA-256"
        elif (facts.kind == "official") != (facts.digest == owners):
            yield f"its corpus copy is {facts.kind}, but {_owners(facts, corpus, owners)}"
        elif facts.kind == "official" and facts.missing:
            yield f"its corpus copy is official, but {len(facts.missing)} clips are missing"


def pretraining(found: Submission) -> Iterator[str]:
    """What is built on a frozen network is not from scratch."""
    record = found.record
    each = record.features if isinstance(record.features, list) else [record.features]
    if not record.model.pretraining:
        for name in stack.frozen(str(features.get("front_end")) for features in each):
            yield f"its front end {name} was trained on outside data, and it declares no pretraining"


def enrolment(found: Submission) -> Iterator[str]:
    """Name, model and key have the same number of clips of the speaker, or none."""
    model, keyed = found.record.model, found.record.key.get("enrolment", "")
    named = model.name.partition("@")[2]
    if not named == model.enrolment == keyed:
        yield (
            f"its name has {named or 'no'} clips of the speaker, its model {model.enrolment or 'none'}, its "
            f"key {keyed or 'none'!r:.80}"
        )


def key(found: Submission) -> Iterator[str]:
    """What the key repeats of the record is the same in both."""
    record, own = found.record, found.record.key
    for stated, keyed, what in (
        (record.protocol.digest, own.get("protocol"), "split digest"),
        (schema.copy_digest(record.corpora), own.get("corpus copy"), "corpus copy digest"),
        (f"{record.model.name} {record.model.version}", own.get("model"), "model"),
        (record.model.source, own.get("model source"), "model source"),
        (record.features, own.get("features"), "features"),
        (record.space, _plain(own.get("space")), "space"),
        (record.seed, own.get("seed"), "seed"),
        (msgspec.to_builtins(record.budget), own.get("budget"), "budget"),
        (_versions(record, own), own.get("versions"), "versions"),
    ):
        if stated != keyed:
            yield f"its {what} differs between the record and its key"
    if (stated := own.get("numerics", "fp32")) not in numerics.CLASSES:  # older keys have none
        yield f"its class of numerics is {stated!r:.80}, which is none of {', '.join(numerics.CLASSES)}"


def folds(found: Submission) -> Iterator[str]:
    """The folds are those of the budget, and test whom the split tests."""
    record, wanted = found.record, found.folds_run
    if record.budget.folds not in (None, wanted):
        yield f"its budget's folds {record.budget.folds} are not folds of {found.protocol.name}"
    if (there := [facts.fold for facts in record.folds]) != wanted:
        yield f"it lists folds {there}, but its budget is for {wanted}"
    for facts in record.folds:
        if facts.fold in wanted and not set(facts.test) <= found.test_speakers(facts.fold):
            yield f"fold {facts.fold}: its test speakers are not the split's"


def _versions(record: Record, own: dict[str, Any]) -> dict[str, str | None] | None:
    """Those of the environment, for the libraries that the key names."""
    named = own.get("versions")
    return (
        {name: record.environment.versions.get(name) for name in named} if isinstance(named, dict) else None
    )


def _owners(facts: CorpusFacts, corpus: Corpus, owners: str) -> str:
    has = "has the digest" if facts.digest == owners else "has not the digest"
    return f"{has} of {corpus.title}'s official files, {owners[:12]}"


def _plain(space: Any) -> Any:
    """The key's space as the record has it; None where it is none."""
    try:
        return {name: json.loads(text) for name, text in space.items()}
    except (AttributeError, TypeError, ValueError, RecursionError):
        return None
