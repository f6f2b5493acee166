"""Starts a plugin's process, asks it, and ends it with all that it has started."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmark.checks import messages
from benchmark.checks.subject import CrashError, StoppedError
from benchmark.compute import local_processes, sandbox

WORKER = "benchmark.checks.worker"
START = (  # what this process can import, the worker can
    "import importlib, sys; name, descriptor, *path = sys.argv[1:]; sys.path[:] = path; "
    "importlib.import_module(name).main(int(descriptor))"
)
LARGEST = 2**31 - 1  # bytes of an answer
LOOK = 0.2  # seconds between looks whether the process is still there


class Bench:
    """A plugin's process. Where bubblewrap is installed it has a namespace of its own, which ends with it.

    Elsewhere it leads a process group, which is ended with it: what leaves that group goes on.
    """

    def __init__(self) -> None:
        self.deadline = float("inf")  # by time.monotonic()
        self.scratch = tempfile.TemporaryDirectory(prefix="unheard-", ignore_cleanup_errors=True)
        ours, theirs = multiprocessing.Pipe()
        assert isinstance(ours, Connection)
        self.connection = ours
        path = [entry or str(Path.cwd()) for entry in sys.path]
        argv = [sys.executable, "-c", START, WORKER, str(theirs.fileno()), *path]
        self.process = subprocess.Popen(
            argv if sandbox.missing() else sandbox.own_processes(argv),
            env={**os.environ, **local_processes.ENVIRONMENT, "TMPDIR": self.scratch.name},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is the judge's
        )
        theirs.close()

    def ask(self, what: str, **given: Any) -> Any:
        """What the process answers; CrashError where the plugin raised, StoppedError where none comes."""
        try:
            self.connection.send_bytes(messages.encode({"do": what, **given}))
            while not self.connection.poll(LOOK):
                if time.monotonic() > self.deadline:
                    raise StoppedError("it was stopped")
                if self.process.poll() is not None and not self.connection.poll():
                    raise EOFError
            answer = messages.decode(self.connection.recv_bytes(LARGEST))
        except (EOFError, OSError) as error:
            raise StoppedError(self._death()) from error
        if not isinstance(answer, Mapping) or not {"came", "crash"} & answer.keys():
            raise ValueError("an answer that is none")
        if "crash" in answer:
            raise CrashError(**answer["crash"])
        return answer["came"]

    def close(self) -> None:
        """End the process, whatever it is doing, and what it has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)  # a plugin may ignore other signals
        self.process.wait()
        self.connection.close()
        self.scratch.cleanup()

    def _death(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        code = self.process.returncode
        if code is None:
            return "its process closed the way to the judge"
        if code < 0 or code > 128:  # bubblewrap gives a signal as a shell does
            number = -code if code < 0 else code - 128
            return f"its process was killed by signal {number}: a crash in compiled code, or out of memory"
        return f"its process ended by itself, with exit code {code}"


@contextlib.contextmanager
def opened() -> Iterator[Bench]:
    """A plugin's process for as long as the block."""
    bench = Bench()
    try:
        yield bench
    finally:
        bench.close()
