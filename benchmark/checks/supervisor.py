"""Judges a plugin rule by rule; its code runs in a process of its own, which may crash, hang or print."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from benchmark.checks import bench as bench_module
from benchmark.checks import judge, subject
from benchmark.checks.bench import Bench
from benchmark.checks.judge import Verdict, broken, skipped
from benchmark.checks.rule import Rule
from benchmark.checks.rules import RULES
from benchmark.checks.subject import Ask, CrashError, StoppedError, Subject
from benchmark.features import enrolment
from benchmark.models import variants
from protocols import registry
from protocols.errors import PluginError, RegistryError

LIMIT = 120.0  # seconds for one rule
MOST = 3  # processes that may die or be stopped; what is left is not judged then


def check(reference: str, *, limit: float = LIMIT) -> Iterator[Verdict]:
    """Judge the model called so, or in the file at that path, by all rules; each verdict as it is found."""
    with contextlib.closing(Supervisor(_found(reference), limit)) as supervisor:
        for number, rule in enumerate(RULES):
            verdict = supervisor.judge(rule)
            yield verdict
            because = f"{rule.name} is broken" if verdict.broken and verdict.basic else ""
            if supervisor.ended >= MOST:
                because = f"its process has ended {MOST} times"
            if because:
                yield from (skipped(left, because) for left in RULES[number + 1 :])
                return


def _found(reference: str) -> str:
    """The reference as any process knows it; RegistryError or PluginError where there is no such model."""
    plain, _ = variants.parted(enrolment.parted(reference)[0])
    if not plain.endswith(".py"):
        if plain not in registry.names("models"):
            raise RegistryError(registry.unknown("models", plain, registry.names("models")))
        return reference
    if not Path(plain).is_file():
        raise PluginError(f"{plain}: there is no such file. Give a name or the path of a Python file.")
    return str(Path(reference).absolute())  # the worker has a current folder of its own


class Supervisor:
    """A plugin's process, and a new one in its place after it has died or run out of time."""

    def __init__(self, reference: str, limit: float) -> None:
        self.reference, self.limit = reference, limit
        self.ended = 0  # processes that have died or were stopped
        self.bench: Bench | None = None
        self.subject: Subject | None = None

    def judge(self, rule: Rule) -> Verdict:
        """The verdict; a plugin that ends its process or takes too long has broken the rule."""
        self.bench = self.bench or Bench()
        self.bench.deadline = time.monotonic() + self.limit
        try:
            self.subject = self.subject or subject.of(self.bench.ask, self.reference, self._elsewhere)
            return judge.judge(rule, self.subject)
        except CrashError as error:
            return broken(rule, error.text, self.reference)
        except (ValueError, TypeError, LookupError, AttributeError) as error:  # no answer of ours
            return broken(rule, judge.strange(error), self.reference)
        except StoppedError as error:
            late = time.monotonic() > self.bench.deadline
            self.ended += 1
            self.close()
            came = f"no answer within {self.limit:g} s: {error}" if late else str(error)
            return broken(rule, came, self.reference)

    def close(self) -> None:
        """End the process, whatever it is doing."""
        if self.bench is not None:
            self.bench.close()
        self.bench = self.subject = None

    @contextlib.contextmanager
    def _elsewhere(self) -> Iterator[Ask]:
        """Another process, within the same time."""
        assert self.bench is not None
        with bench_module.opened() as other:
            other.deadline = self.bench.deadline
            yield other.ask
