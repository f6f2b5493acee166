"""One list of columns feeds the page, CSV and LaTeX."""

import csv

import made_up
import pytest
from reading import Elements

from benchmark.ranking import leaderboard
from benchmark.website import build, columns, exports, rows
from benchmark.website.columns import Column
from benchmark.website.filters import percent


@pytest.fixture(scope="module")
def made():
    return [*made_up.seeds("emodb-loso", "good", skill=0.9), *made_up.seeds("emodb-loso", "bad", n=1)]


@pytest.fixture(scope="module")
def board(made, known):
    return leaderboard.build(made, protocols=known.protocols, corpora=known.corpora)["derived"]


def header(page):
    """The headings of a page's first table of results."""
    return page.partition("<thead>")[2].partition("</thead>")[0]


def test_headers_for_programs_stay(board):
    of_overview = columns.csv_lines(columns.overview(board), [])[0]
    assert of_overview == [
        "model", "track", "overall", "mean_rank", "place_first", "place_last", "emodb-loso",
    ]  # fmt: skip
    of_protocol = columns.csv_lines(columns.protocol(board.tables["emodb-loso"]), [])[0]
    assert of_protocol == [
        "model", "track", "place_first", "place_last", "uar", "low", "high", "accuracy", "macro_f1",
        "fold_mean", "fold_std", "p", "parameters", "macs", "front_end_macs", "counted_by", "weights_bytes",
        "latency_ms", "latency_ratio", "seeds", "notes", "unranked", "optimism",
    ]  # fmt: skip


def test_headers_for_people_stay(board):
    table = board.tables["emodb-loso"]
    on_page = [column.title for column in columns.on_page(columns.overview(board))]
    assert on_page == [
        "Place", "Overall", "Mean rank", "EMO-DB", "MACs", "Parameters", "Latency", "Seeds",
    ]  # fmt: skip
    assert columns.latex_lines(columns.overview(board), [])[0] == [
        "Model", "Overall", "EMO-DB", "MACs", "Parameters",
    ]  # fmt: skip
    assert columns.latex_lines(columns.protocol(table), [])[0] == [
        "Model", "Place", "UAR", "Interval", "Accuracy (WA)", "Macro-F1",
    ]  # fmt: skip
    everywhere = {column.title for column in columns.on_page(columns.protocol(table))}
    without = {column.title for column in columns.on_page(columns.protocol(table), places=False)}
    assert everywhere - without == {"Place", "p against the best"}


def test_programs_get_numbers_and_people_words(board):
    table = board.tables["emodb-loso"]
    [place] = [c for c in columns.protocol(table) if c.title == "Place"]
    [folds] = [c for c in columns.protocol(table) if c.title == "Folds"]
    good = table.entries[0]
    assert (place.shown(good), place.order(good), place.fields(good)) == ("1", 1, [1, 1])
    assert folds.fields(good) == [f"{good.fold_mean:.6f}", f"{good.fold_std:.6f}"]
    assert folds.shown(good) == f"{percent(good.fold_mean)} ± {percent(good.fold_std)}"
    [optimism] = [c for c in columns.protocol(table) if c.title == "Optimism"]
    assert optimism.shown(good) == f"{100 * (0.5 - good.uar):+.1f}".replace("-", "−")
    [line] = [c for c in columns.protocol(table) if c.csv == ("optimism",)]
    assert line.fields(good) == [f"{0.5 - good.uar:.6f}"]
    [seeds] = [c for c in columns.protocol(table) if c.title == "Seeds"]
    assert [seeds.detail(entry) for entry in table.entries] == ["winners refitted", ""]
    empty = Column(title="Nothing", value=lambda _: None, csv=("a", "b"))
    assert (empty.shown(good), empty.order(good), empty.fields(good)) == ("–", None, [None, None])


def test_an_entry_more_is_a_column_more_everywhere(made, board, known, tmp_path, monkeypatch):
    def macro_f1(row):
        return row.entries["emodb-loso"].macro_f1

    more = Column(title="Macro-F1", value=macro_f1, text=percent, csv=("macro_f1",), latex=True)
    before = columns.overview
    monkeypatch.setattr(columns, "overview", lambda board: [*before(board), more])
    out = build.build(made, tmp_path / "out", known=known).parent
    assert "Macro-F1" in header((out / "index.html").read_text())
    listed = [row for group in rows.rows(board).values() for row in group]
    expected = {row.model.name: macro_f1(row) for row in listed}
    with (out / "data/derived/overview.csv").open(newline="") as file:
        found = {line["model"]: float(line["macro_f1"]) for line in csv.DictReader(file)}
    assert found == pytest.approx(expected, abs=1e-6)
    latex = (out / "data/derived/overview.tex").read_text()
    assert all(percent(f1) in latex for f1 in expected.values())
    text = Elements(out / "index.html").text
    assert all(percent(f1) in text for f1 in expected.values())


def test_latex_escapes_names(board):
    [(_, tex)] = [(n, d) for n, d in exports.tables({"derived": board}) if n == "derived/emodb-loso.tex"]
    assert rb"Accuracy (WA) & Macro-F1 \\" in tex
    assert b"{EMO-DB, emodb-loso: percent on unheard speakers.}" in tex
