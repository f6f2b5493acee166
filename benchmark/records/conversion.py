"""Converts a results folder of schema 1 to schema 2: the same records in today's words.

    python -m benchmark.records.conversion DIR [--sources FILE.json]

A record keeps its numbers and its predictions file. What changes: `corpus` is `corpora`, a list; what reaches
the model is `used`; curves are called "validation UAR"; the key has the contract's second words. A
verification that was bound to the old record is bound to the converted one, and a student's key to its
teacher's.

`--sources` names a JSON file with the digest that each model's source has now, by the model's name:

    {"small-cnn": {"old": "a8283134...", "new": "5f0c..."}}

A record with another source than `old`, or of a model that is not named, keeps the digest that it has. What
is converted already is left as it is, so the same command goes on with an interrupted conversion.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from benchmark.records import record_files
from benchmark.records.schema import SCHEMA, Record
from benchmark.records.schema_1 import OLD, Document, Sources, converted
from benchmark.storage import files
from protocols.errors import RecordError, UnheardError

VERIFICATIONS = "verifications"  # the folder of verifications, which mirrors that of the records


def convert(results: Path, sources: Sources) -> tuple[int, int]:
    """Convert all records below a results folder, and their verifications: how many of each were.

    RecordError where a record is neither of schema 1 nor of today's, before anything is written.
    """
    if not results.is_dir():
        raise UnheardError(f"{results}: there is no such results folder.")
    texts = {path: path.read_bytes() for path in record_files.find(results)}
    documents = {path: _decoded(path, text) for path, text in texts.items()}
    new = {
        path: _new(path, documents, sources)
        for path, document in documents.items()
        if document.get("schema") == OLD
    }
    bound = sum(_bind(results, path, texts[path], text) for path, text in new.items())
    # A student's key is computed from its teacher's old one: it goes first, in case this is interrupted.
    for path in sorted(new, key=lambda path: "teacher" not in documents[path]["key"]):
        files.write(path, new[path])
    return len(new), bound


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: 0 where all is converted, 2 where something cannot be."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.records.conversion", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("results", type=Path, metavar="DIR", help="the results folder")
    parser.add_argument("--sources", type=Path, metavar="FILE.json", help="models' digests, old and new")
    args = parser.parse_args(arguments)
    try:
        records, verifications = convert(args.results, _sources(args.sources) if args.sources else {})
    except UnheardError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{records} records and {verifications} verifications were converted.")
    return 0


def _beside(path: Path, documents: Mapping[Path, Document]) -> dict[str, Document]:
    """The records at seed 0 of the same board and protocol, by "model version"."""
    return {
        f"{document['model']['name']} {document['model']['version']}": document
        for other, document in documents.items()
        if other.parents[1] == path.parents[1] and other.name == "seed-0.json" and "model" in document
    }


def _decoded(path: Path, text: bytes) -> Document:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise RecordError(f"{path}: not a record: {error}") from error
    if not isinstance(document, dict) or document.get("schema") not in (OLD, SCHEMA):
        raise RecordError(f"{path}: not a record of schema {OLD} or {SCHEMA}.")
    return document


def _new(path: Path, documents: Mapping[Path, Document], sources: Sources) -> bytes:
    try:
        new = converted(documents[path], sources, _beside(path, documents))
        return record_files.encode(msgspec.convert(new, Record))
    except (msgspec.ValidationError, KeyError, TypeError, AttributeError) as error:
        raise RecordError(f"{path}: not a record of schema {OLD}: {error!r:.200}") from error


def _bind(results: Path, path: Path, old: bytes, new: bytes) -> bool:
    """Bind the verification of the record at a path to its new text; whether there was one of the old."""
    place = results / VERIFICATIONS / path.relative_to(results)
    if not place.is_file():
        return False
    verification = _parsed(place)
    if verification.get("record") != hashlib.sha256(old).hexdigest():
        return False
    verification["record"] = hashlib.sha256(new).hexdigest()
    text = msgspec.json.encode(verification, order="sorted")
    files.write(place, msgspec.json.format(text, indent=1) + b"\n")
    return True


def _sources(path: Path) -> Sources:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, str]])
    except (OSError, msgspec.DecodeError) as error:
        raise UnheardError(f"{path}: not a file of sources: {error}") from error


def _parsed(path: Path) -> Document:
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise RecordError(f"{path}: not a verification: {error}") from error
    return document if isinstance(document, dict) else {}


if __name__ == "__main__":
    sys.exit(main())
