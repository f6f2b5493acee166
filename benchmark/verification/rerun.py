"""Refits the winners of records, and finds whether the same predictions come out.

The search is not repeated: that its trials scored what the record holds, and the temperature, are taken on
trust. All work is done in a temporary folder; the verification is the caller's to keep.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.compute import executor, sandbox
from benchmark.corpora.file_index import Progress
from benchmark.execution import fold
from benchmark.execution.task import Task
from benchmark.features import feature_store, stack
from benchmark.models import plugins
from benchmark.verification import blind_refit, refit, refit_outcome
from benchmark.verification.certificate import Verification
from benchmark.verification.refit import Case, Copies
from protocols.errors import StoreError, UnheardError


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one record: a verification, or in words why there is none."""

    path: Path
    verification: Verification | None = None
    why: str = ""
    not_blind: str = ""  # why it was not refitted in a sandbox, where that was asked for
    failed: bool = False  # a fold could not be refitted; else the request was wrong


def run(
    paths: Sequence[Path],
    data: Path,
    *,
    jobs: int,
    blindly: bool = False,
    references: Sequence[str] = (),
    progress: Progress | None = None,
    damaged: Callable[[str], None] | None = None,
) -> Iterator[Outcome]:
    """Refit the records at these paths with `jobs` workers; each outcome as soon as it is there.

    `references`: models in files, which go before installed ones of the same name. `blindly`: once more, in a
    sandbox without labels, where one can be made. `damaged` is called with each of the cached features that
    are, in words, and so computed again. StoreError where the temporary folder cannot be written.
    """
    files = {plugins.load(reference).info.name: reference for reference in references}
    copies = Copies(data=data, jobs=jobs)
    with tempfile.TemporaryDirectory(prefix="unheard-") as folder:
        cases = []
        for number, path in enumerate(paths):
            try:
                name = path.absolute().parent.name
                work = Path(folder) / f"{number}"
                cases.append(refit.case(path, copies, work, reference=files.get(name, "")))
            except UnheardError as error:
                yield Outcome(path=path, why=str(error))
        wanted = [
            (stack.under(each.submission.protocol, each.plugin.features), copy)
            for each in cases
            for copy in each.copies
        ]
        errors = feature_store.ensure(wanted, jobs=jobs, progress=progress, damaged=damaged)
        able = []
        for each in cases:
            if lost := [errors[home] for home in each.tasks[0].homes if home in errors]:
                yield Outcome(
                    path=each.submission.path,
                    why=f"its features: {executor.error_text(lost[0])}",
                    failed=True,
                )
            else:
                able.append(each)
        yield from _refitted(able, data, jobs, blindly=blindly)


@dataclass(frozen=True)
class Piece:
    """A fold to refit, as it is or in a sandbox. Plain data, for a worker."""

    task: Task
    data: Path  # the corpora's folder
    blind: bool = False

    @property
    def result(self) -> Path:
        return blind_refit.result(self.task) if self.blind else self.task.result


def _refitted(cases: Sequence[Case], data: Path, jobs: int, *, blindly: bool) -> Iterator[Outcome]:
    lack = sandbox.missing() if blindly else ""
    tries = (False, True) if blindly and not lack else (False,)
    pieces = [(each, Piece(task, data, blind)) for each in cases for blind in tries for task in each.tasks]
    owner = {piece.result: each for each, piece in pieces}
    left = Counter(owner.values())  # folds that are to be done
    failed: set[Case] = set()
    for piece, error in executor.run(_work, (piece for _, piece in pieces), size=jobs, anew=True):
        each = owner[piece.result]
        left[each] -= 1
        if isinstance(error, StoreError):
            raise error
        if error is not None and each not in failed:
            failed.add(each)
            why = f"fold {piece.task.fold} cannot be refitted: {type(error).__name__}: {error}"
            yield Outcome(path=each.submission.path, why=why, failed=True)
        elif not left[each] and each not in failed:
            made = refit_outcome.verification(each, blindly=len(tries) > 1)
            yield Outcome(path=each.submission.path, verification=made, not_blind=lack)


def _work(piece: Piece) -> None:
    """What a worker process does."""
    if piece.blind:
        blind_refit.run(piece.task, piece.data)
    else:
        fold.run(piece.task)
