"""The commands that make a model's records again: their protocols, trials, seeds, folds and numerics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from benchmark.records import search_facts
from benchmark.records.schema import SEEDS, TRIALS, Record
from benchmark.website.filters import quoted
from protocols import ladder

SUITE = set(ladder.RANKING.values())  # the protocols of the suite `all`


class _Options(NamedTuple):
    """What records of one command share."""

    ranks: bool
    trials: int
    folds: tuple[int, ...]
    numerics: str
    seeds: int


def commands(model: str, records: Sequence[Record]) -> list[str]:
    """A command for all records that share their options, those of protocols that rank apart."""
    cells: dict[tuple[str, int, tuple[int, ...], str], list[Record]] = defaultdict(list)
    for record in records:
        numerics = str(record.key.get("numerics", "fp32"))
        cells[record.protocol.name, record.budget.trials, tuple(record.budget.folds or ()), numerics].append(
            record
        )
    found: dict[_Options, list[str]] = defaultdict(list)
    for (protocol, trials, folds, numerics), own in cells.items():
        asked = trials if any(map(search_facts.searched, own)) else TRIALS  # without a search none is named
        seeds = max(record.seed for record in own) + 1
        found[_Options(protocol in SUITE, asked, folds, numerics, seeds)].append(protocol)
    return [_command(model, options, protocols) for options, protocols in found.items()]


def _command(model: str, options: _Options, protocols: Sequence[str]) -> str:
    whole = set(protocols) == SUITE
    words = {
        "run": True,
        "--suite all": whole,
        **{f"--protocol {quoted(name)}": not whole for name in protocols},
        f"--model {quoted(model)}": True,
        f"--trials {options.trials}": options.trials != TRIALS,
        f"--seeds {options.seeds}": options.seeds != SEEDS,
        **{f"--fold {fold}": True for fold in options.folds},
        f"--numerics {quoted(options.numerics)}": options.numerics != "fp32",
    }
    return " ".join(["python -m benchmark", *(word for word, needed in words.items() if needed)])
