"""A model's page shows its variants beside it; no other page counts them."""

import made_up
import pytest
from reading import Elements

from benchmark.ranking import catalogue, leaderboard
from benchmark.website import build
from benchmark.website.pages import variants


@pytest.fixture(scope="module")
def records():
    """A model and two variants, one by one protocol alone, and of each variant one that is no match."""
    changed = {"skill": 0.9, "title": "Whole, no part"}
    return [
        *made_up.seeds("emodb-loso", "whole", skill=0.3),
        *made_up.seeds("emodb-loso", "whole~no-part", **changed),
        made_up.record("emodb-loso", "whole~fewer-trials", trials=1),
        made_up.record("emodb-loso", "whole~older-code", source="1" * 64),
        made_up.record("savee-loso", "whole"),
        made_up.record("savee-loso", "whole~no-part", **changed),
        made_up.record("savee-loso", "whole~small"),
        made_up.record("savee-loso", "whole-other"),
        made_up.record("savee-loso", "alone~small"),
    ]


@pytest.fixture(scope="module")
def site(records, tmp_path_factory):
    return build.build(records, tmp_path_factory.mktemp("variants") / "out", known=catalogue.read()).parent


def test_a_variant_stands_beside_its_model_under_the_same_conditions(records):
    board = leaderboard.build(records, protocols={}, corpora={})["derived"]
    results = [(table, e) for table in board.tables.values() for e in table.entries if e.model == "whole"]
    found = {one.table.protocol: one for one in variants.ablations("whole", results, board)}
    assert {name: sorted(one.variants) for name, one in found.items()} == {
        "emodb-loso": ["whole~no-part"],
        "savee-loso": ["whole~no-part", "whole~small"],
    }
    whole, changed = (sum(map(made_up.uar, records[at : at + 3])) / 3 for at in (0, 3))
    assert found["emodb-loso"].change("whole~no-part") == pytest.approx(changed - whole)
    assert not list(variants.ablations("whole-other", results, board))


def test_the_models_page_shows_the_change_and_leads_to_the_variants(site, records):
    page = Elements(site / "derived/model/whole.html")
    whole, changed = (sum(map(made_up.uar, records[at : at + 3])) / 3 for at in (0, 3))
    assert "Variant EMO-DB SAVEE The model as it is " in page.text
    assert f"no part {100 * changed:.1f} +{100 * (changed - whole):.1f} " in page.text
    assert "fewer trials" not in page.text
    links = [a["href"] for tag, a in page.tags if tag == "a"]
    assert "../../derived/model/whole~no-part.html" in links
    assert "Variants" not in Elements(site / "derived/model/whole-other.html").text


def test_a_variants_page_leads_back_and_says_that_it_does_not_rank(site):
    page = Elements(site / "derived/model/whole~no-part.html")
    assert "Variant of whole : the same model with other fixed parameters. It does not rank." in page.text
    assert "not ranked: a variant of whole" in page.text
    assert "../../derived/model/whole.html" in [a["href"] for tag, a in page.tags if tag == "a"]
    assert "Variant of alone :" in Elements(site / "derived/model/alone~small.html").text


def test_the_overview_has_no_variants_and_the_protocol_says_why_they_have_no_place(site):
    assert "no part" not in Elements(site / "derived/index.html").text
    assert "a variant of whole; 1 trial, not 20" in Elements(site / "derived/protocol/emodb-loso.html").text
