"""Robustness: the page, the columns, and what leads to the page."""

import made_up
import pytest
from reading import Elements

from benchmark.ranking import catalogue, leaderboard
from benchmark.records.robustness import CLEAN, SCHEMA, Made, Robustness, Scores
from benchmark.website import build, columns
from benchmark.website.pages import robustness
from benchmark.website.pages.site_map import Sources, pages

UARS = {"noise-0": 0.2, "telephone": 0.15, "half-level": 0.6}


def asked(record):
    """Robustness of the model "good" alone, which is worst over a telephone."""
    if record.model.name != "good" or record.seed:
        return None
    scores = {name: Scores(uar=uar, confidence=0.93, ece=0.7) for name, uar in UARS.items()}
    return Robustness(
        schema=SCHEMA,
        key="",
        clean="",
        largest=0.0,
        table="d" * 64,
        conditions=[{"name": name} for name in UARS],
        lacking={"opus-16": "no codec"},
        scores={CLEAN: Scores(uar=0.61, confidence=0.8, ece=0.05), **scores},
        predictions="",
        environment=record.environment,
        run=Made(finished="2030-01-01T00:00:00Z", seconds=1.0, unheard="0.1.0"),
    )


@pytest.fixture(scope="module")
def records():
    return [*made_up.seeds("emodb-loso", "good", skill=0.9), *made_up.seeds("emodb-loso", "bad")]


@pytest.fixture(scope="module")
def board(records):
    known = catalogue.read()
    return leaderboard.build(records, protocols=known.protocols, corpora=known.corpora, robustness_of=asked)[
        "derived"
    ]


def test_the_worst_condition_stands_beside_the_score(board):
    table = board.tables["emodb-loso"]
    [column] = [each for each in columns.protocol(table) if each.title == "Worst condition"]
    good, bad = sorted(table.entries, key=lambda entry: -entry.uar)
    assert (column.shown(good), column.detail(good), column.fields(good)) == (
        "15.0",
        "Telephone band",
        ["0.150000"],
    )
    assert (column.shown(bad), column.detail(bad)) == ("–", "")
    assert {entry.place for entry in table.entries} == {(1, 1), (2, 2)}  # no place follows from it


def test_without_anybody_who_was_asked_there_is_no_column(records):
    table = made_up.table(records)
    assert "Worst condition" not in [column.title for column in columns.protocol(table)]
    assert robustness.context(leaderboard.build(records, protocols={}, corpora={})["derived"]) == {}


def test_loss_is_against_the_same_models_on_the_clips_as_they_are(board):
    [one] = robustness.asked(board.tables["emodb-loso"])
    assert one.loss("telephone") == pytest.approx(0.15 - 0.61)
    assert one.loss("opus-16") is None


def test_the_page_shows_uar_and_calibration(board, records, tmp_path):
    sources = Sources(records=records, known=catalogue.read(), predictions_of=lambda _: None)
    [page] = [page for page in pages({"derived": board}, sources) if page.template == "robustness.html"]
    path = tmp_path / "page.html"
    path.write_text(
        build._templates({}).get_template(page.template).render(root="../", mark="", **page.context)
    )
    text = Elements(path).text
    assert "Model Worst Clean Noise, 0 dB Telephone band Half the level good 15.0 Telephone band 61.0" in text
    assert "15.0 −46.0" in text
    assert "93.0 ECE 70.0" in text
    assert "Bad" not in text
