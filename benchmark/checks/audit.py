"""Notes what Python code asks the system for, from the interpreter's audit events (PEP 578).

What compiled code does by itself raises no event: a file that `torch.save` writes, say.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from benchmark.storage import places

LOCAL = ("", "localhost", "127.0.0.1", "::1")  # a library's own workers
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Event -> the places of paths among its arguments.
ALTERING: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(("os.mkdir", "os.remove", "os.rmdir", "os.truncate", "os.chmod", "os.chown"), (0,)),
    **dict.fromkeys(("os.utime", "os.setxattr", "os.mkfifo", "os.mknod", "sqlite3.connect"), (0,)),
    **dict.fromkeys(("os.rename", "os.replace"), (0, 1)),
    **dict.fromkeys(("os.link", "os.symlink"), (1,)),
}
NOT_KEPT = ("/dev/", "/proc/", "/sys/")  # devices, and what is no file
IN_MEMORY = "/dev/shm/"  # files, though, which stay until the machine is switched off
MEMORY = ("maps", "smaps", "numa_maps", "mem", "pagemap", "map_files", "fd")  # of /proc/PID/
JUDGED = "benchmark.models.plugin_files."  # the names of a plugin's modules begin so
STACK = ("sys._getframe", "sys._current_frames", "sys._current_exceptions", "sys._getframemodulename")
OBJECTS = ("gc.get_objects", "gc.get_referrers", "gc.get_referents")


@dataclass
class Asked:
    """What a block has asked for, each once, in order."""

    hosts: list[str] = field(default_factory=list)
    touched: dict[str, bool] = field(default_factory=dict)  # path that may be altered -> was it there
    lookups: list[str] = field(default_factory=list)  # what tells more than a model is given

    @property
    def altered(self) -> list[str]:
        """Paths that are there now and were not, or that were there and may be others now."""
        return [path for path, was in self.touched.items() if was or os.path.lexists(path)]


_listening: list[Asked] = []


@contextlib.contextmanager
def asked() -> Iterator[Asked]:
    """Fills while the block runs."""
    _listen()
    found = Asked()
    _listening.append(found)
    try:
        yield found
    finally:
        _listening[:] = [others for others in _listening if others is not found]  # equal ones may differ


@cache
def _listen() -> None:
    sys.addaudithook(_note)  # which stays for the life of the process


def _note(event: str, args: tuple[Any, ...]) -> None:
    if not _listening:
        return
    if event in ("socket.getaddrinfo", "socket.connect"):
        _note_host(event, args)
    elif event == "open":
        _note_open(*args)
    elif event in ALTERING:
        for place in ALTERING[event]:
            _note_altered(args[place])
    elif event in STACK or event in OBJECTS:
        _note_caller(event)


def _note_host(event: str, args: tuple[Any, ...]) -> None:
    where = args[0] if event == "socket.getaddrinfo" else args[1]
    host = where[0] if isinstance(where, tuple) else where if event == "socket.getaddrinfo" else ""
    host = host.decode() if isinstance(host, bytes) else str(host or "")
    for found in _listening:
        if host not in LOCAL and host not in found.hosts:
            found.hosts.append(host)


def _note_open(path: Any, _mode: Any, flags: Any) -> None:
    if isinstance(flags, int) and flags & WRITING:
        if not os.path.isdir(_absolute(path)):  # noqa: PTH112  (else it is a file without a name)
            _note_altered(path)
    elif (text := _absolute(path)) and (what := _telling(text)):
        _note_lookup(f"opened {what}")


def _note_altered(path: Any) -> None:
    text = _absolute(path)
    kept = text.startswith(IN_MEMORY) or not text.startswith(NOT_KEPT)
    if text and kept and "__pycache__" not in text:
        for found in _listening:
            found.touched.setdefault(text, os.path.lexists(text))


def _note_lookup(what: str) -> None:
    for found in _listening:
        if what not in found.lookups:
            found.lookups.append(what)


def _note_caller(event: str) -> None:
    """Libraries look at the stack too, to warn or to log: what counts is a call of the plugin's own."""
    frame = _above()
    while frame and frame.f_globals.get("__name__") in (__name__, "inspect"):
        frame = frame.f_back
    if frame and frame.f_globals.get("__name__", "").startswith(JUDGED):
        _note_lookup(f"called {event}")


def _above() -> FrameType | None:
    """The caller, found without `sys._getframe`, which would raise an event itself."""
    try:
        raise LookupError
    except LookupError as error:
        return error.__traceback__.tb_frame.f_back if error.__traceback__ else None


def _absolute(path: Any) -> str:
    """ "" for a descriptor."""
    with contextlib.suppress(TypeError, ValueError):
        return os.path.abspath(os.fsdecode(path))  # noqa: PTH100
    return ""


def _telling(path: str) -> str:
    """What a file is, where it tells clips' names or labels, or where an array lies; else ""."""
    if path.startswith("/proc/") and any(part in MEMORY for part in path.split("/")[3:]):
        return path
    return path if any(path.startswith(f"{home}{os.sep}") for home in _telling_folders()) else ""


@cache
def _telling_folders() -> tuple[str, ...]:
    import protocols

    home = Path(str(protocols.__file__)).parent
    data = os.environ.get("UNHEARD_DATA")
    folders = [
        home / "manifests",
        home / "splits",
        places.cache(),
        *([places.expanded(data)] if data else []),
    ]
    return tuple(str(folder.absolute()) for folder in folders)
