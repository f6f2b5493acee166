"""What all models of a process have in common, and a model must leave as it was."""

from __future__ import annotations

import gc
import locale
import logging
import os
import random
import resource
import signal
import socket
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.models import engine_functions

NUMPYS = "numpy's global random state"
DRAWN = "numpy's global random state, by drawing from it"
BLOCK, BLOCKS = 4 * 624, 1000  # bytes that the Mersenne twister makes at once; so many are looked at
FUNCTIONS = "functions or constants that are not its own"
LIBRARIES = (  # modules whose functions every model calls
    *("builtins", "math", "os", "random", "time"),
    *("numpy", "numpy.linalg", "numpy.random", "scipy.special", "sklearn.metrics", "sklearn.base"),
    *("torch", "torch.linalg", "torch.nn", "torch.nn.functional", "torch.optim"),
)
TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)  # whose signals end a process
TINY = 5e-324  # the smallest double; where it is flushed it compares equal to 0, and only its text differs

Readers = Mapping[str, Callable[[], Any]]


def readers() -> Readers:
    """How each part of the shared state is read, as a value that can be compared."""
    torch = sys.modules.get("torch")
    return {**PYTHONS, **NUMPYS_OWN, **SYSTEMS, **(_torchs(torch) if torch else {})}


def read(how: Readers) -> dict[str, Any]:
    """The state now."""
    return {name: reader() for name, reader in how.items()}


def changed(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What differs, in words."""
    replaced = engine_functions.replaced(before[FUNCTIONS], now[FUNCTIONS])
    before, now = before | {FUNCTIONS: {}}, now | {FUNCTIONS: dict.fromkeys(replaced, "another")}
    found = [name for name in before if not _same(before[name], now.get(name))]
    if NUMPYS in found and _drawn(before[NUMPYS], now[NUMPYS]):
        found[found.index(NUMPYS)] = DRAWN
    return [f"{name}{_which(before[name], now[name])}" if name in before else name for name in found]


def _which(before: Any, now: Any) -> str:
    """The names of what differs in a mapping."""
    if not isinstance(before, dict) or "state" in before:
        return ""
    names = sorted(key for key in before.keys() | now.keys() if not _same(before.get(key), now.get(key)))
    return f" ({', '.join(map(str, names[:3]))})"


def _same(a: Any, b: Any) -> bool:
    """Whether two values are alike, numpy's states included, which are dicts that hold arrays."""
    if isinstance(a, dict) and isinstance(b, dict):
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


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _limits() -> dict[str, Any]:
    names = [name for name in dir(resource) if name.startswith("RLIMIT_")]
    return {name: resource.getrlimit(getattr(resource, name)) for name in names}


def _handlers() -> dict[str, Any]:
    return {signal.Signals(number).name: signal.getsignal(number) for number in signal.Signals}


def _streams() -> dict[str, int]:
    return {
        name: id(getattr(sys, name)) for name in ("stdin", "stdout", "stderr", "excepthook", "displayhook")
    }


def _logging() -> tuple[Any, ...]:
    root = logging.getLogger()
    return root.level, list(map(id, root.handlers)), logging.root.manager.disable


def _torchs(torch: Any) -> Readers:
    backends = torch.backends
    return {
        "torch's global random state": lambda: torch.get_rng_state().numpy().tobytes(),
        "torch's default dtype": torch.get_default_dtype,
        "torch's default device": lambda: str(torch.get_default_device()),
        "torch's number of threads": torch.get_num_threads,
        "torch's deterministic algorithms": torch.are_deterministic_algorithms_enabled,
        "torch's gradients": torch.is_grad_enabled,
        "torch's anomaly mode": torch.is_anomaly_enabled,
        "torch's precision of matrix products": torch.get_float32_matmul_precision,
        "torch's backends": lambda: {
            "mkldnn.enabled": backends.mkldnn.enabled,
            "cudnn.enabled": backends.cudnn.enabled,
            "cudnn.benchmark": backends.cudnn.benchmark,
            "cudnn.deterministic": backends.cudnn.deterministic,
        },
        "torch's TF32 in cuDNN": lambda: backends.cudnn.allow_tf32,
    }


PYTHONS: Readers = {
    "the random state of Python's module random": random.getstate,
    "warning filters": lambda: list(warnings.filters),
    "logging": _logging,
    "standard streams or hooks": _streams,
    "the import path": lambda: list(sys.path),
    "the recursion limit": sys.getrecursionlimit,
    "garbage collection": lambda: (gc.isenabled(), gc.get_threshold()),
    "tracing": lambda: (sys.gettrace(), sys.getprofile()),
    "tempfile's folder": lambda: tempfile.tempdir or tempfile.gettempdir(),
    "the time-out of sockets": socket.getdefaulttimeout,
    FUNCTIONS: lambda: engine_functions.snapshot(LIBRARIES),
}
NUMPYS_OWN: Readers = {
    NUMPYS: lambda: np.random.get_state(legacy=False),
    "numpy's treatment of floating-point errors": lambda: (np.geterr(), np.geterrcall()),
    "flushing of denormal numbers to zero": lambda: (repr(TINY * 1.0), repr(sys.float_info.min / 2)),
}
SYSTEMS: dict[str, Callable[[], Any]] = {
    "the current folder": lambda: str(Path.cwd()),
    "the environment": lambda: dict(os.environ),
    "the locale": lambda: locale.setlocale(locale.LC_ALL),
    "the time zone": lambda: time.tzname,
    "signal handlers": _handlers,
    "blocked signals": lambda: signal.pthread_sigmask(signal.SIG_BLOCK, []),
    "timers": lambda: [any(signal.getitimer(each)) for each in TIMERS],
    "the mask of new files' modes": _umask,
    "the priority": lambda: os.getpriority(os.PRIO_PROCESS, 0),
    "resource limits": _limits,
}
if hasattr(os, "sched_getaffinity"):  # Linux
    SYSTEMS["the processor's cores in use"] = lambda: sorted(os.sched_getaffinity(0))
