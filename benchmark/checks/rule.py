"""What a rule of the contract is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MODEL = "protocols/contract.py, class Model"
DECLARES = 'CONTRIBUTING.md, "What a model declares"'
EXPECTS = 'CONTRIBUTING.md, "What the engine expects"'
ELSE = 'CONTRIBUTING.md, "What else a model can do"'
METHODS = ("info", "space", "fit", "predict_proba", "state")  # of a plugin, where mistakes sit


@dataclass(frozen=True)
class Problem:
    """The rule is broken: what came instead of what it expects."""

    came: str
    method: str = ""  # where it sits, where that is another one than the rule's


@dataclass(frozen=True)
class Note:
    """The rule holds, or does not apply, and something is worth saying."""

    words: str


Found = Problem | Note | None


@dataclass(frozen=True)
class Rule:
    """One thing that the contract asks for."""

    name: str
    expected: str  # in a sentence, for the model's author
    method: str  # of the plugin, where a mistake of this kind sits
    text: str  # where the rule is written
    check: Callable[[Any], Found]  # may raise whatever the plugin raises: that breaks the rule
    basic: bool  # where it is broken, no later rule can be judged


def rule(method: str, text: str = MODEL, *, basic: bool = False) -> Callable[[Callable[[Any], Found]], Rule]:
    """Make a rule of a function: its name with hyphens, and its docstring as what is expected."""

    def made(check: Callable[[Any], Found]) -> Rule:
        name = check.__name__.replace("_", "-")
        return Rule(name, (check.__doc__ or "").strip(), method, text, check, basic)

    return made
