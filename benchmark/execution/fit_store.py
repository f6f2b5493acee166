"""What fits have come to so far, on disk: each is a file of its own, whole or not there.

<results>/.work/fits/<family>/<round>/<digest>.fit    one fit on an inner fold, until its round has ended
                              <round>.round           what its trials came to; it stays, for larger budgets
                              <key>-NN.fold           a fold of a record of some; it stays until one has all
<results>/.work/<job>/<digest>.fit                    a fold's last fit

Names are digests of all that decides what a file holds. So whoever fits may write it: another run, a
larger budget's, one on a GPU, one that was killed in between.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from benchmark.execution.task import Task
from benchmark.storage import canonical, files
from benchmark.training.inner_fits import InnerFit
from benchmark.training.study import Asked, Outcome

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Want:
    """A fit that is to be done, or to be taken further."""

    params: dict[str, Any]
    part: int  # k: of the k-th inner fold, it predicts the validation clips; 0: the last fit, the test clips
    epochs: int | None  # planned; None where the model decides
    by_epoch: bool  # whether it predicts after each epoch, rather than once it has ended
    round: str = ""  # the name of its round
    until: int | None = None  # how far it is to go now; None: to its end
    weights: bool = False  # whether they are wanted once it has ended


class Progress(Struct, frozen=True, kw_only=True):
    """A fit as far as it has come."""

    fit: InnerFit  # what it predicts; of a last fit the test clips, in the manifests' order
    state: bytes = b""  # safetensors of `Training.state`, to go on from; b"" where it has ended
    seconds: float = 0.0  # of work
    parameters: int | None = None  # trainable
    where: str = "cpu"  # it was done
    weights: bytes = b""  # safetensors of what the fitted model's `state` gave, where they were wanted

    def reaches(self, want: Want) -> bool:
        """Whether nothing is left to be done."""
        far = not self.state or (want.until is not None and len(self.fit.epochs) >= want.until)
        return far and (bool(self.weights) or not want.weights)


def read(task: Task, want: Want) -> Progress | None:
    """What is there of a fit; None where it has not begun, or a byte of it has changed."""
    return _read(_place(task, want), Progress)


def write(task: Task, want: Want, progress: Progress) -> None:
    _write(_place(task, want), progress)


def under_way(fits: Path) -> list[int]:
    """Of the inner fits below `Job.fits` that have not ended, how many epochs each has trained for."""
    found = (_read(path, Progress) for path in fits.glob("*/*.fit"))
    return [len(each.fit.epochs) for each in found if each and each.state]


def round_name(task: Task, asked: Sequence[Asked], earlier: Sequence[Outcome]) -> str:
    """Of the round in which these trials are evaluated together, after these."""
    facts = {
        "round": [list(each) for each in asked],
        "earlier": [outcome.rungs for outcome in earlier],
        "fold": task.fold,
        "seed": task.seed,
        "epochs": task.budget.epochs,
    }
    return canonical.digest(facts)[:24]


def read_round(task: Task, name: str) -> list[Outcome] | None:
    """What the trials of a round came to, if it has ended. Its fits are removed then."""
    outcomes = _read(_round(task, name), list[Outcome])
    if outcomes is not None:
        shutil.rmtree(task.fits / name, ignore_errors=True)
    return outcomes


def write_round(task: Task, name: str, outcomes: list[Outcome]) -> None:
    """Keep what the trials came to, in place of their fits."""
    files.sweep(_round(task, name))
    _write(_round(task, name), outcomes)
    shutil.rmtree(task.fits / name, ignore_errors=True)


def _place(task: Task, want: Want) -> Path:
    facts = asdict(want) | {"until": None, "weights": None, "fold": task.fold, "seed": task.seed}
    return (task.fits / want.round if want.round else task.work) / f"{canonical.digest(facts)[:24]}.fit"


def _round(task: Task, name: str) -> Path:
    return task.fits / f"{name}.round"


def _read(path: Path, kind: type[T]) -> T | None:
    with suppress(FileNotFoundError, msgspec.DecodeError):
        return msgspec.msgpack.decode(files.unsealed(path.read_bytes()), type=kind)
    return None


def _write(path: Path, content: Any) -> None:
    files.write(path, files.sealed(msgspec.msgpack.encode(content)))
