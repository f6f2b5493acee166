"""The pages of pairs of models."""

import re

import made_up
import pytest
from pairs import compared
from reading import HOSTILE, Elements, contents, leads_somewhere

from benchmark.website import build, site
from benchmark.website.pages import compare


@pytest.fixture(scope="module")
def built(results, tmp_path_factory):
    return site.build_site(results, tmp_path_factory.mktemp("site") / "out").parent


def test_small_boards_have_all_pairs():
    names = [f"m{i:02}" for i in range(compare.ALL)]
    assert sorted(compare.pairs(names)) == [(a, b) for a in names for b in names if a < b]


@pytest.mark.parametrize("models", [25, 40])
def test_large_boards_have_neighbours_and_the_best(models):
    order = list(range(models))
    found = compare.pairs(order)
    assert len(found) == len(set(found))
    expected = set()
    for i in order:
        nearest = sorted((j for j in order if j != i), key=lambda j: (abs(i - j), -j if i < 2 else j))
        expected |= {(min(i, j), max(i, j)) for j in [*nearest[:4], 0] if j != i}
    assert set(found) == expected


def test_file_names_tell_pairs_apart():
    pairs = [
        ("a", "b"),
        ("a--b", "c"),
        ("a", "b--c"),
        ("a", "B"),
        ("A", "b"),
        ("x" * 90, "y" * 90),
        ("..", "/"),
    ]
    names = [compare.file_name(*pair) for pair in pairs]
    assert names[0] == "a--b.html"
    assert len(set(names)) == len(pairs)
    assert not [name for name in names if "/" in name or name.startswith(".") or len(name) > 200]


def test_pages_of_all_pairs_are_there_and_every_link_leads_to_a_file(built):
    pages = {page.name for page in (built / "derived/compare").iterdir()}
    assert pages == {"index.html", "good--bad.html", "good--apart.html", "bad--apart.html"}
    for page in built.glob("*/compare/*.html"):
        for _, attributes in Elements(page).tags:
            if target := attributes.get("href"):
                leads_somewhere(page, target)


def test_a_page_tells_scores_clips_and_reasons(built, board):
    text = Elements(built / "derived/compare/good--bad.html").text
    _, on = compared(board[1])
    assert f"{100 * on['savee-loso'].difference.uar:+.1f}" in text
    assert "no difference can be shown" in text
    low, high = (f"{100 * end:+.1f}" for end in on["emodb-loso"].difference.interval)
    assert f"[{low}, {high}]" in text
    assert f" {100 * on['emodb-loso'].difference.detectable:.1f} " in text
    assert re.search(r"Overall score EMO-DB[-\w, ]* \+[\d.]+ \[\+[\d., +]+\] – [< \d.]+ [\d.]+ [\d.]+ ", text)
    assert "whole folds" not in text
    assert "SAVEE 480 " in text
    assert "SAVEE: 40 of " in text
    assert re.search(r"TESS not ranked [+−]?[\d.]+", text)
    assert "TESS bad: reduced budget: 4 trials, not 20." in text
    apart = Elements(built / "derived/compare/bad--apart.html").text
    assert "By no protocol do both rank under the same conditions" in apart
    assert "SAVEE apart: reduced budget: 4 trials, not 20." in apart


def test_the_index_leads_to_each_pair_from_both_sides(built):
    links = [a.get("href") for _, a in Elements(built / "derived/compare/index.html").tags]
    assert links.count("../../derived/compare/good--bad.html") == 2


def test_a_large_board_has_a_list_and_one_model_says_so(known, tmp_path):
    made = [made_up.record("toy", f"m{i:02}", skill=i / 40) for i in range(compare.ALL + 1)]
    made.append(made_up.record("toy", "only", board="synthetic"))
    out = build.build(made, tmp_path / "out", known=known).parent
    page = Elements(out / "derived/compare/index.html")
    assert "its 4 nearest neighbours" in page.text
    for target in (a["href"] for t, a in page.tags if t == "a"):
        leads_somewhere(out / "derived/compare/index.html", target)
    alone = Elements(out / "synthetic/compare/index.html").text
    assert "nothing to compare it with" in alone


def test_hostile_names_are_shown_as_words(known, tmp_path):
    bad = made_up.record("savee-loso", HOSTILE, title=HOSTILE, pretraining=[f"SAVEE, {HOSTILE}"])
    other = made_up.record("savee-loso", '"><b onclick=x>', title="")
    out = build.build([bad, other], tmp_path / "out", known=known).parent
    pages = list((out / "derived/compare").iterdir())
    assert len(pages) == 2
    for page in pages:
        elements = Elements(page)
        assert not [tag for tag, _ in elements.tags if tag in ("script", "style", "b")]
        assert not [a for _, a in elements.tags if "style" in a or any(name.startswith("on") for name in a)]
        assert HOSTILE in elements.text


def test_same_records_same_bytes(built, results, tmp_path):
    again = site.build_site(results, tmp_path / "out").parent
    assert contents(again / "derived/compare") == contents(built / "derived/compare")


def test_a_single_seed_exchanges_whole_folds_and_the_page_says_so(known, tmp_path):
    made = [made_up.record("ravdess-6fold", name) for name in "ab"]
    out = build.build(made, tmp_path / "out", known=known).parent
    text = Elements(out / "derived/compare/a--b.html").text
    assert "by RAVDESS, where one of the models has a single seed, it exchanges whole folds" in text
    assert "Overall score" not in text
    protocol = Elements(out / "derived/protocol/ravdess-6fold.html").text
    assert "With 24 speakers the smallest p that a comparison can reach is 0.0312." in protocol
    assert "Where a model has a single seed its comparisons exchange whole folds" in protocol
