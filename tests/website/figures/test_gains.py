"""What a known speaker adds, by how well it is recognised: where points go."""

from types import SimpleNamespace

import pytest

from benchmark.website.claims import Run
from benchmark.website.figures import gains


def ladder(title, chance, models):
    """`models`: how well each recognises the speaker, and what a known one adds; None where not known."""
    runs = {
        name: uar and Run(table=None, entry=None, score=uar, low=uar, high=uar, interval=False)
        for name, (uar, _) in models.items()
    }
    learnt = [
        SimpleNamespace(what="speaker", unseen="loso", chance=chance, models=runs),
        SimpleNamespace(what="text", unseen="texts", chance=None, models=dict.fromkeys(models)),
    ]
    return SimpleNamespace(title=title, learnt=learnt, gain=lambda model, over: models[model][1])  # noqa: ARG005


FEW = ladder("Few", 0.5, {"one": (0.75, 0.2), "two": (1.0, -0.05), "none": (0.8, None)})
MANY = ladder("Many", 0.1, {"one": (0.55, 0.34), "none": (None, 0.1)})
SOME = ladder("Some", 0.2, {"one": (0.2, 0.0)})


def test_a_point_is_a_model_on_a_corpus_that_has_both_numbers():
    chart = gains.gains([FEW, MANY, SOME], "speaker")
    assert [(point.corpus, point.look, point.model, point.gain) for point in chart.points] == [
        ("Few", 0, "one", 0.2),
        ("Few", 0, "two", -0.05),
        ("Many", 1, "one", 0.34),
        ("Some", 2, "one", 0.0),
    ]
    assert [point.recognised for point in chart.points] == [0.5, 1, pytest.approx(0.5), 0]
    middle = (gains.LEFT + gains.RIGHT) / 2
    assert [point.x for point in chart.points] == [middle, gains.RIGHT, middle, gains.LEFT]
    assert [points for _, points in chart.up] == [-10, 0, 10, 20, 30, 40]
    assert (chart.up[0][0], chart.up[-1][0]) == (gains.BOTTOM, gains.TOP)
    assert chart.points[0].y == pytest.approx(gains.BOTTOM - (gains.BOTTOM - gains.TOP) * 0.3 / 0.5)
    assert chart.across[2] == (middle, 50)


def test_a_corpus_is_named_at_the_point_that_adds_most():
    chart = gains.gains([FEW, MANY, SOME], "speaker")
    assert {point.corpus: point.gain for point, _ in chart.names} == {"Few": 0.2, "Many": 0.34, "Some": 0.0}


def test_too_few_corpora_make_no_picture():
    assert gains.gains([FEW, MANY], "speaker") is None
    assert gains.gains([FEW, MANY, SOME], "text") is None
