"""Text and tables in LaTeX, for papers: booktabs."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

SPECIAL = str.maketrans(
    {
        **{sign: f"\\{sign}" for sign in "&%$#_"},
        "{": r"\textbraceleft{}",  # BibTeX counts braces, those behind a backslash too
        "}": r"\textbraceright{}",
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        "–": "--",
        "−": "$-$",
    }
)


def escaped(text: str) -> str:
    """The text on one line, with what TeX would take as commands made plain; signs that print nothing go.

    >>> escaped("50 % of x_1")
    '50 \\\\% of x\\\\_1'
    """
    shown = "".join(sign for sign in " ".join(text.split()) if unicodedata.category(sign)[0] != "C")
    return shown.translate(SPECIAL)


def table(lines: Sequence[Sequence[str]], caption: str) -> bytes:
    """A table of lines, the first of which is the header; all but the first column are set to the right.

    A line of one cell is a heading across the table.
    """
    columns = "l" + "r" * (len(lines[0]) - 1)
    text = [
        "% needs \\usepackage{booktabs}",
        "\\begin{table}",
        f"\\caption{{{escaped(caption)}}}",
        f"\\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        _line(lines[0]),
        r"\midrule",
        *(_line(line, across=len(columns)) for line in lines[1:]),
        r"\bottomrule",
        "\\end{tabular}",
        "\\end{table}",
    ]
    return ("\n".join(text) + "\n").encode()


def _line(cells: Sequence[str], *, across: int = 1) -> str:
    """A row; one that begins like an option of the command before it, as in "[x]", begins with a group."""
    line = " & ".join(map(escaped, cells)) + r" \\"
    if len(cells) == 1 < across:
        return rf"\multicolumn{{{across}}}{{l}}{{\emph{{{escaped(cells[0])}}}}} \\"
    return "{}" + line if line.startswith(("[", "*")) else line
