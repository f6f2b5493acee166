"""Converts a results folder of schema 1 to schema 2: the same records in today's words.

    python -m benchmark.verification.conversion DIR [--sources FILE.json]

A record keeps its numbers and its predictions file. What changes: `corpus` is `corpora`, a list; what reaches
the model is `used`; curves are called "validation UAR"; the key has the contract's second words. A
verification gets today's words too; one that was bound to the old record is bound to the converted one, and
a student's key to its teacher's.

`--sources` names a JSON file with the digest of each model's source in those records, by the model's name:

    {"small-cnn": "a8283134..."}

Such a record gets the digest that the model's source has now: use it where the model is the same and only the
words of its file are others. A record with another source, or of a model that is not named, keeps its digest.
What is converted already is left as it is, so the same command goes on with an interrupted conversion.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from benchmark.models import plugins
from benchmark.records import record_files
from benchmark.records.schema import SCHEMA, Record
from benchmark.records.schema_1 import OLD, Document, Sources, converted
from benchmark.storage import bounds, canonical, files
from benchmark.verification import certificate
from protocols.errors import RecordError, UnheardError


def convert(results: Path, sources: Sources) -> tuple[int, int]:
    """Convert all records below a results folder, and their verifications: how many of each were.

    RecordError where a record is neither of schema 1 nor of today's, or a verification is no JSON object,
    before anything is written.
    """
    if not results.is_dir():
        raise UnheardError(f"{results}: there is no such results folder.")
    texts = {path: record_files.content(path) for path in record_files.find(results)}
    documents = {path: _decoded(path, text) for path, text in texts.items()}
    new = {
        path: _new(path, documents, sources)
        for path, document in documents.items()
        if document.get("schema") == OLD
    }
    verifications = _verifications(texts, new)
    for place, text in verifications.items():
        files.write(place, text)
    # A student's key is computed from its teacher's old one: it goes first, in case this is interrupted.
    for path in sorted(new, key=lambda path: "teacher" not in documents[path]["key"]):
        files.write(path, new[path])
    return len(new), len(verifications)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: 0 where all is converted, 2 where something cannot be."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.verification.conversion", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("results", type=Path, metavar="DIR", help="the results folder")
    parser.add_argument("--sources", type=Path, metavar="FILE.json", help="models' digests in the records")
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
    document = _parsed(path, text, what="record")
    if document.get("schema") not in (OLD, SCHEMA):
        raise RecordError(f"{path}: not a record of schema {OLD} or {SCHEMA}.")
    return document


def _new(path: Path, documents: Mapping[Path, Document], sources: Sources) -> bytes:
    try:
        new = converted(documents[path], sources, _beside(path, documents))
        return record_files.encode(msgspec.convert(new, Record))
    except (msgspec.ValidationError, KeyError, TypeError, AttributeError) as error:
        raise RecordError(f"{path}: not a record of schema {OLD}: {error!r:.200}") from error


def _verifications(texts: Mapping[Path, bytes], new: Mapping[Path, bytes]) -> dict[Path, bytes]:
    """The new texts of the verifications that change, by their places."""
    changed = {}
    for path, text in texts.items():
        place = certificate.place(path)
        if not place.is_file():
            continue
        old = _parsed(place, bounds.bounded(place, place.read_bytes), what="verification")
        made = certificate.upgraded(old)
        if path in new and made.get("record") == hashlib.sha256(text).hexdigest():
            made = {**made, "record": hashlib.sha256(new[path]).hexdigest()}
        if made != old:
            changed[place] = canonical.encode(made)
    return changed


def _parsed(path: Path, text: bytes, *, what: str) -> Document:
    try:
        bounds.refuse(text)
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{path}: not a {what}: {error}") from error
    if not isinstance(document, dict):
        raise RecordError(f"{path}: not a {what}: it is no JSON object.")
    return document


def _sources(path: Path) -> Sources:
    try:
        old = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError) as error:
        raise UnheardError(f"{path}: not a file of sources: {error}") from error
    return {model: {"old": digest, "new": plugins.load(model).source} for model, digest in old.items()}


if __name__ == "__main__":
    sys.exit(main())
