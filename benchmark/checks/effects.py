"""What a call does beside its work: prints, writes files, changes what a process shares, takes memory."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.checks import left_running, shared_state
from benchmark.checks.audit import asked

SHOWN = 1000  # characters of what is printed
STREAMS = {1: "stdout", 2: "stderr"}
REDIRECT = {1: contextlib.redirect_stdout, 2: contextlib.redirect_stderr}


@dataclass
class Effects:
    """Filled when the watched block ends without an error."""

    printed: str = ""  # on standard output
    errors: int = 0  # bytes on standard error
    message: str = ""  # their beginning
    files: list[str] = field(default_factory=list)  # written, altered or removed
    changed: list[str] = field(default_factory=list)  # what the whole process shares
    hosts: list[str] = field(default_factory=list)  # asked for over a network
    lookups: list[str] = field(default_factory=list)  # what tells more than the clips
    left: list[str] = field(default_factory=list)  # threads and processes that go on
    peak: float | None = None  # MiB that resident memory grew at most; None where the system does not give it


@contextlib.contextmanager
def watched() -> Iterator[Effects]:
    """Run the block in an empty current folder, its output kept apart, and note what it did.

    All that looks afterwards is taken hold of before: the block may replace functions.
    """
    effects = Effects()
    resident, running = _resident, left_running.new
    how, read, changed = shared_state.readers(), shared_state.read, shared_state.changed
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        _apart(1) as out,
        _apart(2) as err,
    ):
        before, threads, processes = read(how), left_running.threads(), left_running.processes()
        began = resident("VmRSS") if _new_peak() else None
        with asked() as found:
            yield effects
        peak, now = resident("VmHWM"), read(how)
        effects.peak = None if began is None or peak is None else (peak - began) / 1024  # MiB
        effects.changed = changed(before, now)
        effects.left = running(threads, processes)
        here = {str(path.relative_to(folder)) for path in Path(folder).rglob("*")}
        elsewhere = {path for path in found.altered if not path.startswith(f"{os.path.realpath(folder)}/")}
        effects.files = sorted(here) + sorted(elsewhere)
        effects.hosts, effects.lookups = found.hosts, found.lookups
        (effects.printed, _), (effects.message, effects.errors) = out(), err()


@contextlib.contextmanager
def _apart(number: int) -> Iterator[Callable[[], tuple[str, int]]]:
    """Turns standard output (1) or error (2) into a file, below Python too, as C libraries print there.

    Gives what reads it: its beginning, and how long it is in bytes.
    """
    name = STREAMS[number]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as sink:
        _flush(name)
        kept = os.dup(number)
        os.dup2(sink.fileno(), number)

        def read() -> tuple[str, int]:
            _flush(name)
            sink.seek(0)
            return sink.read(SHOWN), os.fstat(sink.fileno()).st_size

        try:
            # A test's stand-in for the stream does not lead to its descriptor.
            with contextlib.nullcontext() if _is_real(name, number) else REDIRECT[number](sink):
                yield read
        finally:
            _flush(name)
            os.dup2(kept, number)
            os.close(kept)


def _is_real(name: str, number: int) -> bool:
    try:
        return bool(getattr(sys, name).fileno() == number)
    except (OSError, ValueError, AttributeError):
        return False


def _flush(name: str) -> None:
    with contextlib.suppress(ValueError, AttributeError, OSError, TypeError):
        getattr(sys, name).flush()
        ctypes.CDLL(None).fflush(None)


def _new_peak() -> bool:
    """Let the peak of resident memory begin anew; False where the system cannot."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    return True


def _resident(name: str) -> int | None:
    """A line of /proc/self/status in KiB."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), None)
