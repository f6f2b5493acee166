"""An exception of a plugin in one line, and where in its file a mistake sits."""

from __future__ import annotations

import inspect
import linecache
import traceback
from pathlib import Path
from typing import Any

from benchmark.models import old_words
from protocols.errors import UnheardError

STAND_INS = ("build", "estimator")  # what a TorchModel and a SklearnModel have instead of fit


def described(error: BaseException, file: str) -> dict[str, str]:
    """`words`: type and message; `where`: the plugin's own line, else the last one."""
    message = " ".join(str(error).split())[:1000]
    if isinstance(error, UnheardError):  # made to be read
        return {"words": message, "where": _line(error.__cause__, file) if error.__cause__ else ""}
    message += old_words.hint(error).rstrip(".")
    words = [f"{type(error).__name__}: {message}" if message else type(error).__name__]
    return {"words": ", ".join([*words, *getattr(error, "__notes__", [])]), "where": _line(error, file)}


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
