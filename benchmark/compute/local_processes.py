"""Worker processes of one thread each: on a CPU that beats threads, and sums come out in one order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import forkserver, util

ONE_THREAD = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
ENVIRONMENT = {  # of a worker: libraries read it when they load
    **dict.fromkeys(ONE_THREAD, "1"),
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",  # without it cuBLAS is not repeatable
}

METHOD = "forkserver" if sys.platform == "linux" else "spawn"  # elsewhere a fork may crash system libraries

_inheriting = threading.Lock()  # whoever copies variables meets no other who adds one


def pool(
    size: int, *, anew: bool = False, environment: Mapping[str, str] | None = None
) -> ProcessPoolExecutor:
    """A pool of `size` fresh processes: nothing of the parent's is inherited, so no result depends on it.

    `anew`: nor on an earlier task, since each has a process of its own. `environment`: variables that they
    have beside the parent's.
    """
    with _inheriting:
        os.environ |= ENVIRONMENT  # which the workers inherit
        whole = {**os.environ, **(environment or {})}
    return ProcessPoolExecutor(
        size,
        mp_context=multiprocessing.get_context(METHOD),
        initializer=_begin,
        initargs=(whole,),
        max_tasks_per_child=1 if anew else None,
    )


def preload(modules: Iterable[str]) -> None:
    """Have these imported once, before the first worker is started, rather than by each worker.

    On Linux, where a server that has imported them, and done nothing else, forks into the workers.
    """
    if METHOD == "forkserver":
        known = multiprocessing.get_context(METHOD)
        known.set_forkserver_preload([*modules])


def begin() -> None:
    """Start that server now, rather than with the first worker: it imports while this process works."""
    if METHOD == "forkserver":
        os.environ |= ENVIRONMENT  # libraries read it when they load
        with suppress(ChildProcessError):  # this process was forked from one whose server it is
            forkserver.ensure_running()


def stop(executor: ProcessPoolExecutor) -> None:
    """End the workers at once, whatever they are doing."""
    with executor._shutdown_lock:
        processes = list((executor._processes or {}).values())
        for _ in processes:  # or the pool would start another where one ends, and wait for it for ever
            executor._idle_worker_semaphore.release()
    executor.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()


def _begin(environment: Mapping[str, str]) -> None:
    """A worker has its parent's environment, not that of the server that forked it.

    It ends with its parent, and with its last task; Ctrl-C is the parent's.
    """
    os.environ.clear()
    os.environ |= environment
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    util.Finalize(None, _end, exitpriority=0)
    _end_with_parent()


def _end() -> None:
    """Python would first wait for threads and processes that a task has left running, perhaps for ever."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # none, full or closed
            stream.flush()
    os._exit(0)


def _end_with_parent() -> None:
    """A worker whose parent was killed would otherwise wait for work for ever."""

    def watch() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
