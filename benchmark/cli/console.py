"""Where words for people go (standard error) and where documents for programs go (standard output)."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

from rich.console import Console

WIDE = 160  # columns


class Output(Console):
    """Standard output: tables and words that were asked for; in a file or a pipe nothing is cut off."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if not self.is_terminal and "COLUMNS" not in os.environ:
            self.width = WIDE

    def on_broken_pipe(self) -> None:
        """`| head` has read enough; rich would exit with 1."""
        raise BrokenPipeError


people = Console(stderr=True, highlight=False, soft_wrap=True)


_kept: list[list[str]] = []  # what each `documents_alone` is to write at its end


def emit_json(document: Any) -> None:
    """Write one JSON document on standard output; below `documents_alone`, at its end."""
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    if _kept:
        _kept[-1].append(text)
    else:
        sys.stdout.write(text)


@contextmanager
def documents_alone() -> Iterator[None]:
    """Keep all but documents from standard output: what plugins and their processes print goes to standard
    error; what `emit_json` was given is written at the end."""
    documents: list[str] = []
    _kept.append(documents)
    sys.stdout.flush()
    out = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        _kept.pop()
        os.dup2(out, 1)
        os.close(out)
    sys.stdout.write("".join(documents))
