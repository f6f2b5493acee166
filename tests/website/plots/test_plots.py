"""Figures for papers: what each shows is in its marks, and the same records give the same bytes."""

import made_up
import numpy as np
import pytest

from benchmark.records import homes
from benchmark.website.plots import corpus, difference, material, plots, search, style
from protocols.errors import UnheardError

pytest.importorskip("matplotlib")


@pytest.fixture(scope="module")
def made():
    return [
        r
        for name in ("emodb-loso", "savee-loso")
        for model, skill in (("a", 0.7), ("b", 0.4))
        for r in made_up.seeds(name, model, skill=skill)
    ]


@pytest.fixture
def of(made, tmp_path, monkeypatch):
    def read(*models, protocol="emodb-loso", board=None):
        monkeypatch.setattr(homes, "read", lambda _: homes.one(tmp_path, made))
        with made_up.believed():
            return material.read([tmp_path], board=board, models=models, protocol=protocol)

    return read


def dots(figure, marker):
    """The marks of this kind, as (x, y)."""
    lines = [line for line in figure.axes[0].lines if line.get_marker() == marker]
    return [xy for line in lines for xy in line.get_xydata().tolist()]


def test_a_corpus_has_a_row_a_model_the_best_on_top(of):
    found = of()
    with style.styled():
        figure = corpus.draw(found)
    table = found.table()
    uars = sorted((100 * entry.uar for entry in table.ranked), reverse=True)
    assert [x for x, _ in sorted(dots(figure, "D"), key=lambda xy: -xy[1])] == pytest.approx(uars)
    assert len(dots(figure, "o")) == 2 * 10


def test_a_difference_is_of_the_first_less_the_second_and_hollow_where_they_do_not_rank(of, made):
    made.append(made_up.record("tess-2fold", "a"))
    made.append(made_up.record("tess-2fold", "b", trials=4))
    with style.styled():
        figure = difference.draw(of("a", "b", protocol=""))
    made[-2:] = []
    fills = [line.get_markerfacecolor() for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert sorted(fills) == ["black", "black", "white"]
    assert sum(x > 0 for x, _ in dots(figure, "D")) >= 2


def test_a_search_goes_from_one_trial_to_what_all_of_them_found(of):
    with style.styled():
        figure = search.draw(of("a"))
    [line] = figure.axes[0].lines
    assert line.get_xydata() == pytest.approx(np.array([[1, 45.0], [2, 47.5]]))  # of 0.4 and 0.5


@pytest.mark.slow
@pytest.mark.parametrize("form", style.FORMATS)
def test_the_same_bytes_with_fonts_embedded(of, form):
    first, second = (plots.make("confusion", of("a"), form) for _ in range(2))
    assert first == second
    assert {"pdf": b"/FontFile2", "svg": b"<path", "png": b"\x89PNG"}[form] in first


def test_labels_are_moved_apart_and_keep_their_order():
    moved = style.apart([3.0, 1.0, 1.2], 1.0)
    assert moved == [3.0, 1.0, 2.0]
    assert np.diff(sorted(moved)).min() >= 1


@pytest.mark.parametrize(
    ("name", "models", "protocol", "message"),
    [
        ("corpus", (), "", "which protocol? Name it with --protocol. The board has emodb-loso, savee-loso."),
        ("corpus", (), "no", "no: there is no such protocol here. The board has emodb-loso, savee-loso."),
        ("confusion", ("a", "b"), "emodb-loso", "a, b: this figure is of one model."),
        ("confusion", ("c",), "emodb-loso", "c: not on the derived board. It has a, b."),
        ("difference", ("a",), "", "it is of two models. Name both: --model A B."),
        ("calibration", ("a",), "emodb-loso", "a: its predictions by emodb-loso are not at hand."),
        ("ladder", (), "", "ladder: no results on its rungs. Run --suite leakage."),
        ("cost", (), "emodb-loso", "cost: no ranked model has counted MACs there."),
    ],
)
def test_wrong_requests_say_what_which_and_what_to_do(of, name, models, protocol, message):
    with pytest.raises(UnheardError) as error:
        plots.make(name, of(*models, protocol=protocol), "png")
    assert message in str(error.value)
