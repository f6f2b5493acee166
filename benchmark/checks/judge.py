"""Judges a subject by a rule, and says what was expected, what came, and where to look."""

from __future__ import annotations

import inspect
import linecache
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from benchmark.checks.rule import Problem, Rule
from benchmark.checks.subject import Subject
from benchmark.models import old_words
from protocols.errors import UnheardError

STAND_INS = ("build", "estimator")  # what a TorchModel and a SklearnModel have instead of fit


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of one rule. Plain data: it comes from another process, and goes into JSON."""

    rule: str
    holds: Literal["yes", "no", "not run"]
    expected: str
    came: str = ""  # instead, where the rule is broken
    look: str = ""  # where its author finds the mistake, and the rule
    note: str = ""
    basic: bool = False  # broken, it keeps later rules from being judged

    @property
    def broken(self) -> bool:
        return self.holds == "no"


def judge(rule: Rule, subject: Subject) -> Verdict:
    """The verdict; whatever the plugin raises, even SystemExit, breaks the rule."""
    try:
        found = rule.check(subject)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        found = Problem(crash(error, source(subject.declared)))
    if isinstance(found, Problem):
        return broken(rule, found.came, place(subject.declared, rule.method))
    return Verdict(rule=rule.name, holds="yes", expected=rule.expected, note=found.words if found else "")


def broken(rule: Rule, came: str, where: str) -> Verdict:
    """The verdict on a broken rule; `where` is the file, and more where that is known."""
    return Verdict(
        rule=rule.name,
        holds="no",
        expected=rule.expected,
        came=came,
        look=f"{where}; the rule: {rule.text}",
        basic=rule.basic,
    )


def skipped(rule: Rule, because: str) -> Verdict:
    """The verdict on a rule that a broken basic one keeps from being judged."""
    return Verdict(rule=rule.name, holds="not run", expected=rule.expected, note=because)


def source(declared: type) -> str:
    """The file that defines the plugin's class."""
    return inspect.getsourcefile(declared) or ""


def place(declared: Any, method: str) -> str:
    """File, line and name of the plugin's method, or of what stands in for it, or of the class alone."""
    file = source(declared)
    for name in (method, *STAND_INS):
        code = getattr(getattr(declared, name, None), "__code__", None)
        if code is not None and Path(code.co_filename) == Path(file):
            return f"{file}:{code.co_firstlineno}, {declared.__name__}.{name}"
    return f"{file}, {declared.__name__}" + f".{method}" * (method == "info")


def crash(error: BaseException, file: str) -> str:
    """An exception in one line: type, message, and the plugin's own line, else the last one."""
    message = " ".join(str(error).split())
    if isinstance(error, UnheardError):  # made to be read
        return message + (_line(error.__cause__, file) if error.__cause__ else "")
    message += old_words.hint(error).rstrip(".")
    words = [f"{type(error).__name__}: {message}" if message else type(error).__name__]
    words += getattr(error, "__notes__", [])
    return ", ".join(words) + _line(error, file)


def _line(error: BaseException, file: str) -> str:
    frames = [frame for cause in _causes(error) for frame in traceback.extract_tb(cause.__traceback__)]
    own = [frame for frame in frames if file and Path(frame.filename) == Path(file)]
    if not frames:
        return ""
    last = (own or frames)[-1]
    text = linecache.getline(last.filename, last.lineno or 0).strip()
    return f" (at {last.filename}:{last.lineno}" + f": {text})" if text else ")"


def _causes(error: BaseException | None) -> list[BaseException]:
    """The error, then what it was raised from, to the first one."""
    found = []
    while error is not None:
        found.append(error)
        error = error.__cause__
    return found
