"""The ladder's page, and what leads to it."""

import made_up
import pytest
from reading import Elements

from benchmark.website import build


@pytest.fixture(scope="module")
def site(known, tmp_path_factory):
    skills = {
        "savee-as-published": 0.9,
        "savee-random-clips": 0.6,
        "savee-loso": 0.4,
        "savee-which-speaker": 0.8,
    }
    records = [made_up.record(name, "climber", skill=skill) for name, skill in skills.items()]
    others = [made_up.record("emodb-loso", "climber"), made_up.record("toy", board="synthetic")]
    return build.build([*records, *others], tmp_path_factory.mktemp("ladder") / "out", known=known).parent


def links(page):
    return [a.get("href", "") for tag, a in Elements(page).tags if tag == "a"]


def test_the_page_has_what_each_rung_tests_and_what_the_models_give(site):
    page = Elements(site / "derived/ladder.html")
    assert "Without a run: RAVDESS, CREMA-D, TESS, EMO-DB, EMOVO." in page.text
    assert "as published rows, 4 a clip 1 1536 384 100.0 100.0 0.0 100.0" in page.text
    assert "random clips 4 360 120 100.0 99.2 0.0 0.0" in page.text
    assert "unseen texts not run here 4 360 120 100.0 0.0 0.0 0.0" in page.text
    chart, gains = (a["aria-label"] for tag, a in page.tags if tag == "svg")
    random, unseen = chart.split()[-2:]
    _, rungs, learnt = page.text.split("1. Climber")
    assert rungs.split("What the models")[0].split().count("–") == 3  # two rungs and the control
    adds, whose = learnt.split()[:2]
    assert float(adds) == pytest.approx(float(random) - float(unseen), abs=0.11)  # of rounded numbers
    assert "Which speaker? UAR, chance 25.0 A known text adds" in rungs
    assert float(whose) > 50
    assert f"SAVEE, climber: {adds} at " in gains
    assert float(gains.split()[-2]) == pytest.approx(100 * (float(whose) - 25) / 75, abs=0.6)  # rounded
    text = Elements(site / "derived/protocol/savee-which-speaker.html").text
    assert "Clips of each speaker Speaker In the corpus Tested here DC 120 " in text
    assert "Published elsewhere" not in text


def test_the_board_its_rungs_and_the_claims_lead_there_and_no_other_page(site):
    assert not (site / "synthetic/ladder.html").exists()
    for path, target in {
        "derived/index": "derived/ladder.html",
        "derived/published": "derived/ladder.html",
        "derived/protocol/savee-loso": "derived/ladder.html#savee",
        "derived/protocol/savee-random-clips": "derived/ladder.html#savee",
    }.items():
        assert any(link.endswith(target) for link in links(site / f"{path}.html")), path
    for path in ("derived/protocol/emodb-loso", "synthetic/index", "synthetic/protocol/toy"):
        assert not any("ladder" in link for link in links(site / f"{path}.html")), path
