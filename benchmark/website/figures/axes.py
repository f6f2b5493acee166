"""What a model's accuracy is drawn against: its multiply-adds, its latency, or what its training took."""

from __future__ import annotations

from benchmark.website import filters
from benchmark.website.figures.picture import Axis
from benchmark.website.rows import Row

LIMITS = (10_000_000, 100_000_000)  # multiply-adds below which the best is named
OVERALL = "overall"  # the series beside those of protocols
TIMES = (  # seconds to 1000 h, in the units in which people say them
    *(0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0),
    *(60.0 * minutes for minutes in (0.5, 1, 2, 5, 10, 20)),
    *(3600.0 * hours for hours in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)),
)


def macs(row: Row) -> int | None:
    """Multiply-adds that were counted; None also where their author alone declares them."""
    return row.cost.official.total if row.cost and row.cost.by != "declared" else None


AXES = (
    Axis(
        name="macs",
        title="MACs",
        label="multiply-adds (MACs) for 3 s of speech, front end included, log scale",
        value=lambda row, _: macs(row) or None,
        word=filters.amount,
        limits=LIMITS,
    ),
    Axis(
        name="latency",
        title="Latency",
        label="milliseconds for a clip of 3 s on one thread, front end included, log scale",
        value=lambda row, _: row.latency,
        word=lambda value: f"{value:g}",
    ),
    Axis(
        name="training",
        title="Training",
        label="work of one seed's search and last fits, summed over processes, log scale",
        value=lambda row, series: row.training(series if series != OVERALL else None),
        word=filters.duration,
        rounds=TIMES,
    ),
)
