"""The board counts the states of its records, and calls none of them an approval."""

import honest
import pytest
from reading import Elements

from benchmark.website import site


@pytest.fixture(scope="module")
def states(tmp_path_factory):
    """The site of four records: one verified, one recomputed, one of another engine, one that is doctored."""
    root = tmp_path_factory.mktemp("states")
    paths = [honest.write(root / "results", model=f"model-{letter}") for letter in "abcd"]
    honest.verify(paths[0])
    honest.change(paths[2], "key", "training", 0)
    honest.change(paths[3], "scores", "uar", 0.99)
    return site.build_site(root / "results", root / "out").parent


def test_the_board_counts_its_records_by_state(states):
    for page in ("index.html", "derived/index.html"):
        text = Elements(states / page).text.replace(" ,", ",").replace(" .", ".")
        assert "Records of this board: 1 verified, 1 recomputed, 1 stale, 1 invalid." in text
        assert "None of these words is an approval" in text


def test_a_models_page_gives_each_records_state(states):
    for letter, state in zip("abcd", ("verified", "recomputed", "stale", "invalid"), strict=True):
        page = Elements(states / "derived" / "model" / f"model-{letter}.html")
        assert f"SAVEE 0 {state} record , predictions derived, 480 clips" in page.text
        assert "c 0.1 to 10, log scale" in page.text  # its space, as a record of the engine's has it


def test_the_methods_say_what_is_not_checked(states):
    text = Elements(states / "methods.html").text
    assert "whoever improves them and computes everything else from them leaves no trace" in text
