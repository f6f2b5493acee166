"""The clips of a protocol as the fits of one stack are given them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from benchmark.execution.open_fit import Open


class StackedClips:
    """All clips as one batch; where fits differ in the levels that are removed, once for each such way."""

    def __init__(self, ones: Sequence[Open]) -> None:
        data = ones[0].data
        everyone, params = np.arange(len(data.clips)), {_levels(one): one.want.params for one in ones}
        self.ways, self.n = list(params), len(everyone)
        parts = [data.given(own).train(everyone) for own in params.values()]
        copies = zip(*(part.copies for part in parts), strict=True)
        self.batch = replace(
            parts[0],
            inputs=list(chain.from_iterable(part.inputs for part in parts)),
            copies=[list(chain.from_iterable(same)) for same in copies],
            labels=np.tile(data.labels, len(parts)),
            speakers=np.tile(data.speakers, len(parts)),
        )

    def places(self, one: Open, rows: np.ndarray) -> np.ndarray:
        """Where the clips `rows` stand in the batch as this fit is given them."""
        return rows + self.n * self.ways.index(_levels(one))


def _levels(one: Open) -> tuple[str, ...]:
    return tuple(each.level for each in one.data.plugin.features_with(one.want.params))
