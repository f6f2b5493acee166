"""All comparisons. A new one is a file of its own, and its line here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmark.compute import machine
from benchmark.cost import latency
from benchmark.execution import device as devices
from benchmark.models import installation, plugins
from benchmark.speed import executors, features, fit, memory, second_run, site, stack
from benchmark.speed.comparison import Comparison, Row
from protocols.errors import UnheardError

ALL: tuple[Comparison, ...] = (
    fit.COMPARISON,
    stack.COMPARISON,
    executors.COMPARISON,
    features.COMPARISON,
    memory.COMPARISON,
    second_run.COMPARISON,
    site.COMPARISON,
)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one comparison gave here."""

    comparison: Comparison
    rows: list[Row]
    where: str  # the processor, of which one thread was used, or the GPU


def run(only: Sequence[str] = (), *, models: Sequence[str] = (), device: str = "auto") -> Iterator[Result]:
    """Time these comparisons one after another, or those of training, for these models or all installed ones.

    UnheardError for a name that there is not.
    """
    wanted, used = _chosen(only), devices.find(device)
    found = [plugins.load(name) for name in models] if models else installation.models()[0]
    here = [plugin for plugin in found if not plugin.missing]
    where = machine.gpu_name(used) if used.startswith("cuda") else machine.processor()
    with latency.one_thread():
        for comparison in wanted:
            yield Result(comparison=comparison, rows=list(comparison.rows(here, used)), where=where)


def _chosen(names: Sequence[str]) -> list[Comparison]:
    known = {comparison.name: comparison for comparison in ALL}
    if unknown := [name for name in names if name not in known]:
        raise UnheardError(f"--only {unknown[0]}: there is no such comparison. Name {' or '.join(known)}.")
    return [one for name, one in known.items() if name in names or (one.default and not names)]
