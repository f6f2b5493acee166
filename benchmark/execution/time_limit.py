"""A limit of time for what a block does, which ends it wherever it is, as Ctrl-C would."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from protocols.errors import UnheardError


class TimeUp(BaseException):
    """The time is up."""


@contextmanager
def until(end: float | None) -> Iterator[None]:
    """Raise TimeUp in the block at a time by `time.monotonic` (None: never). What is finished by then stays.

    UnheardError where there is no such clock: outside the main thread, and on Windows.
    """
    if end is None:
        yield
        return
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        raise UnheardError("minutes: a run can be limited in the main thread alone, and not on Windows.")
    before = signal.signal(signal.SIGALRM, _end)
    signal.setitimer(signal.ITIMER_REAL, max(end - time.monotonic(), 1e-3))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _end(*_: Any) -> None:
    raise TimeUp
