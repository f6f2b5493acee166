"""Processes that die as by SIGKILL: before their n-th change of a disk, for one n after the other."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import Any

CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.link", "os.symlink"}
KILLED, FAILED = 9, 1  # exit codes
PATIENCE = 300  # seconds


def dies(action: Callable[[], Any], *, step: int) -> bool:
    """Do it in a process of its own that dies before its `step`-th change of a disk, if it has so many."""
    code = _ended(_started(action, step))
    assert code in (0, KILLED)
    return code == KILLED


def at_once(*actions: Callable[[], Any]) -> None:
    """Do all of these at the same time, each in a process of its own."""
    children = [_started(action, 0) for action in actions]
    assert [_ended(child) for child in children] == [0] * len(actions)


def _started(action: Callable[[], Any], step: int) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads: none is needed there
        child = os.fork()
    if child:
        return child
    try:
        signal.alarm(PATIENCE)  # against a hang
        count = itertools.count(1)
        sys.addaudithook(lambda event, args: _die(event, args, count, step))
        action()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(FAILED)


def _ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _die(event: str, args: tuple[Any, ...], count: itertools.count[int], step: int) -> None:
    """No block ends and nothing is flushed: what a kill leaves."""
    writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)
    if (writes or event in CHANGES) and next(count) == step:
        os._exit(KILLED)
