"""The folder of a site: replaced as a whole, and only where it is one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmark.storage import files
from protocols.errors import UnheardError

MARK = '<meta name="generator" content="unheard">'  # in every page: such a folder may be replaced


def refuse_strange(out: Path) -> None:
    """UnheardError where `out` holds something else than a site, which is not to be overwritten."""
    index = out / "index.html"
    if out.exists() and not out.is_dir():
        raise UnheardError(f"{out}: a file, not a folder. Move it, or name another place: `site --out DIR`.")
    if out.is_dir() and any(out.iterdir()) and not (index.is_file() and MARK.encode() in index.read_bytes()):
        raise UnheardError(
            f"{out}: holds files that are not a site. Move them, or name another folder: `site --out DIR`."
        )


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """A new folder that takes the place of the site at `out` when the block ends without an error."""
    refuse_strange(out)
    try:
        with files.beside(out) as work:
            (work / "new").mkdir()
            yield work / "new"
            _swap(work / "new", out, aside=work / "old")
    except OSError as error:
        raise files.unwritable(
            out, error, what="the site", instead="Name another folder with --out"
        ) from error


def _swap(new: Path, out: Path, *, aside: Path) -> None:
    for attempt in range(10):  # another process may put its own site there in between: the last one stays
        old = aside.with_name(f"{aside.name}-{attempt}")
        with suppress(FileNotFoundError):
            out.rename(old)
        try:
            new.rename(out)
            return
        except OSError:
            if not out.exists() and old.exists():
                old.rename(out)
            if attempt == 9:
                raise
