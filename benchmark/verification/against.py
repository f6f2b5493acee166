"""What a reviewer wants to know of a results folder beside an earlier one: the folder at a git ref.

Both are judged by the code that runs. Only verifications that the ref has, byte for byte, count: what a
submission brings along proves nothing.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from benchmark.records import record_files, results_log
from benchmark.records.states import MEANING, State
from benchmark.verification import judgement
from benchmark.verification.judgement import Judged
from protocols.errors import RecordError, UnheardError

BESIDE = tuple(f"{folder}/" for folder in record_files.BESIDE)


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What differs from a commit, by paths within the results folder, sorted."""

    commit: str
    added: list[str]  # records
    changed: dict[str, str]  # records, and what of each
    deleted: list[str]  # records
    downgraded: dict[str, str]  # records whose state is weaker: "verified -> recomputed"
    verifications: dict[str, str]  # "added", "changed" or "deleted"
    robustness: dict[str, str]  # of records, with its predictions: likewise
    log: str  # of the folder's log: "", "added to", or "rewritten", which it must not be
    others: dict[str, str]  # files that are none of these: likewise


@contextmanager
def before(results: Path, ref: str) -> Iterator[tuple[Path, str]]:
    """The results folder as it was at a git ref, in a temporary folder, and the commit.

    UnheardError where the folder is in no git repository, or there is no such ref.
    """
    commit = (
        _git(results, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        .decode()
        .strip()
    )
    with tempfile.TemporaryDirectory(prefix="unheard-") as work:
        folder = Path(work) / "results"
        folder.mkdir()
        if _git(results, "ls-tree", commit, "--", "."):  # else there was no such folder
            with tarfile.open(fileobj=io.BytesIO(_git(results, "archive", "--format=tar", commit))) as files:
                files.extractall(folder, filter=_plain)
        yield folder, commit


def _plain(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo | None:
    """Links are left out: they are no part of a record."""
    return tarfile.data_filter(member, path) if member.isfile() or member.isdir() else None


def trusted(results: Path, earlier: Path) -> judgement.Trusted:
    """Whether a verification below `results` is also there in the earlier folder, byte for byte."""

    def same(place: Path) -> bool:
        try:
            return _equal(place, earlier / place.absolute().relative_to(results.absolute()))
        except ValueError:  # it lies elsewhere
            return False

    return same


def compare(results: Path, earlier: Path, commit: str, found: Sequence[Judged]) -> Changes:
    """What of the records below `results`, as they were judged, differs from the earlier folder."""
    now, then = _files(results), _files(earlier)
    records = {name for name in now | then if _is_record(name)}
    apart = {name: how for name in sorted(now | then) if (how := _how(results, earlier, name))}
    of_record = {name: how for name, how in apart.items() if name in records}
    changed = {name for name in records & now & then if name in apart or _predictions(name) in apart}
    return Changes(
        commit=commit,
        added=[name for name, how in of_record.items() if how == "added"],
        changed={name: _parts(results / name, earlier / name) for name in sorted(changed)},
        deleted=[name for name, how in of_record.items() if how == "deleted"],
        downgraded=_downgraded(results, earlier, found),
        verifications=_below(record_files.VERIFICATIONS, apart),
        robustness=_below(record_files.ROBUSTNESS, apart),
        log=_log(results, earlier) if results_log.NAME in apart else "",
        others={
            name: how
            for name, how in apart.items()
            if name not in {*records, results_log.NAME}
            and not name.startswith(BESIDE)
            and name not in {_predictions(record) for record in records}
        },
    )


def _below(folder: str, apart: Mapping[str, str]) -> dict[str, str]:
    return {name: how for name, how in apart.items() if name.startswith(f"{folder}/")}


def _log(results: Path, earlier: Path) -> str:
    if not results_log.only_added_to(results, earlier):
        return "rewritten"
    results_log.read(results)  # RecordError where what was added makes no sense
    return "added to"


def _downgraded(results: Path, earlier: Path, found: Sequence[Judged]) -> dict[str, str]:
    """Records that were believed further. Those whose model's folder has not changed are as they were."""
    order, weaker = list(MEANING), {}
    for one in found:
        try:
            name = one.path.absolute().relative_to(results.absolute())
        except ValueError:  # it lies elsewhere
            continue
        if not (earlier / name).is_file() or _same_folders(results, earlier, name.parent):
            continue
        was: State = judgement.judge(earlier / name).state
        if order.index(one.state) < order.index(was):
            weaker[name.as_posix()] = f"{was} -> {one.state}"
    return weaker


def _same_folders(results: Path, earlier: Path, model: Path) -> bool:
    """Whether a model's records and its verifications are the same."""
    return not any(
        _how(results / folder, earlier / folder, name)
        for folder in (model, record_files.VERIFICATIONS / model)
        for name in _files(results / folder) | _files(earlier / folder)
    )


def _parts(now: Path, then: Path) -> str:
    """Which blocks of a record differ, whatever its schema: "scores, speakers"."""
    try:
        new, old = (
            msgspec.json.decode(record_files.content(path), type=dict[str, Any]) for path in (now, then)
        )
    except (RecordError, msgspec.DecodeError, RecursionError):
        return "it cannot be read"
    different = [name for name in sorted(new.keys() | old.keys()) if new.get(name) != old.get(name)]
    return ", ".join(different) or "its predictions or its layout"


def _how(results: Path, earlier: Path, name: str) -> str:
    there, was = _exists(results / name), _exists(earlier / name)
    if there and was:
        return "" if _equal(results / name, earlier / name) else "changed"
    return "added" if there else "deleted"


def _exists(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _equal(one: Path, other: Path) -> bool:
    """Two plain files with the same bytes; a link equals nothing."""
    plain = all(path.is_file() and not path.is_symlink() for path in (one, other))
    return plain and one.read_bytes() == other.read_bytes()


def _files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if (path.is_symlink() or not path.is_dir()) and path.relative_to(folder).parts[0] != record_files.WORK
    }


def _is_record(name: str) -> bool:
    path = Path(name)
    return path.match("seed-*.json") and not name.startswith(BESIDE)


def _predictions(record: str) -> str:
    return record_files.predictions_place(Path(record)).as_posix()


def _git(folder: Path, *words: str) -> bytes:
    """What git prints; UnheardError, with git's own words, where it cannot."""
    try:
        done = subprocess.run(["git", "-C", folder, *words], capture_output=True, check=True)
    except FileNotFoundError as error:
        raise UnheardError("--against needs git, which is not installed.") from error
    except subprocess.CalledProcessError as error:
        words_of_git = error.stderr.decode(errors="replace").strip().splitlines()
        why = words_of_git[0] if words_of_git else "git knows no such ref"
        raise UnheardError(f"--against: {folder}: {why}. Name a commit, a branch or a tag of it.") from error
    return done.stdout
