"""`offload fill`: does packed fits, on the machine with the GPU, and saves what they come to as it goes."""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.execution import fitting, fold, fold_data, offload, stacked_folds
from benchmark.execution.fit_store import Progress, Want
from benchmark.execution.offload import Header
from benchmark.execution.task import Task
from benchmark.features.chunks import FRAMES
from benchmark.storage import files, parts
from benchmark.training import asking
from protocols import folds
from protocols.errors import StoreError

SAVES = 60.0  # seconds from one save to the next
SPARE = 20.0  # seconds before the end, for the epoch that is under way and the last save
MOST = 8 * parts.LARGEST - 2**20  # bytes that come home


@dataclass(frozen=True)
class Filled:
    """What there was time for."""

    folds: int  # that were brought to their ends
    of: int
    files: int  # that are to come home
    failed: dict[str, str]  # a fold -> why


def fill(folder: Path, *, device: str, minutes: float, width: int | None = None) -> Filled:
    """Do the folds packed in a folder for so long, and put what comes of them there too.

    UnheardError where they were packed with other code. What an earlier call has saved is gone on from.
    """
    end = time.monotonic() + 60 * minutes - SPARE
    carried, entries = offload.read(folder, offload.OUT)
    offload.check(carried)
    with tempfile.TemporaryDirectory(prefix="unheard-") as temporary:
        root = Path(temporary)
        _lay_out(root, entries | _saved(folder))
        todo = offload.tasks(carried, root=root, device=device)
        saves = _Saves(folder, carried, todo, root / offload.WORK, packed=entries)

        def enough() -> bool:
            saves.now_and_then()
            return time.monotonic() >= end

        left, failed = stacked_folds.fill(todo, width=width, enough=enough), dict[str, str]()
        ended = len(todo) - len(left) + sum(_alone(each.task, enough, failed) for each in left)
        return Filled(ended, len(todo), saves.now(), failed)


def _saved(folder: Path) -> dict[str, bytes]:
    """What an earlier call has saved."""
    entries = parts.read(folder, offload.BACK)
    entries.pop(offload.HEADER, None)
    return entries


class _Saves:
    """Puts what fits have come to beside what was packed: all that is new, as far as there is room."""

    def __init__(
        self, folder: Path, carried: Header, todo: Sequence[Task], work: Path, *, packed: Mapping[str, bytes]
    ) -> None:
        self.folder, self.carried, self.todo, self.work, self.packed = folder, carried, todo, work, packed
        self.last = time.monotonic()

    def now_and_then(self) -> None:
        if time.monotonic() >= self.last + SAVES:
            self.now()

    def now(self) -> int:
        """How many files there are now."""
        new = offload.kept(self.todo, work=self.work, room=MOST, known=self.packed)
        header = {offload.HEADER: offload.encoded(self.carried)}
        parts.write(self.folder, offload.BACK, header | new)
        self.last = time.monotonic()
        return len(new)


def _lay_out(root: Path, entries: Mapping[str, bytes]) -> None:
    """As the engine expects it; features come in 16 bits where these hold them."""
    for name, data in entries.items():
        if name.endswith(f"/{FRAMES}"):
            buffer = io.BytesIO()
            np.save(buffer, np.load(io.BytesIO(data)).astype(np.float32))
            data = buffer.getvalue()
        files.write(root / offload.checked(name), data)


def _alone(task: Task, enough: Callable[[], bool], failed: dict[str, str]) -> bool:
    """Do a fold one fit after another; whether it came to its end."""
    data = fold_data.load(task, folds.load(task.protocol))

    def done(wants: Sequence[Want]) -> list[Progress]:
        found = []
        for want in wants:
            if enough():
                raise TimeoutError
            found += fitting.do(task, data, [want])
        return found

    try:
        asking.finish(fold.steps(task, data), done)
    except TimeoutError:
        return False
    except StoreError:
        raise
    except Exception as error:  # of a plugin: the others go on
        failed[f"{task.model} {task.protocol} fold {task.fold}"] = f"{type(error).__name__}: {error}"
        return False
    return True
