"""The board on which two models are compared: the best kind of audio of which both have records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmark.ranking.leaderboard import KINDS
from benchmark.records.schema import Board, Record
from protocols import registry
from protocols.errors import UnheardError


def choose(models: Sequence[str], records: Sequence[Record], *, named: str | None, where: str) -> Board:
    """The board that is named, or else the best one; UnheardError where a model has no records there.

    `where` is what messages call the place that the records come from.
    """
    if models[0] == models[1]:
        raise UnheardError(f"{models[0]}: named twice. Name two different models.")
    having: dict[Board, set[str]] = {
        kind: {r.model.name for r in records if r.board == kind} for kind in KINDS
    }
    for model in models:
        _refuse_absent(model, having, named=named, where=where)
    shared = [kind for kind in KINDS if having[kind].issuperset(models) and named in (None, kind)]
    if not shared:
        each = (f"{m} on {' and '.join(k for k in KINDS if m in having[k])}" for m in models)
        raise UnheardError(
            f"no board has records of both: {', '.join(each)}. Run one on the audio of the other."
        )
    return shared[0]


def _refuse_absent(model: str, having: Mapping[Board, set[str]], *, named: str | None, where: str) -> None:
    everyone = sorted(set().union(*having.values()))
    there = [kind for kind, models in having.items() if model in models]
    if not there and model not in registry.names("models"):
        among = f"{where} has {', '.join(everyone)}" if everyone else f"{where} has no records"
        raise UnheardError(f"{model}: there is no such model; {among}.")
    if not there:
        raise UnheardError(
            f"{model}: has no records in {where}. Make some: python -m benchmark run --suite all --model "
            f"{model} --data DIR; or name another folder with --results."
        )
    if named and named not in there:
        raise UnheardError(
            f"{model}: has no records on the {named} board. It has some on: {', '.join(there)}."
        )
