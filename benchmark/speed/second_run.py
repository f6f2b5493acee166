"""A second run of what is finished against the first: both are commands, from cold."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmark.models.plugins import Plugin
from benchmark.speed import apart
from benchmark.speed.comparison import Comparison, Row


def rows(given: Sequence[Plugin], device: str) -> Iterator[Row]:
    """The demo on SAVEE, of these models."""
    models = [word for plugin in given for word in ("--model", plugin.reference)]
    with tempfile.TemporaryDirectory(prefix="unheard-") as temporary:
        command = ["-m", "benchmark", "run", "--data", "demo", "--corpus", "savee", "--device", device]
        first, _, again = (apart.python(*command, *models, cache=Path(temporary))[0] for _ in range(3))
    yield Row(f"{len(given)} models on SAVEE, demo", again, first)


COMPARISON = Comparison(
    name="second-run", ours="a run again", other="the first run", rows=rows, default=False
)
