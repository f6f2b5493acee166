"""The memory that features take, for a corpus that is 4 and 16 times as large.

In one process: what workers do and what their parent does, one after the other.
"""

from __future__ import annotations

import json
import resource
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmark.features import chunks, feature_store
from benchmark.models import plugins
from benchmark.models.plugins import Plugin
from benchmark.speed import apart, features, speech_clips
from benchmark.speed.comparison import Comparison, Row

FILES = 2 * chunks.SIZE


def rows(given: Sequence[Plugin], device: str) -> Iterator[Row]:  # noqa: ARG001
    """The most that is resident, in MiB, beside that for the corpus itself."""
    names = [plugin.reference for plugin in given if features.wanted([plugin])]
    with tempfile.TemporaryDirectory(prefix="unheard-") as temporary:
        root = Path(temporary)
        (root / "clips").mkdir()
        speech_clips.write(root / "clips", files=FILES)
        most = {
            times: apart.module("memory", [times, root / "clips", *names], cache=root)[1]
            for times in (1, 4, 16)
        }
    for times in (4, 16):
        yield Row(f"{times} times the corpus", most[times], most[1])


COMPARISON = Comparison(
    name="memory", ours="a larger corpus", other="the corpus", rows=rows, unit="MiB", default=False
)


def main(times: str, folder: str, *names: str) -> None:
    """What a process of its own does; the most MiB that it had, as JSON."""
    wanted = features.wanted([plugins.load(name) for name in names])
    found = speech_clips.taken(Path(folder), times=int(times))
    sources = feature_store.missing([((each,), found) for each in wanted])
    every = {home: chunks.of(home, source) for home, source in sources.items()}
    for together in zip(*every.values(), strict=True):
        chunks.compute(together)
    for home, source in sources.items():
        chunks.join(home, source, every[home], about={})
    print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
