"""Judges a plugin in this process: what a worker does, and what the judge does, without the way between."""

from __future__ import annotations

from functools import cache
from typing import Any

from benchmark.checks import bench, effects, judge, messages, subject
from benchmark.checks.judge import Verdict
from benchmark.checks.rules import BY_NAME
from benchmark.checks.stage import Stage
from benchmark.checks.subject import Ask, CrashError, Subject


def asked(stage: Stage) -> Ask:
    """Asks a stage as a bench does."""

    def ask(what: str, **given: Any) -> Any:
        answer = messages.decode(stage.answer(messages.encode({"do": what, **given})))
        if "crash" in answer:
            raise CrashError(**answer["crash"])
        return answer["came"]

    return ask


class Elsewhere:
    """A process of its own."""

    def __enter__(self) -> Ask:
        self.bench = bench.Bench()
        return self.bench.ask

    def __exit__(self, *_error: object) -> None:
        self.bench.close()


@cache
def subject_of(reference: str) -> Subject:
    """The plugin, loaded here."""
    return subject.of(asked(Stage()), reference, Elsewhere)


def here(reference: str, name: str) -> Verdict:
    """The verdict on one rule."""
    rule = BY_NAME[name]
    with effects.watched():  # a broken plugin may write into the current folder
        try:
            found = subject_of(reference)
        except CrashError as error:
            return judge.broken(rule, error.text, reference)
        return judge.judge(rule, found)
