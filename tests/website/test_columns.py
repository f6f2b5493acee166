"""One list of columns feeds the page, CSV and LaTeX."""

import csv

import made_up
import numpy as np
import pytest
from reading import Elements

from benchmark.ranking import leaderboard
from benchmark.website import build, columns, exports, rows
from benchmark.website.columns import Column
from benchmark.website.filters import p_value, percent


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
        "Place", "Overall", "MACs", "Latency", "Weights", "Training", "EMO-DB", "Mean rank", "Tuned",
        "Verified",
    ]  # fmt: skip
    assert columns.latex_lines(columns.overview(board), {})[0] == [
        "Model", "Overall", "EMO-DB", "MACs", "Parameters",
    ]  # fmt: skip
    assert columns.latex_lines(columns.protocol(table), {})[0] == [
        "Model", "Place", "UAR", "p against the best", "Interval", "Accuracy (WA)", "Macro-F1",
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


def uneven(skill, seed):
    """Confusion matrices of EMO-DB's speakers, who have more clips of some classes than of others."""
    rng = np.random.default_rng(seed)
    chances = skill * np.eye(7) + (1 - skill) / 7
    speakers = [speaker for test in made_up.shape("emodb-loso")[3] for speaker in test]
    return {speaker: rng.multinomial(range(2, 9), chances).tolist() for speaker in speakers}


@pytest.fixture(scope="module")
def three(known):
    """Two models whose places are ranges, and one that does not rank: the board, and its tables by name."""
    made = [
        *(made_up.record("emodb-loso", "a", seed=seed, speakers=uneven(0.5, seed)) for seed in range(3)),
        *(made_up.record("emodb-loso", "b", seed=seed, speakers=uneven(0.5, seed + 3)) for seed in range(3)),
        made_up.record("emodb-loso", "hurried", speakers=uneven(0.95, 9), trials=1),
        *made_up.seeds("savee-loso", "a"),
        *made_up.seeds("savee-loso", "b"),
        *made_up.seeds("savee-loso", "hurried"),
    ]
    board = leaderboard.build(made, protocols=known.protocols, corpora=known.corpora)["derived"]
    return board, dict(exports.tables({"derived": board}))


def test_csv_has_each_number_below_its_own_header(three):
    board, files = three
    entries = {entry.model: entry for entry in board.tables["emodb-loso"].entries}
    lines = list(csv.DictReader(files["derived/emodb-loso.csv"].decode().splitlines()))
    assert {line["model"] for line in lines} == set(entries)
    for line in lines:
        entry = entries[line["model"]]
        for name in ("uar", "accuracy", "macro_f1", "fold_mean", "fold_std"):
            assert float(line[name]) == pytest.approx(getattr(entry, name), abs=1e-6)
        assert (float(line["low"]), float(line["high"])) == pytest.approx(entry.interval, abs=1e-6)
        assert float(line["low"]) < float(line["uar"]) < float(line["high"])
        place = (line["place_first"], line["place_last"])
        assert place == (tuple(map(str, entry.place)) if entry.place else ("", ""))
    assert entries["a"].place == (1, 2)


def test_the_overview_in_csv_has_first_and_last_places_and_no_score_that_does_not_rank(three):
    board, files = three
    lines = {
        line["model"]: line for line in csv.DictReader(files["derived/overview.csv"].decode().splitlines())
    }
    assert (lines["a"]["place_first"], lines["a"]["place_last"]) == ("1", "2")
    [a] = [standing for standing in board.overall.standings if standing.model == "a"]
    assert float(lines["a"]["overall"]) == pytest.approx(a.uar, abs=1e-6)
    assert lines["hurried"]["emodb-loso"] == ""
    assert lines["hurried"]["savee-loso"] != ""


def cells(tex, name):
    [line] = [line for line in tex.decode().splitlines() if line.lower().startswith(name)]
    return line.removesuffix(r" \\").split(" & ")


def test_latex_has_each_score_below_its_own_header_and_none_that_does_not_rank(three):
    board, files = three
    [a] = [entry for entry in board.tables["emodb-loso"].entries if entry.model == "a"]
    assert len({percent(a.uar), percent(a.accuracy), percent(a.macro_f1)}) == 3
    low, high = map(percent, a.interval)
    assert cells(files["derived/emodb-loso.tex"], a.model) == [
        a.model, "1--2", percent(a.uar), p_value(a.p).replace("–", "--"), f"[{low}, {high}]",
        percent(a.accuracy), percent(a.macro_f1),
    ]  # fmt: skip
    assert b"hurried" not in files["derived/emodb-loso.tex"].lower()
    [hurried] = [e for e in board.tables["savee-loso"].entries if e.model == "hurried"]
    [unranked] = [e for e in board.tables["emodb-loso"].entries if e.model == "hurried"]
    assert cells(files["derived/overview.tex"], "hurried")[2:4] == ["--", percent(hurried.uar)]
    assert percent(unranked.uar).encode() not in files["derived/overview.tex"]


def test_latex_has_the_tracks_headings_and_no_row_or_column_of_dashes(known):
    made = [
        *made_up.seeds("emodb-loso", "a"),
        *made_up.seeds("emodb-loso", "big", skill=0.7, pretraining=["Everything"]),
        made_up.record("emodb-loso", "hurried", trials=1),
    ]
    board = leaderboard.build(made, protocols=known.protocols, corpora=known.corpora)["derived"]
    files = {name: data.decode() for name, data in exports.tables({"derived": board})}
    overview, emodb = files["derived/overview.tex"], files["derived/emodb-loso.tex"]
    for tex in (overview, emodb):
        headings = [line for line in tex.splitlines() if "multicolumn" in line]
        assert ["From scratch" in headings[0], "Pretrained" in headings[1]] == [True, True]
        assert "urried" not in tex
    assert "Overall" not in overview  # which nobody has of one corpus
