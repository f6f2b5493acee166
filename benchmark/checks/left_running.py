"""What goes on after a call has returned: Python's threads, and processes."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

PATIENCE = 2.0  # seconds that a process may take to end
HELPERS = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")  # Python's own, which stay


def threads() -> dict[int, str]:
    """Python's threads, by their identity."""
    names = {thread.ident: f"{thread.name}{_kind(thread)}" for thread in threading.enumerate()}
    return {ident: names.get(ident, "a thread") for ident in sys._current_frames()}


def _kind(thread: threading.Thread) -> str:
    """Of a library's own class, such as tqdm's TMonitor, its name."""
    return "" if type(thread) is threading.Thread else f" ({type(thread).__name__})"


def processes() -> dict[int, str]:
    """Children, and where this process leads a session or has a namespace, all others of it; by number."""
    own, alone = os.getpid(), _namespaced()
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        number = int(folder.name)
        state, parent, leader = _status(folder)
        if number in (own, 1) or state in ("", "Z"):
            continue
        if alone or own in (parent, leader):
            words = _command(folder)
            if not any(helper in words for helper in HELPERS):
                found[number] = words[:80]
    return found


def new(threads_before: dict[int, str], processes_before: dict[int, str]) -> list[str]:
    """What runs now and did not then."""
    end = time.monotonic() + PATIENCE
    while True:
        found = [f"the thread {name}" for ident, name in threads().items() if ident not in threads_before]
        found += [f"the process {name}" for pid, name in processes().items() if pid not in processes_before]
        if not found or time.monotonic() > end:
            return sorted(found)
        time.sleep(0.05)


def _namespaced() -> bool:
    try:
        return Path("/proc/1/comm").read_text().strip() == "bwrap"
    except OSError:
        return False


def _status(folder: Path) -> tuple[str, int, int]:
    """State, parent and session of a process; "" where it is gone."""
    try:
        fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
        return fields[0], int(fields[1]), int(fields[3])
    except (OSError, IndexError, ValueError):
        return "", 0, 0


def _command(folder: Path) -> str:
    try:
        return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""
