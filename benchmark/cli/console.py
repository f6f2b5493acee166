"""Where words for people go (standard error) and where documents for programs go (standard output)."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console


class Output(Console):
    """Standard output: tables and words that were asked for."""

    def on_broken_pipe(self) -> None:
        """`| head` has read enough; rich would exit with 1."""
        raise BrokenPipeError


people = Console(stderr=True, highlight=False, soft_wrap=True)


def emit_json(document: Any) -> None:
    """Write one JSON document, and nothing else, on standard output."""
    json.dump(document, sys.stdout, indent=2, sort_keys=True, ensure_ascii=False)
    sys.stdout.write("\n")
