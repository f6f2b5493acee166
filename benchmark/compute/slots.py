"""Slots: each does one task at a time, in a worker process of its own that it watches."""

from __future__ import annotations

import pickle
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from benchmark.compute import local_processes

Task = TypeVar("Task")
Result = TypeVar("Result")
LOOK = 0.2  # seconds until it is asked again whether a task is still wanted


class Slot:
    """One worker process, made anew after its death, which is charged to the task that it had.

    `environment`: variables that it has beside its parent's. `anew`: each task has a process of its own.
    """

    def __init__(self, environment: Mapping[str, str] | None = None, *, anew: bool = False) -> None:
        self.environment, self.anew = environment or {}, anew
        self.pool: ProcessPoolExecutor | None = None
        self.lock, self.ended = threading.Lock(), False

    def call(
        self, function: Callable[[Task], Result], task: Task, *, wanted: Callable[[], bool] | None = None
    ) -> Result:
        """What the function gives for the task, or its error; BrokenProcessPool where the process died.

        `wanted` is asked now and then; the process is ended where the task is not wanted any more.
        """
        future = self._submitted(function, task)
        while wanted and wait([future], timeout=LOOK).not_done:
            if not wanted():
                self._stop()
        try:
            return future.result()
        except BrokenProcessPool:
            self._stop()
            raise

    def end(self) -> None:
        """End the process at once, and do no other task."""
        with self.lock:
            self.ended = True
            self._stop()

    def _submitted(self, function: Callable[[Task], Result], task: Task) -> Future[Result]:
        with self.lock:
            if self.ended:
                raise CancelledError
            try:
                return self._process().submit(_tried, function, task)
            except BrokenProcessPool:  # it has died while it waited, which is no task's fault
                self._stop()
                return self._process().submit(_tried, function, task)

    def _process(self) -> ProcessPoolExecutor:
        self.pool = self.pool or local_processes.pool(1, anew=self.anew, environment=self.environment)
        return self.pool

    def _stop(self) -> None:
        if self.pool:
            local_processes.stop(self.pool)
            self.pool = None


class Slots:
    """So many of them. `gpus`: names as in CUDA_VISIBLE_DEVICES, of which each slot sees one, in turn."""

    def __init__(self, size: int, *, anew: bool = False, gpus: Sequence[str] = ()) -> None:
        self.all = [Slot(_sight(number, gpus), anew=anew) for number in range(size)]
        self.free = queue.LifoQueue[Slot]()  # so that few tasks find a process that is there
        for slot in reversed(self.all):
            self.free.put(slot)

    def call(
        self, function: Callable[[Task], Result], task: Task, *, wanted: Callable[[], bool] | None = None
    ) -> Result:
        """As `Slot.call`, in a free slot."""
        slot = self.free.get()
        try:
            return slot.call(function, task, wanted=wanted)
        finally:
            self.free.put(slot)

    def end(self) -> None:
        """End all processes at once, whatever they are doing."""
        for slot in self.all:
            slot.end()


def _sight(number: int, gpus: Sequence[str]) -> dict[str, str]:
    return {"CUDA_VISIBLE_DEVICES": gpus[number % len(gpus)]} if gpus else {}


class Local(ThreadPoolExecutor):
    """An executor on this machine; its threads do no more than to watch slots."""

    def __init__(self, size: int, *, anew: bool = False, gpus: Sequence[str] = ()) -> None:
        super().__init__(size)
        self.slots = Slots(size, anew=anew, gpus=gpus)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """`fn` of one argument, in the worker process of a slot."""
        return super().submit(self.slots.call, fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:
        """End all worker processes at once."""
        self.slots.end()
        super().shutdown(wait, cancel_futures=cancel_futures)


def _tried(function: Callable[[Task], Result], task: Task) -> Result:
    """In the worker: an error that does not survive the way to the parent would pass for a death."""
    try:
        return function(task)
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))  # what the pool is about to do, here and in the parent
        except Exception:  # whatever a class's own code raises
            raise RuntimeError(f"{type(error).__name__}: {error}") from error
        raise
