"""The folder of a site: what builds have made there is replaced, and whatever else lies there is kept.

    .unheard-site.json    {"files": [names], "whole": true}    what builds have made

A build is made apart, inside the folder, and its files are then put into place one by one. A kill in between
leaves a mixture, which the list names in full and does not call whole; the next build completes it.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

import msgspec

from benchmark.records import record_files
from benchmark.storage import canonical, files, places
from protocols.errors import UnheardError

MARK = '<meta name="generator" content="unheard">'  # in every page
LIST, INDEX, BUILD = record_files.SITE, "index.html", "site"
ELSEWHERE = "name another folder: `site --out DIR`."


class Made(msgspec.Struct, frozen=True):
    """What builds have made in a folder; `whole`: the last one was completed."""

    files: list[str]  # paths below the folder
    whole: bool


def refuse_strange(out: Path) -> None:
    """UnheardError where `out` is there, not empty, and not made by a build: nothing is written there."""
    if out.exists() and not out.is_dir():
        raise UnheardError(f"{out}: a file, not a folder. Move it, or {ELSEWHERE}")
    if not out.is_dir() or _made(out) or all(_is_litter(path) for path in out.iterdir()):
        return
    if (out / INDEX).is_file() and MARK.encode() in (out / INDEX).read_bytes():
        raise UnheardError(
            f"{out}: a site without the list of its files, {LIST}, so that it cannot be known what else lies "
            f"there. Remove it, or {ELSEWHERE}"
        )
    raise UnheardError(f"{out}: holds files that are not a site. Move them, or {ELSEWHERE}")


def whole(out: Path) -> bool:
    """Whether the last build there was completed, and all that it made is still there."""
    made = _made(out)
    return made is not None and made.whole and all((out / name).is_file() for name in made.files)


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold the right to build a site at `out`; two builds at once would mix their files."""
    with files.lock(places.lock_of("sites", out)):
        yield


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """A new folder whose files take the place of the site at `out` when the block ends without an error.

    A link at `out` stays, and leads where it did. For whoever holds the lock. UnheardError where something
    that no build has made is in the way.
    """
    out = Path(os.path.realpath(out))
    try:
        refuse_strange(out)
        new = not out.exists()
        for name in (BUILD, LIST):
            files.sweep(out / name)
        try:
            with files.beside(out / BUILD) as work:
                yield work
                names = _put(work, out)
            _note(out, names, whole=True)
        finally:
            if new:
                with suppress(OSError):  # it is not empty: the build was completed
                    out.rmdir()
    except OSError as error:
        raise files.unwritable(
            out, error, what="the site", instead="Name another folder: `site --out DIR`"
        ) from error


def _put(work: Path, out: Path) -> list[str]:
    """Move a build's files into place, the index last, and remove those of earlier ones; gives the names."""
    names = sorted(path.relative_to(work).as_posix() for path in work.rglob("*") if path.is_file())
    made = _made(out)
    old = set(made.files) if made else set()
    _refuse_taken(out, names, old)
    _note(out, {*names, *old}, whole=False)
    for name in sorted(names, key=lambda name: name == INDEX):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).replace(out / name)
    for name in sorted(old.difference(names)):
        (out / name).unlink(missing_ok=True)
        _remove_empty(out, name)
    return names


def _remove_empty(out: Path, name: str) -> None:
    """Remove the folders above a file that is gone, as far as they are empty."""
    for above in PurePosixPath(name).parents[:-1]:
        with suppress(OSError):
            (out / above).rmdir()


def _refuse_taken(out: Path, names: Collection[str], old: Collection[str]) -> None:
    """UnheardError where something that no build has made is where one wants to write or to remove."""
    for name in sorted({*names, *old}):
        path = out / name
        folders = [out / above for above in PurePosixPath(name).parents[:-1]]
        strange = [each for each in folders if each.is_symlink() or (each.exists() and not each.is_dir())]
        if path.is_symlink() or path.is_dir() or (path.exists() and name not in old):
            strange.append(path)
        if strange:
            raise UnheardError(f"{strange[-1]}: is in the way of the site. Move it, or {ELSEWHERE}")


def _made(out: Path) -> Made | None:
    """The list in a folder; None where there is none that a build can have written."""
    try:
        if (out / LIST).is_symlink() or not (out / LIST).is_file():  # a pipe may never answer
            return None
        made = msgspec.json.decode((out / LIST).read_bytes(), type=Made)
    except (OSError, msgspec.DecodeError, RecursionError):
        return None
    names = map(PurePosixPath, made.files)
    plain = all(name.parts and not any(part.startswith((".", "/")) for part in name.parts) for name in names)
    return made if plain and not any("\0" in name for name in made.files) else None


def _note(out: Path, names: Collection[str], *, whole: bool) -> None:
    files.write(out / LIST, canonical.encode(Made(sorted(names), whole)))


def _is_litter(path: Path) -> bool:
    """Whether a killed build left it."""
    return path.name.startswith((f"{files.PART}{BUILD}-", f"{files.PART}{LIST}-"))
