"""Judges a plugin rule by rule in a process of its own, which may crash, hang or print as it likes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from benchmark.checks import candidate
from benchmark.checks.effects import watched
from benchmark.checks.judge import Verdict, broken, crash, judge, skipped
from benchmark.checks.rule import Rule
from benchmark.checks.rules import BY_NAME, RULES
from benchmark.compute import local_processes
from protocols import registry
from protocols.errors import PluginError, RegistryError

LIMIT = 120.0  # seconds for one rule


def check(reference: str, *, limit: float = LIMIT) -> Iterator[Verdict]:
    """Judge the model called so, or in the file at that path, by all rules; each verdict as it is found."""
    reference = _found(reference)
    with contextlib.closing(Bench(reference, limit)) as bench:
        for number, rule in enumerate(RULES):
            verdict = bench.judge(rule)
            yield verdict
            if verdict.broken and verdict.basic:
                yield from (skipped(left, f"{rule.name} is broken") for left in RULES[number + 1 :])
                return


def _found(reference: str) -> str:
    """The reference as any process knows it; RegistryError or PluginError where there is no such model."""
    if not reference.endswith(".py"):
        if reference not in registry.names("models"):
            raise RegistryError(registry.unknown("models", reference, registry.names("models")))
        return reference
    if not Path(reference).is_file():
        raise PluginError(f"{reference}: there is no such file. Give a name or the path of a Python file.")
    return str(Path(reference).absolute())  # the worker has a current folder of its own


def here(reference: str, name: str) -> Verdict:
    """Judge by one rule in this process: what the worker does."""
    rule = BY_NAME[name]
    with watched():  # whatever is printed reaches nobody's document
        try:
            subject = candidate.of(reference)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return broken(rule, crash(error, reference), reference)
        return judge(rule, subject)


class Bench:
    """A worker that judges, and a new one in its place after it has died or run out of time."""

    def __init__(self, reference: str, limit: float) -> None:
        self.reference, self.limit = reference, limit
        self.pool: ProcessPoolExecutor | None = None

    def judge(self, rule: Rule) -> Verdict:
        self.pool = self.pool or local_processes.pool(1)
        try:
            future = self.pool.submit(here, self.reference, rule.name)
            process = next(iter(self.pool._processes.values()))
            return future.result(self.limit)
        except TimeoutError:
            self.close()
            return broken(rule, f"no answer within {self.limit:g} s: it was stopped", self.reference)
        except BrokenProcessPool:
            process.join()
            self.close()
            return broken(rule, _death(process.exitcode), self.reference)

    def close(self) -> None:
        """End the worker, whatever it is doing."""
        if self.pool is not None:
            for process in list((self.pool._processes or {}).values()):
                process.kill()  # a plugin may ignore terminate
            self.pool.shutdown()
        self.pool = None


def _death(code: int | None) -> str:
    if code is not None and code < 0:
        return f"its process was killed by signal {-code}: a crash in compiled code, or out of memory"
    return f"its process ended by itself, with exit code {code}"
