"""What has changed on a board, day by day: from the dates of its records, and from the log of the results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from benchmark.ranking.leaderboard import Board
from benchmark.records.results_log import Line
from benchmark.records.schema import Record


@dataclass(frozen=True, kw_only=True)
class Change:
    """Records of one model that were finished on one day, or a line of the log."""

    date: str
    time: str  # when the last of them was finished; of a line of the log that of its day's beginning
    model: str  # "" where a line is about all of them
    title: str = ""  # the model's
    protocols: tuple[str, ...] = ()  # titles, in the board's order
    records: int = 0
    what: str = ""  # the log's words

    @property
    def key(self) -> str:
        """What tells it from the others of its board, whatever comes later."""
        return f"{self.date} {self.model} {self.what}"


def changes(
    board: Board, records: Iterable[Record], log: Sequence[Line] = (), *, gone: Container[str] = ()
) -> list[Change]:
    """The newest first; `records` are the board's. Of `log` its own lines, and those of boards in `gone`."""
    found: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        found[record.run.finished[:10], record.model.name].append(record)
    every = [
        *(_finished(day, model, own, board) for (day, model), own in found.items()),
        *(_logged(line, board) for line in log if line.board == board.kind or line.board in gone),
    ]
    return sorted(sorted(every, key=lambda one: one.key), key=lambda one: one.time, reverse=True)


def _finished(day: str, model: str, own: Sequence[Record], board: Board) -> Change:
    protocols = {record.protocol.name for record in own}
    return Change(
        date=day,
        time=max(record.run.finished for record in own),
        model=model,
        title=board.models[model].title,
        protocols=tuple(table.title for name, table in board.tables.items() if name in protocols),
        records=len(own),
    )


def _logged(line: Line, board: Board) -> Change:
    table = board.tables.get(line.protocol)
    title = table.title if table else line.protocol
    where = "" if line.board == board.kind else f"{line.board} board: "
    return Change(
        date=line.date,
        time=f"{line.date}T00:00:00+00:00",
        model=line.model,
        protocols=(title,) if title else (),
        what=f"{where}{line.what}",
    )
