"""The site of a results folder: built, found still current, served on this machine."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmark.records import folder as records
from benchmark.records import record_files
from benchmark.verification import certificate
from benchmark.website import build


def build_site(results: Path, out: Path) -> Path:
    """Build the site of all records below `results` in `out`; returns its index.html.

    UnheardError where there is no such folder, RecordError where a record cannot be read or lies elsewhere
    than where its model, protocol and seed belong.
    """
    return build.build(records.read(results), out, results=results)


def current(results: Path, out: Path) -> Path | None:
    """The index.html of the site in `out`, where it was built from just what `results` holds; else None.

    A site carries its records byte for byte. What else it follows from, the code, `site` always goes by.
    """
    index, copies = out / "index.html", out / "data" / "records"
    here = {path.relative_to(results): path for path in record_files.find(results)}
    there = {path.relative_to(copies): path for path in record_files.find(copies)}
    checked = [place for path in here.values() if (place := certificate.place(path)).is_file()]
    if not index.is_file() or here.keys() != there.keys():
        return None
    if any(here[name].read_bytes() != there[name].read_bytes() for name in here):
        return None
    built = index.stat().st_mtime
    return index if all(place.stat().st_mtime < built for place in checked) else None


def server(folder: Path) -> ThreadingHTTPServer:
    """A server of the folder's files on this machine alone, at any free port."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    return ThreadingHTTPServer(("127.0.0.1", 0), handler)
