"""The copies of the corpora that a request's protocols need, looked through before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmark.corpora import completeness, inventory, lookalikes
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
) -> tuple[dict[str, Inventory], dict[str, str]]:
    """The inventories of the corpora whose folder is there, and what is in place of the others; both by name.

    DataError where none is there, where one is missing or lacks clips and that is not allowed, or where what
    is there is enough for none of the protocols.
    """
    protocols = list(chosen)
    found: dict[str, Inventory] = {}
    absent: dict[str, str] = {}
    for name in dict.fromkeys(name for protocol in protocols for name in protocol.corpora):
        if not (data / name).is_dir():
            absent[name] = lookalikes.hint(corpora.load(name), data)
            continue
        found[name] = inventory.take(corpora.load(name), data / name, jobs=jobs, progress=progress)
        completeness.require(found[name], allow_missing=allow_missing)
    if not found:
        raise DataError(
            f"{data}: holds none of the corpora. It must have one folder a corpus: {', '.join(absent)}. "
            + (next(filter(None, absent.values()), "") or "Check --data.")
        )
    if absent and (not allow_missing or not any(complete(protocol, found) for protocol in protocols)):
        name, hint = max(absent.items(), key=lambda item: bool(item[1]))  # the first that has one
        raise DataError(
            f"{name}: there is no folder {data / name}. {hint or 'See `python -m benchmark corpora fetch`.'} "
            "Or leave it out with --corpus, or give --allow-missing."
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
