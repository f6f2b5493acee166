"""Runs a command where it sees only what it is given: bubblewrap's namespaces, without privileges (Linux).

bubblewrap (https://github.com/containers/bubblewrap) begins with an empty file system, no network and no
other process, and adds what its arguments name.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from pathlib import Path

TOOL = "bwrap"
GPUS = ("nvidia*", "dri", "kfd", "dxg")  # in /dev; the rest of it has disks, and memory that processes share
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/etc")  # libraries that Python's packages load
KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONHASHSEED")
KEPT_OF = (
    "OMP_",
    "MKL_",
    "OPENBLAS_",
    "NUMEXPR_",
    "VECLIB_",
    "CUDA_",
    "CUBLAS_",
    "NVIDIA_",
)  # what libraries read


@cache
def missing() -> str:
    """Why no sandbox can be made here, and what to do; "" where one can."""
    if not shutil.which(TOOL):
        return "bubblewrap is not installed (the command bwrap; `apt install bubblewrap`)"
    probe = [TOOL, "--ro-bind", "/", "/", "--proc", "/proc", "--unshare-all", "true"]
    done = subprocess.run(probe, capture_output=True, text=True, check=False)
    return f"bubblewrap does not work here: {done.stderr.strip()[:200]}" if done.returncode else ""


def command(
    argv: Sequence[str], *, read: Sequence[Path], write: Path, hide: Sequence[Path], devices: bool
) -> list[str]:
    """The command in a sandbox: without a network, other processes, and files but for these.

    What of `hide` lies in what is to be read is an empty folder, or a file that cannot be read. `devices`:
    with GPUs.
    """
    folders = sorted(dict.fromkeys([*map(Path, SYSTEM), *read]))  # what holds others comes first
    return [
        *(TOOL, "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"),
        *chain.from_iterable(("--setenv", name, value) for name, value in _environment()),
        *("--proc", "/proc", "--tmpfs", "/tmp"),
        *("--dev", "/dev", *(_gpus() if devices else ())),
        *chain.from_iterable(("--ro-bind-try", str(path), str(path)) for path in folders),
        *chain.from_iterable(map(_hidden, _inside(hide, folders))),
        *("--bind", str(write), str(write), "--chdir", str(write)),
        *argv,
    ]


def own_processes(argv: Sequence[str]) -> list[str]:
    """The command with all that is here, in a process namespace of its own: all in it end with it."""
    return [*(TOOL, "--dev-bind", "/", "/", "--proc", "/proc", "--unshare-pid", "--die-with-parent"), *argv]


def pythons() -> list[Path]:
    """What this Python is made of, installed packages included; not the folder of a checkout."""
    installed = (Path(entry) for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages"))
    real = Path(sys.executable).resolve().parent
    return [Path(sys.prefix), Path(sys.base_prefix), real, *installed]


def _gpus() -> Iterator[str]:
    for path in sorted(chain.from_iterable(map(Path("/dev").glob, GPUS))):
        yield from ("--dev-bind", str(path), str(path))
    yield from ("--ro-bind-try", "/sys", "/sys")


def _environment() -> Iterator[tuple[str, str]]:
    yield "HOME", "/tmp"
    for name, value in sorted(os.environ.items()):
        if name in KEPT or name.startswith(KEPT_OF):
            yield name, value


def _inside(hide: Sequence[Path], folders: Sequence[Path]) -> list[Path]:
    """Of what is to be hidden, what is there and can be seen."""
    real = [folder.resolve() for folder in folders if folder.exists()]
    return [path for path in hide if path.exists() and any(path.resolve().is_relative_to(at) for at in real)]


def _hidden(path: Path) -> tuple[str, ...]:
    return ("--tmpfs", str(path)) if path.is_dir() else ("--ro-bind", os.devnull, str(path))
