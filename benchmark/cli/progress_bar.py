"""A progress bar on standard error, for work that reports how much is done and how much there is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from benchmark.cli.console import people

Unit = Literal["files", "clips", "records", "folds", "bytes"]
EVERY = 60.0  # seconds between two plain lines


@contextmanager
def bar(words: str, *, unit: Unit = "files") -> Iterator[Callable[[int, int], None]]:
    """Give a function of (done, in all), 0 in all while unknown; off a terminal, a line now and then."""
    counts = [MofNCompleteColumn()] if unit != "bytes" else [DownloadColumn(), TransferSpeedColumn()]
    columns = (TextColumn("{task.description}"), BarColumn(), *counts, TimeRemainingColumn())
    with Progress(*columns, console=people, transient=True, disable=not people.is_terminal) as shown:
        task = shown.add_task(words, total=None)
        begun = shown_at = time.monotonic()

        def advance(done: int, total: int) -> None:
            nonlocal shown_at
            shown.update(task, completed=done, total=total or None)
            if not people.is_terminal and time.monotonic() - shown_at > EVERY:
                shown_at = time.monotonic()
                left = time_left(done, total - done, shown_at - begun)
                people.print(f"{words}: {done} of {total or '?'} {unit}{left}")

        yield advance


def time_left(done: int, left: int, seconds: float) -> str:
    """In words, at the speed so far; "" while nothing is done, or how much is left is not known."""
    return f"; about {seconds / done * left / 60:.0f} min are left" if done > 0 and left >= 0 else ""
