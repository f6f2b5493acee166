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


def test_a_point_is_a_model_on_a_corpus_that_has_both_numbers():
    few = ladder("Few", 0.5, {"one": (0.75, 0.2), "two": (1.0, -0.05), "none": (0.8, None)})
    many = ladder("Many", 0.1, {"one": (0.55, 0.34), "none": (None, 0.1)})
    chart = gains.gains([few, many], "speaker")
    assert [(point.corpus, point.model, point.gain) for point in chart.points] == [
        ("Few", "one", 0.2),
        ("Few", "two", -0.05),
        ("Many", "one", 0.34),
    ]
    assert [point.recognised for point in chart.points] == [0.5, 1, pytest.approx(0.5)]
    assert [point.x for point in chart.points] == [176, gains.RIGHT, 176]  # the middle
    assert [gain for _, gain in chart.ticks] == [-0.1, 0, 0.4]
    assert [y for y, _ in chart.ticks][::2] == [gains.BOTTOM, gains.TOP]
    assert chart.points[0].y == pytest.approx(gains.BOTTOM - 180 * 0.3 / 0.5)
    assert chart.corpora == ("Few", "Many")
    assert gains.gains([few, many], "text") is None
