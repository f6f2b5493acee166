"""The line chart of a ladder: where marks and numbers go."""

from itertools import pairwise
from types import SimpleNamespace

from benchmark.website.claims import Run
from benchmark.website.figures import rung_lines, slopes
from benchmark.website.rungs import Ladder


def run(score):
    return Run(table=None, entry=None, score=score, low=score - 0.1, high=score + 0.1, interval=True)


def chart(reported=(), **models):
    rungs = tuple(
        SimpleNamespace(control=place == 3, published=reported if place == 0 else ()) for place in range(4)
    )
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
    assert line.numbers == ("90.0", "50.0", "60.0")
    assert line.name == slopes.down(0.6)
    assert line.lead == f"M{x[3] + 5} {line.name}L{x[3] + rung_lines.LEAD} {line.name}"
    assert found.chance == slopes.down(0.125)


def test_names_stand_beside_all_columns_and_never_cover_each_other():
    found = chart(one=(0.9, 0.5, 0.4, None), two=(0.8, 0.5, 0.4, None), three=(0.4, None, None, None))
    heights = sorted(line.name for line in found.lines)
    assert all(b - a >= rung_lines.HIGH for a, b in pairwise(heights))
    beside = found.columns[-1] + rung_lines.LEAD
    assert all(f"L{beside} {line.name}" in line.lead for line in found.lines)
    one, two, three = found.lines
    assert one.dots[0].x != two.dots[0].x
    assert three.lead.startswith(f"M{three.dots[0].x + 5} ")
    assert [(line.model, line.look) for line in found.lines] == [("one", 0), ("two", 2), ("three", 1)]
    longer = chart(**{"a-much-longer-name": (0.9, None, None, None)})
    assert longer.width > found.width > beside


def test_what_papers_report_is_a_square_beside_its_rung():
    rows = (
        SimpleNamespace(percent=99.53, speaker_independent="no"),
        SimpleNamespace(percent=60.0, speaker_independent="yes"),
    )
    found = chart(reported=rows, one=(0.9, 0.5, None, None))
    [reported] = found.reported
    assert reported.x == found.columns[0] + rung_lines.REPORTED
    assert reported.squares == ((slopes.down(0.9953), False), (slopes.down(0.6), True))
    assert reported.best == "99.5"


def test_a_control_alone_has_no_line():
    [line] = chart(one=(None, None, None, 0.6)).lines
    assert line.path == ""
    assert len(line.dots) == 1
