"""A table for people, whose cells are shown as they are: no markup in a name is obeyed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.table import Column, Table
from rich.text import Text


def table(columns: Sequence[str | Column], rows: Iterable[Sequence[Any]], **style: Any) -> Table:
    """A table with these columns and rows; `style` is rich's."""
    made = Table(*columns, **style)
    for row in rows:
        made.add_row(*(Text(str(cell)) for cell in row))
    return made
