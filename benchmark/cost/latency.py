"""How long one clip takes on one CPU thread, measured in turn with a network that never changes.

A machine's speed drifts while it measures, and machines differ. So the model and the reference take turns,
and the ratio of the two is what can be compared across machines. What else runs there must not count: the
clock is the processor time of this process, which is what a clip takes where one core has nothing else to do.
"""

from __future__ import annotations

import contextlib
import ctypes
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import nn

from benchmark.audio.reader import RATE
from benchmark.compute import energy, machine
from benchmark.cost import measure as measure_module
from benchmark.features import feature_store, stack
from benchmark.models.plugins import Plugin
from benchmark.records.schema import Speed
from protocols.contract import Model

SECONDS = 3.0  # of speech
FEWEST, MOST, HURRIED = 10, 100, 2  # turns
BUDGET = 0.5  # seconds after which the fewest are enough


def measure(plugin: Plugin, model: Model, wave: np.ndarray, *, hurried: bool = False) -> Speed:
    """Of one fitted model and a clip (samples,) of 3 s; `hurried` where nobody believes the numbers."""
    fewest, budget = (HURRIED, 0.0) if hurried else (FEWEST, BUDGET)
    clips = measure_module.enrolled(plugin, feature_store.clips(plugin.features, [wave]))
    reference = _reference()
    rounds: list[list[float]] = []  # seconds of each part

    def front_end() -> None:
        stack.compute(plugin.features, wave)

    def predict() -> None:
        model.predict_proba(clips)

    with one_thread():
        memory = growth(predict)
        started = time.perf_counter()
        while len(rounds) < fewest or (len(rounds) < MOST and time.perf_counter() - started < budget):
            rounds.append([seconds(part) for part in (reference, front_end, predict)])
        joules = _joules(front_end, predict, budget=budget)
    times = np.array(rounds) * 1e3  # (turns, 3) ms
    latency = times[:, 1] + times[:, 2]
    median, of_reference = float(np.median(latency)), float(np.median(times[:, 0]))
    return Speed(
        latency=round(median, 3),
        slow=round(float(np.percentile(latency, 95)), 3),
        front_end=round(float(np.median(times[:, 1])), 3),
        reference=round(of_reference, 3),
        ratio=round(median / of_reference, 3),  # of the medians, so that a record can be held to it
        real_time=round(median / 1e3 / (len(wave) / RATE), 6),
        memory=memory,
        joules=joules,
        processor=machine.processor(),
    )


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """PyTorch and the libraries behind numpy and scikit-learn on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(threads)


def growth(call: Callable[[], Any]) -> float | None:
    """MiB by which the process's resident memory peaks above where it stood; None where it is not known."""
    status = Path("/proc/self/status")
    try:
        call()  # what is loaded once and stays does not count
        ctypes.CDLL("libc.so.6").malloc_trim(0)  # what is free goes back to the system
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        before = _status(status)["VmRSS"]
        call()
        return round((_status(status)["VmHWM"] - before) / 1024, 1)
    except (OSError, AttributeError, KeyError, ValueError):  # not Linux, or another C library
        return None


def _status(path: Path) -> dict[str, int]:
    lines = (line.split() for line in path.read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) for words in lines if words[-1] == "kB"}


def _joules(*parts: Callable[[], None], budget: float) -> float | None:
    """Of the processor for one clip, over as many as fit into the time."""
    meter, clips, started = energy.Meter(), 0, time.perf_counter()
    if meter.read() is None:
        return None
    while not clips or time.perf_counter() - started < budget:
        for part in parts:
            part()
        clips += 1
    used = meter.read()
    return None if used is None else round(used / clips, 6)


def seconds(call: Callable[[], Any]) -> float:
    """How much processor time one call takes, all threads of this process together."""
    started = time.process_time()
    call()
    return time.process_time() - started


@cache
def _reference() -> Callable[[], torch.Tensor]:
    """Four convolutions over 300 frames of 64 channels: 24.6 M MACs. Never to be changed."""
    layers = [nn.Conv1d(64, 64, kernel_size=5, padding=2, bias=False) for _ in range(4)]
    network, x = nn.Sequential(*layers).requires_grad_(False), torch.ones(1, 64, 300)
    return lambda: network(x)
