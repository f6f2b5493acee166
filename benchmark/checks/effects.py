"""What a call does beside its work: prints, writes files, changes what a process shares, takes memory."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.checks.network import asked

NUMPYS = "numpy's global random state"
DRAWN = "numpy's global random state, by drawing from it"
BLOCK, BLOCKS = 4 * 624, 1000  # bytes that the Mersenne twister makes at once; so many are looked at


@dataclass
class Effects:
    """Filled when the watched block ends without an error."""

    printed: str = ""  # on standard output
    files: list[str] = field(default_factory=list)  # in the current folder
    changed: list[str] = field(default_factory=list)  # what the whole process shares
    hosts: list[str] = field(default_factory=list)  # asked for over a network
    peak: float | None = None  # MiB that resident memory grew at most; None where the system does not give it


@contextlib.contextmanager
def watched() -> Iterator[Effects]:
    """Run the block in an empty current folder, its standard output kept apart, and note what it did."""
    effects = Effects()
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        _printed() as read,
        asked() as hosts,
    ):
        before, began = shared(), _resident("VmRSS") if _new_peak() else None
        yield effects
        peak, now = _resident("VmHWM"), shared()
        effects.peak = None if began is None or peak is None else (peak - began) / 1024  # MiB
        effects.changed = [name for name in before if not _same(before[name], now.get(name))]
        if NUMPYS in effects.changed and _drawn(before[NUMPYS], now[NUMPYS]):
            effects.changed[effects.changed.index(NUMPYS)] = DRAWN
        effects.files = sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*"))
        effects.printed, effects.hosts = read(), hosts


def shared() -> dict[str, Any]:
    """What every model of a process has in common, as values that can be compared."""
    state = {
        NUMPYS: np.random.get_state(legacy=False),
        "the random state of Python's module random": random.getstate(),
        "the current folder": str(Path.cwd()),
        "numpy's treatment of floating-point errors": np.geterr(),
    }
    torch = sys.modules.get("torch")
    if torch is not None:
        state |= {
            "torch's global random state": torch.get_rng_state().numpy().tobytes(),
            "torch's default dtype": torch.get_default_dtype(),
            "torch's number of threads": torch.get_num_threads(),
            "torch's deterministic algorithms": torch.are_deterministic_algorithms_enabled(),
            "torch's gradients": torch.is_grad_enabled(),
        }
    return state


def _same(a: Any, b: Any) -> bool:
    """Whether two values are alike, numpy's states included, which are dicts that hold arrays."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    return np.array_equal(a, b) if isinstance(a, np.ndarray) else bool(a == b)


def _drawn(before: Any, now: Any) -> bool:
    """Whether numpy's generator has only gone on by some numbers, rather than been seeded."""
    rng = np.random.RandomState()
    rng.set_state(before)
    for _ in range(BLOCKS):
        if np.array_equal(rng.get_state(legacy=False)["state"]["key"], now["state"]["key"]):
            return True
        rng.bytes(BLOCK)
    return False


@contextlib.contextmanager
def _printed() -> Iterator[Callable[[], str]]:
    """Turns standard output into a file, at the level below Python too, as C libraries print there."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as sink:
        sys.stdout.flush()
        kept = os.dup(1)
        os.dup2(sink.fileno(), 1)

        def read() -> str:
            _flush()
            sink.seek(0)
            return sink.read()

        try:
            # A test's stand-in for sys.stdout does not lead to descriptor 1.
            with contextlib.nullcontext() if _is_real() else contextlib.redirect_stdout(sink):
                yield read
        finally:
            _flush()
            os.dup2(kept, 1)
            os.close(kept)


def _is_real() -> bool:
    try:
        return sys.stdout.fileno() == 1
    except (OSError, ValueError, AttributeError):
        return False


def _flush() -> None:
    with contextlib.suppress(ValueError, AttributeError, OSError, TypeError):
        sys.stdout.flush()
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
