"""A verification: someone has refitted a record's winners, and this is what came out.

    results/verifications/<board>/<protocol>/<model>/seed-<n>.json

It is bound to one record by the SHA-256 of the record's file; once that changes by a byte, it is void.
Whether it holds is computed from its numbers, the record's, and those of the seeds beside it. One that
contradicts them counts for nothing: whoever made it up did not train.

Schema 1 called `recorded_uar` by another name, and the verdict "within tolerance" too: such files are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from benchmark.records import record_files
from benchmark.records.schema import Environment, Facts, Record
from benchmark.storage import bounds, canonical
from protocols.errors import RecordError

SCHEMA = 2
OLD_NAMES = {"said": "recorded_uar"}  # of schema 1
OLD_VERDICT = "within rule 15"
TOLERANCE = 0.03  # of UAR, by which a retrained model may differ on another machine

Verdict = Literal["bit for bit", "within tolerance", "differs"]
Blind = Literal["not tried", "identical", "within 0.001", "differs"]
WORDS = {
    "bit for bit": "the same predictions, bit for bit",
    "within tolerance": "another machine or versions, and a UAR within the larger of 3 points and the "
    "range of seeds",
    "differs": "it does not come out again",
}


class Verification(Facts, frozen=True):
    """What a refit of each fold's winner gave. UARs are in [0, 1]."""

    schema: int
    record: str  # SHA-256 of the record's file
    predictions: str  # SHA-256 of the refit's predictions, unpacked: the record's own if bit for bit the same
    largest: float  # difference of a rounded probability
    uar: float
    recorded_uar: float  # the UAR in the record
    span: float  # from the lowest to the highest UAR of the model's seeds beside the record
    blind: Blind  # whether a sandbox without labels gave other predictions; "identical": without one, as once
    verdict: Verdict
    by: str  # UNHEARD_SUBMITTER, or ""
    finished: str  # UTC
    seconds: float  # of work, summed over folds
    unheard: str  # version
    environment: Environment


def place(record: Path) -> Path:
    """Where the verification of the record at a path lies."""
    return record_files.beside(record, record_files.VERIFICATIONS)


def encode(made: Verification) -> bytes:
    """The verification's text, as git keeps it."""
    return canonical.encode(made)


def read(path: Path) -> Verification | None:
    """The verification at a path, None where there is none; RecordError where it cannot be read."""
    if not path.exists() and not path.is_symlink():
        return None
    if strange := bounds.strange_kind(path, path):
        raise RecordError(strange)
    data = bounds.bounded(path, path.read_bytes)
    try:
        bounds.refuse(data)
        made = msgspec.convert(upgraded(msgspec.json.decode(data, type=dict[str, Any])), Verification)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise RecordError(f"{path}: not a verification: {error}") from error
    if made.schema != SCHEMA:
        raise RecordError(f"{path}: schema {made.schema} is unknown; this version reads {SCHEMA}.")
    return made


def upgraded(document: dict[str, Any]) -> dict[str, Any]:
    """A verification of schema 1 as one of this schema; any other as it is. The document is left alone."""
    if document.get("schema") != 1:
        return document
    new = {OLD_NAMES.get(name, name): value for name, value in document.items()}
    if new.get("verdict") == OLD_VERDICT:
        new["verdict"] = "within tolerance"
    return {**new, "schema": SCHEMA}


def alike(one: Environment, other: Environment) -> bool:
    """Whether the same bits are promised: one kind of processor, device and system, the same versions.

    A library that only one of them names was not there when the other was written.
    """
    both = one.versions.keys() & other.versions.keys()
    return (one.processor, one.platform, one.python, one.device) == (
        other.processor, other.platform, other.python, other.device,
    ) and all(one.versions[name] == other.versions[name] for name in both)  # fmt: skip


def verdict(made: Verification, record: Record, *, span: float) -> Verdict:
    """What follows from the numbers: bit for bit where it must be, else within tolerance, else not.

    `span`: from the lowest to the highest UAR of the model's seeds, by the records beside this one.
    """
    if made.blind == "differs":
        return "differs"
    if made.predictions == record.predictions:
        return "bit for bit"
    near = abs(made.uar - record.scores.uar) <= max(TOLERANCE, span)
    return "within tolerance" if near and not alike(made.environment, record.environment) else "differs"


def contradictions(made: Verification, record: Record, *, span: float) -> Iterator[str]:
    """What a verification of a record says that the record, or itself, contradicts."""
    if made.recorded_uar != record.scores.uar:
        yield f"it gives the record a UAR of {made.recorded_uar:.4f}, which has {record.scores.uar:.4f}"
    same = made.predictions == record.predictions
    if same != (made.largest == 0) or (same and made.uar != record.scores.uar):
        yield "its predictions, largest difference and UAR do not fit each other"
    if made.verdict != (follows := verdict(made, record, span=span)):
        yield f"its verdict is {made.verdict!r}, but {follows!r} follows from its numbers"
