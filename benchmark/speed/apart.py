"""Work that is timed in processes of its own, from cold: seconds of the clock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmark.storage import places
from protocols.errors import UnheardError


def python(*arguments: object, cache: Path) -> tuple[float, str]:
    """Run `python ARGUMENTS` in a cache of its own; how long it took, and what it wrote on standard output.

    UnheardError with its last words where it fails.
    """
    path = os.pathsep.join([str(places.CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "UNHEARD_CACHE": str(cache), "PYTHONPATH": path}
    environment.pop("UNHEARD_DATA", None)
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        env=environment, cwd=cache, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it wrote nothing"])[-1]
        raise UnheardError(f"speed: python {' '.join(map(str, arguments))} failed: {last}")
    return time.perf_counter() - started, done.stdout


def module(name: str, arguments: Sequence[object], *, cache: Path) -> tuple[float, Any]:
    """The same for the `main` of one of these modules, which writes one JSON document."""
    code = f"import sys; from benchmark.speed import {name}; {name}.main(*sys.argv[1:])"
    seconds, text = python("-c", code, *arguments, cache=cache)  # a worker would import a script anew
    return seconds, json.loads(text)
