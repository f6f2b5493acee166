"""The board on which two models are compared: the best one of which both have records."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from benchmark.ranking.leaderboard import Board, Kind
from benchmark.records.schema import BOARD_NAMES, Record
from protocols import registry
from protocols.errors import UnheardError


def choose(models: Sequence[str], records: Sequence[Record], *, named: str | None, where: str) -> Kind:
    """The board that is named, or else the best one; UnheardError where a model has no records there.

    `where` is what messages call the place that the records come from.
    """
    if models[0] == models[1]:
        raise UnheardError(f"{models[0]}: named twice. Name two different models.")
    having: dict[Kind, set[str]] = {
        kind: {r.model.name for r in records if r.board_name == kind} for kind in BOARD_NAMES
    }
    for model in models:
        _refuse_absent(model, having, named=named, where=where)
    shared = [kind for kind in BOARD_NAMES if having[kind].issuperset(models) and named in (None, kind)]
    if not shared:
        each = (f"{m} on {' and '.join(k for k in BOARD_NAMES if m in having[k])}" for m in models)
        raise UnheardError(
            f"no board has records of both: {', '.join(each)}. Run one on the audio of the other."
        )
    return shared[0]


def only(board: Board, protocols: Collection[str]) -> Board:
    """The board with the tables of these protocols alone, none: all; UnheardError where it lacks one."""
    for name in protocols:
        if name not in board.tables:
            raise UnheardError(
                f"{name}: the {board.kind} board has no records of such a protocol. It has "
                f"{', '.join(sorted(board.tables))}."
            )
    kept = {name: table for name, table in board.tables.items() if not protocols or name in protocols}
    whole = protocols == () or set(board.overall.protocols) <= kept.keys()
    overall = board.overall if whole else replace(board.overall, protocols=(), standings=())
    return replace(board, tables=kept, overall=overall)


def _refuse_absent(model: str, having: Mapping[Kind, set[str]], *, named: str | None, where: str) -> None:
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
