"""Slope charts: where marks and names go."""

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import pytest

from benchmark.website.claims import Claim, Run
from benchmark.website.figures import slopes

ROW = SimpleNamespace(model_here="cnn", percent=99.0)


def run(score):
    table = SimpleNamespace(chance=0.125)
    return Run(table=table, entry=None, score=score, low=score - 0.1, high=score + 0.1, interval=True)


def test_a_slope_goes_from_the_claim_through_our_runs():
    chart = slopes.slopes("EMO-DB", [Claim(row=ROW, same=run(0.9), unheard=run(0.6))])
    [slope] = chart.slopes
    assert slope.y == slopes.down(0.99)
    assert [(dot.x, dot.y, dot.low, dot.high) for dot in slope.dots] == [
        (x, slopes.down(s), slopes.down(s - 0.1), slopes.down(s + 0.1))
        for x, s in zip((246, 340), (0.9, 0.6), strict=True)
    ]
    assert chart.columns == {"published": 152, "same protocol": 246, "unheard": 340}
    assert slope.path == f"M152.0 {slope.y}" + "".join(f"L{d.x} {d.y}" for d in slope.dots)
    assert chart.ends == ((slopes.down(0.6), "60.0"),)
    assert chart.chance == slopes.down(0.125)


def test_what_was_not_run_here_is_not_drawn():
    bare = Claim(row=ROW, same=None, unheard=None)
    assert slopes.slopes("EMO-DB", [bare]) is None
    chart = slopes.slopes("EMO-DB", [bare, replace(bare, same=run(0.9))])
    assert [len(slope.dots) for slope in chart.slopes] == [1]
    assert list(chart.columns) == ["published", "same protocol"]
    beside = slopes.slopes("EMO-DB", [bare, replace(bare, unheard=run(0.6))])
    assert beside.columns == {"published": 152, "unheard": 246}
    assert beside.slopes[0].dots[0].x == 246
    assert (chart.ends, chart.chance) == ((), None)


@pytest.mark.parametrize("percent", [99.0, 1.0])
def test_names_never_cover_each_other_nor_leave_the_plot(percent):
    rows = [SimpleNamespace(model_here=f"m{i}", percent=percent - i / 10) for i in range(8)]
    chart = slopes.slopes("EMO-DB", [Claim(row=row, same=None, unheard=run(0.5)) for row in rows])
    labels = [slope.label for slope in chart.slopes]
    assert min(b - a for a, b in pairwise(labels)) >= slopes.LINE
    assert slopes.TOP <= labels[0] < labels[-1] <= slopes.BOTTOM
    assert len({slope.dots[0].x for slope in chart.slopes}) == 8
    assert len(chart.ends) == 1  # the same number stands once


def test_the_published_names_fit_beside_their_column(known):
    names = [f"{row.model} {row.percent}" for row in known.published if row.model_here]
    assert max(map(len, names)) <= 26
