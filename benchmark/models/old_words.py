"""The words of the contract's first version, and what they are called now: for messages about old plugins."""

from __future__ import annotations

import inspect
import re

from protocols.contract import VERSION

RENAMED = {
    "views": "copies",
    "changes": "augmentation",
    "chance": "probability",
    "matching": "distillation",
    "matching_epochs": "distillation_epochs",
    "multiply_adds": "macs",
    "valid": "validation",
}
# What Python says where a class of the contract is given an unknown keyword, or asked for an unknown field.
MESSAGES = (
    re.compile(
        r"\b(?:Info|Features|Recipe|Augmentation|ClipBatch)\.\w+\(\) "
        r"got an unexpected keyword argument '(\w+)'"
    ),
    re.compile(r"'ClipBatch' object has no attribute '(\w+)'"),
)


def hint(error: BaseException) -> str:
    """A sentence that gives the new word, to stand behind the error's own message; "" where none is meant."""
    for message in MESSAGES:
        found = message.search(str(error))
        if found and found[1] in RENAMED:
            return f". `{found[1]}` is now called `{RENAMED[found[1]]}` (contract, version {VERSION})."
    return ""


def argument(model: type) -> str:
    """The first version's name of an argument of the model's `fit`, or ""."""
    fit = getattr(model, "fit", None)
    try:
        names = inspect.signature(fit).parameters if callable(fit) else {}
    except (TypeError, ValueError):  # a callable of C
        return ""
    return next((name for name in names if name in RENAMED and RENAMED[name] not in names), "")
