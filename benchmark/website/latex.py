"""The main tables in LaTeX, for papers: booktabs, percent, ranges as the pages have them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmark.ranking.cells import TRACKS
from benchmark.ranking.leaderboard import Board, Table
from benchmark.website.filters import amount, percent, span
from benchmark.website.pages import overview as overview_module

SPECIAL = str.maketrans(
    {
        **{sign: f"\\{sign}" for sign in "&%$#_{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "–": "--",
    }
)


def overview_table(board: Board) -> bytes:
    """UAR of every model on every corpus of a board."""
    titles = [table.title for table in board.tables.values()]
    header = ["Model", "Overall", *titles, "Multiply-adds", "Parameters"]
    lines = [
        [
            row.model.title or row.model.name,
            percent(row.standing.uar if row.standing else None),
            *(
                percent(entry.uar) if (entry := row.entries.get(name)) and not entry.unranked else "–"
                for name in board.tables
            ),
            amount(row.cost.official.total if row.cost else None),
            amount(row.parameters),
        ]
        for rows in overview_module.rows(board).values()
        for row in rows
    ]
    return _tabular(header, lines, f"UAR in percent on unheard speakers; {board.kind} audio.")


def corpus_table(of: Table) -> bytes:
    """Scores of every model that ranks on a corpus."""
    header = ["Model", "Place", "UAR", "Interval", "Accuracy", "Macro-F1"]
    lines = [
        [
            entry.model,
            span(entry.place),
            percent(entry.uar),
            f"[{percent(entry.interval[0])}, {percent(entry.interval[1])}]" if entry.interval else "–",
            percent(entry.accuracy),
            percent(entry.macro_f1),
        ]
        for track in TRACKS
        for entry in of.track(track)
    ]
    return _tabular(header, lines, f"{of.title}, {of.protocol}: percent on unheard speakers.")


def escaped(text: str) -> str:
    """The text, with what TeX would take as commands made plain."""
    return text.translate(SPECIAL)


def _tabular(header: Sequence[str], lines: Iterable[Sequence[str]], caption: str) -> bytes:
    columns = "l" + "r" * (len(header) - 1)
    body = [" & ".join(map(escaped, line)) + r" \\" for line in (header, *lines)]
    text = [
        "% needs \\usepackage{booktabs}",
        "\\begin{table}",
        f"\\caption{{{escaped(caption)}}}",
        f"\\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        body[0],
        r"\midrule",
        *body[1:],
        r"\bottomrule",
        "\\end{tabular}",
        "\\end{table}",
    ]
    return ("\n".join(text) + "\n").encode()
