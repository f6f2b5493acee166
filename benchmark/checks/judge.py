"""Judges a subject by a rule, and says what was expected, what came, and where to look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmark.checks.rule import Problem, Rule
from benchmark.checks.subject import CrashError, StoppedError, Subject


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of one rule."""

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
    """The verdict; whatever the plugin raises, even KeyboardInterrupt, breaks the rule."""
    try:
        found = rule.check(subject)
    except StoppedError:
        raise
    except CrashError as error:
        found = Problem(error.text)
    except Exception as error:  # of what came from the plugin's process, which it may have altered
        found = Problem(strange(error))
    if isinstance(found, Problem):
        return broken(rule, found.came, subject.facts.places[found.method or rule.method])
    return Verdict(rule=rule.name, holds="yes", expected=rule.expected, note=found.words if found else "")


def strange(error: Exception) -> str:
    """What is wrong with an answer that the judge can do nothing with."""
    return f"what came cannot be judged: {type(error).__name__}: {str(error)[:200]}"


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
    """The verdict on a rule that is not judged."""
    return Verdict(rule=rule.name, holds="not run", expected=rule.expected, note=because)
