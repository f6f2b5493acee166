"""The copies of the corpora that a request's protocols need, looked through before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmark.corpora import completeness, inventory
from benchmark.corpora.file_index import Progress
from benchmark.corpora.inventory import Inventory
from benchmark.records.schema import CorpusFacts
from protocols import corpora
from protocols.errors import DataError
from protocols.folds import Protocol


def look(
    chosen: Iterable[Protocol],
    data: Path,
    *,
    jobs: int,
    allow_missing: bool,
    progress: Progress | None = None,
) -> tuple[dict[str, Inventory], list[str]]:
    """The inventories of the corpora whose folder is there, by name, and the corpora whose folder is not.

    DataError where none is there, where one is missing or lacks clips and that is not allowed, or where what
    is there is enough for none of the protocols.
    """
    protocols = list(chosen)
    found: dict[str, Inventory] = {}
    absent: list[str] = []
    for name in dict.fromkeys(name for protocol in protocols for name in protocol.corpora):
        if not (data / name).is_dir():
            absent.append(name)
            continue
        found[name] = inventory.take(corpora.load(name), data / name, jobs=jobs, progress=progress)
        completeness.require(found[name], allow_missing=allow_missing)
    if not found:
        raise DataError(
            f"{data}: holds none of the corpora. It must have one folder a corpus: {', '.join(absent)}. "
            "Check --data."
        )
    if absent and (not allow_missing or not any(complete(protocol, found) for protocol in protocols)):
        raise DataError(
            f"{absent[0]}: there is no folder {data / absent[0]}. See `python -m benchmark corpora fetch`, "
            "leave it out with --corpus, or give --allow-missing."
        )
    return found, absent


def complete(protocol: Protocol, found: dict[str, Inventory]) -> bool:
    """Whether all corpora of a protocol are there."""
    return set(protocol.corpora) <= found.keys()


def facts(found: Inventory) -> CorpusFacts:
    """What a record keeps of a copy."""
    whole = corpora.load(found.corpus).manifest
    miniature = found.kind == "synthetic" and found.expected < len(whole)
    return CorpusFacts(
        name=found.corpus,
        kind=found.kind,
        digest=found.digest,
        clips=len(found.files),
        missing=[clip.clip for clip in found.missing],
        selection="miniature" if miniature else "full",
    )
