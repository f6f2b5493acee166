"""The site of a results folder: built, found still current, served on this machine."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO

from benchmark.records import homes, record_files, results_log
from benchmark.website import folder


def beside(results: Path) -> Path:
    """Where the site of these results goes unless another place is named: for ./results, ./_site."""
    return Path(os.path.normpath(results / ".." / "_site"))


def build_site(results: Path | Sequence[Path], out: Path) -> Path:
    """Build the site of all records below `results`, one folder or several, in `out`; returns its index.html.

    UnheardError where there is no such folder, RecordError where a record cannot be read or lies elsewhere
    than where its model, protocol and seed belong.
    """
    from benchmark.website import build  # which a site that is current does without

    with folder.locked(out):  # before the records are read: of several builds the last has all of them
        found = homes.read([results] if isinstance(results, Path) else results)
        return build.build(found.records, out, found=found)


def current(results: Path, out: Path) -> Path | None:
    """The index.html of the site in `out`, where it was built from just what `results` holds; else None.

    A site carries its evidence byte for byte. What else it follows from, the code, `site` always goes by.
    """
    alone = not (out / record_files.in_a_site(1)).exists()
    same = alone and folder.whole(out) and _evidence(results) == _evidence(out / record_files.IN_A_SITE)
    return out / "index.html" if same else None


def _evidence(results: Path) -> dict[str, bytes]:
    """The records below a folder, their predictions and what lies beside them, and its log, by path."""
    every = [results.absolute() / results_log.NAME]
    for path in record_files.find(results.absolute()):
        every += [path, record_files.predictions_place(path), *record_files.all_beside(path)]
    return {
        each.relative_to(results.absolute()).as_posix(): each.read_bytes()
        for each in every
        if each.is_file() and not each.is_symlink()
    }


def server(site: Path) -> ThreadingHTTPServer:
    """A server of the folder's files to this machine alone, at any free port."""
    return _Server(("127.0.0.1", 0), partial(_Handler, directory=str(site)))


class _Handler(SimpleHTTPRequestHandler):
    """Answers what is odd too: a path that is none, a host that is not this machine."""

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        host = self.headers.get("Host", "").partition(":")[0].lower()
        if host not in ("", "127.0.0.1", "localhost"):  # another site's name that leads here
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return None
        if self._endless():
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        try:
            return super().send_head()
        except ValueError:  # a null byte, half an address
            self.send_error(HTTPStatus.BAD_REQUEST)
            return None

    def _endless(self) -> bool:
        """Whether a pipe or a device is asked for, also as a folder's index: it may never answer."""
        path = Path(self.translate_path(self.path))
        asked = (path, path / "index.html", path / "index.htm")
        with suppress(OSError):  # a name too long
            return any(each.exists() and not (each.is_file() or each.is_dir()) for each in asked)
        return False


class _Server(ThreadingHTTPServer):
    """Takes no notice of a browser that hangs up."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)
