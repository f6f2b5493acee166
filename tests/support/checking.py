"""Judges a plugin in this process: what a worker does, and what the judge does, without the way between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from benchmark.checks import effects, judge, messages, subject
from benchmark.checks.judge import Verdict
from benchmark.checks.rules import BY_NAME
from benchmark.checks.stage import Stage
from benchmark.checks.subject import Ask, CrashError, Subject
from benchmark.compute import local_processes


def asked(answer_of: Callable[[bytes], bytes]) -> Ask:
    """Asks a stage as a bench does."""

    def ask(what: str, **given: Any) -> Any:
        answer = messages.decode(answer_of(messages.encode({"do": what, **given})))
        if "crash" in answer:
            raise CrashError(**answer["crash"])
        return answer["came"]

    return ask


@contextmanager
def elsewhere() -> Iterator[Ask]:
    """Another process, forked from a server that has imported PyTorch: a bench imports it by itself."""
    pool = local_processes.pool(1)
    try:
        yield asked(lambda request: pool.submit(answer, request).result())
    finally:
        local_processes.stop(pool)


def answer(request: bytes) -> bytes:
    """What the one stage of this process answers."""
    return stage().answer(request)


@cache
def stage() -> Stage:
    """The one of this process."""
    return Stage()


@cache
def subject_of(reference: str) -> Subject:
    """The plugin, loaded here."""
    return subject.of(asked(Stage().answer), reference, elsewhere)


def here(reference: str, name: str) -> Verdict:
    """The verdict on one rule."""
    rule = BY_NAME[name]
    with effects.watched():  # a broken plugin may write into the current folder
        try:
            found = subject_of(reference)
        except CrashError as error:
            return judge.broken(rule, error.text, reference)
        return judge.judge(rule, found)
