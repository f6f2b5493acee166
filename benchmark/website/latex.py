"""Text and tables in LaTeX, for papers: booktabs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

SPECIAL = str.maketrans(
    {
        **{sign: f"\\{sign}" for sign in "&%$#_{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "–": "--",
    }
)


def escaped(text: str) -> str:
    """The text, with what TeX would take as commands made plain.

    >>> escaped("50 % of x_1")
    '50 \\\\% of x\\\\_1'
    """
    return text.translate(SPECIAL)


def table(lines: Iterable[Sequence[str]], caption: str) -> bytes:
    """A table of lines, the first of which is the header; all but the first column are set to the right."""
    header, *body = [[escaped(cell) for cell in line] for line in lines]
    columns = "l" + "r" * (len(header) - 1)
    text = [
        "% needs \\usepackage{booktabs}",
        "\\begin{table}",
        f"\\caption{{{escaped(caption)}}}",
        f"\\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        _line(header),
        r"\midrule",
        *map(_line, body),
        r"\bottomrule",
        "\\end{tabular}",
        "\\end{table}",
    ]
    return ("\n".join(text) + "\n").encode()


def _line(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"
