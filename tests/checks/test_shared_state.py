"""Each part of what models share is read, and a change of it named; what stays, or is put back, is not."""

import gc
import locale
import logging
import os
import signal
import socket
import sys
import tempfile
import warnings

import numpy as np
import pytest
import torch

from benchmark.checks import shared_state
from benchmark.scores import metrics


class Reports:
    """Called by nobody."""

    def __call__(self, *_given):
        raise AssertionError


HANDLER = Reports()
# What is changed, how, and how back.
CHANGES = [
    ("the environment (UNHEARD_X)", "os.environ['UNHEARD_X'] = '1'", "del os.environ['UNHEARD_X']"),
    ("the locale", "locale.setlocale(locale.LC_ALL, 'C.UTF-8')", "locale.setlocale(locale.LC_ALL, was)"),
    (
        "signal handlers (SIGUSR1)",
        "signal.signal(signal.SIGUSR1, signal.SIG_IGN)",
        "signal.signal(signal.SIGUSR1, signal.SIG_DFL)",
    ),
    (
        "blocked signals",
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])",
        "signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])",
    ),
    ("timers", "signal.setitimer(signal.ITIMER_REAL, 1000)", "signal.setitimer(signal.ITIMER_REAL, 0)"),
    (
        "warning filters",
        "warnings.filters.insert(0, ('ignore', None, Warning, None, 7))",
        "del warnings.filters[0]",
    ),
    (
        "functions or constants that are not its own (torch.Storage) and torch's default dtype",
        "torch.set_default_dtype(torch.float64)",
        "torch.set_default_dtype(torch.float32)",
    ),
    (
        "flushing of denormal numbers to zero",
        "torch.set_flush_denormal(True)",
        "torch.set_flush_denormal(False)",
    ),
    (
        "torch's precision of matrix products",
        "torch.set_float32_matmul_precision('medium')",
        "torch.set_float32_matmul_precision('highest')",
    ),
    ("torch's gradients", "torch.set_grad_enabled(False)", "torch.set_grad_enabled(True)"),
    (
        "torch's anomaly mode",
        "torch.autograd.set_detect_anomaly(True)",
        "torch.autograd.set_detect_anomaly(False)",
    ),
    ("numpy's global random state", "np.random.seed(3)", "np.random.set_state(numbers)"),
    (shared_state.DRAWN, "np.random.rand()", "np.random.set_state(numbers)"),
    ("numpy's treatment of floating-point errors", "np.seterr(all='raise')", "np.seterr(**errors)"),
    ("the mask of new files' modes", "mask = os.umask(0o777)", "os.umask(mask)"),
    ("the import path", "sys.path.append('/nowhere')", "sys.path.pop()"),
    ("the recursion limit", "sys.setrecursionlimit(limit + 1)", "sys.setrecursionlimit(limit)"),
    ("garbage collection", "gc.disable()", "gc.enable()"),
    ("the time-out of sockets", "socket.setdefaulttimeout(3)", "socket.setdefaulttimeout(None)"),
    (
        "tempfile's folder",
        "folder, tempfile.tempdir = tempfile.tempdir, '/nowhere'",
        "tempfile.tempdir = folder",
    ),
    ("logging", "logging.disable(30)", "logging.disable(0)"),
    (
        "standard streams or hooks (excepthook)",
        "hook, sys.excepthook = sys.excepthook, HANDLER",
        "sys.excepthook = hook",
    ),
    (
        "functions or constants that are not its own (numpy.mean)",
        "mean, np.mean = np.mean, HANDLER",
        "np.mean = mean",
    ),
    (
        "functions or constants that are not its own (torch.nn.Linear)",
        "linear, torch.nn.Linear = torch.nn.Linear, HANDLER",
        "torch.nn.Linear = linear",
    ),
    (
        "functions or constants that are not its own (benchmark.scores.metrics.uar)",
        "uar, metrics.uar = metrics.uar, HANDLER",
        "metrics.uar = uar",
    ),
    (
        "functions or constants that are not its own (benchmark.scores.metrics.uar)",
        "code, metrics.uar.__code__ = metrics.uar.__code__, metrics.accuracy.__code__",
        "metrics.uar.__code__ = code",
    ),
]


@pytest.mark.parametrize(("what", "change", "back"), CHANGES, ids=[change for _, change, _ in CHANGES])
def test_a_change_is_named_until_it_is_undone(what, change, back):
    names = {
        **{module.__name__: module for module in (gc, locale, logging, os, signal, socket, sys, tempfile)},
        **{"warnings": warnings, "np": np, "torch": torch, "metrics": metrics, "HANDLER": HANDLER},
        **{"was": locale.setlocale(locale.LC_ALL), "numbers": np.random.get_state(), "errors": np.geterr()},
        "limit": sys.getrecursionlimit(),
    }
    how = shared_state.readers()
    before = shared_state.read(how)
    try:
        exec(change, names)
        changed = shared_state.changed(before, shared_state.read(how))
    finally:
        exec(back, names)
    assert " and ".join(changed) == what
    assert shared_state.changed(before, shared_state.read(how)) == []


def test_a_module_of_the_engine_that_is_imported_later_is_no_change(monkeypatch):
    how = shared_state.readers()
    before = shared_state.read(how)
    monkeypatch.setitem(sys.modules, "benchmark.new", type(sys)("benchmark.new"))
    vars(sys.modules["benchmark.new"])["function"] = len
    assert shared_state.changed(before, shared_state.read(how)) == []
