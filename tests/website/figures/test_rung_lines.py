"""The line chart of a ladder: where marks and numbers go."""

from itertools import pairwise
from types import SimpleNamespace

from benchmark.website.claims import Run
from benchmark.website.figures import rung_lines, slopes
from benchmark.website.rungs import Ladder


def run(score):
    return Run(table=None, entry=None, score=score, low=score - 0.1, high=score + 0.1, interval=True)


def chart(**models):
    rungs = tuple(SimpleNamespace(control=control) for control in (False, False, False, True))
    runs = {name: tuple(score and run(score) for score in scores) for name, scores in models.items()}
    ladder = Ladder(
        corpus="savee", title="SAVEE", chance=0.125, rungs=rungs, models=runs, others=0, learnt=()
    )
    return rung_lines.rung_lines(ladder)


def test_a_line_joins_the_rungs_that_were_run_and_not_the_control():
    found = chart(one=(0.9, None, 0.5, 0.6))
    [line] = found.lines
    x = found.columns
    assert [(dot.x, dot.y, dot.low) for dot in line.dots] == [
        (at, slopes.down(score), slopes.down(score - 0.1))
        for at, score in ((x[0], 0.9), (x[2], 0.5), (x[3], 0.6))
    ]
    assert line.path == f"M{x[0]} {slopes.down(0.9)}L{x[2]} {slopes.down(0.5)}"
    assert line.end == (x[3] + rung_lines.BESIDE, slopes.down(0.6))
    assert found.chance == slopes.down(0.125)


def test_numbers_of_lines_that_end_together_never_cover_each_other():
    found = chart(one=(0.9, 0.5, 0.4, None), two=(0.8, 0.5, 0.4, None), three=(0.7, None, None, None))
    one, two, three = found.lines
    assert three.end[0] < one.end[0] == two.end[0]
    assert three.end[1] == slopes.down(0.7)
    assert all(abs(b - a) >= slopes.LINE for a, b in pairwise([one.end[1], two.end[1]]))
    assert one.dots[0].x != two.dots[0].x


def test_a_control_alone_has_no_line():
    [line] = chart(one=(None, None, None, 0.6)).lines
    assert line.path == ""
    assert len(line.dots) == 1
