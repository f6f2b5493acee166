"""What knowing the voice is worth: the page, and what leads to it."""

import made_up
import pytest
from reading import Elements

from benchmark.ranking import catalogue
from benchmark.website import build
from benchmark.website.pages import enrolment

SKILL = {"5": 0.5, "10": 0.6, "all": 0.9}


@pytest.fixture(scope="module")
def records():
    """A model without clips of the speaker and with some, one with some alone, a transductive one."""
    given = [
        record
        for k, skill in SKILL.items()
        for record in made_up.seeds(
            "emodb-loso", f"good@{k}", skill=skill, enrolment=k, title=f"Good, {k} clips"
        )
    ]
    return [
        *made_up.seeds("emodb-loso", "good", skill=0.3),
        *given,
        made_up.record("emodb-loso", "lone@20", enrolment="20"),
        made_up.record("emodb-loso", "crowd", transductive=True),
        made_up.record("savee-loso", "good"),
    ]


@pytest.fixture(scope="module")
def site(records, tmp_path_factory):
    return build.build(records, tmp_path_factory.mktemp("enrolment") / "out", known=catalogue.read()).parent


def test_a_model_stands_beside_itself_without_clips_of_the_speaker(records):
    table = made_up.table([record for record in records if record.protocol.name == "emodb-loso"])
    first, second = enrolment.worths(table)
    assert (first.model, sorted(first.given), second.model, second.alone) == (
        "good",
        ["10", "5", "all"],
        "lone",
        None,
    )
    uars = [sum(map(made_up.uar, records[at : at + 3])) / 3 for at in (0, 9)]
    assert first.alone.uar == pytest.approx(uars[0])
    assert first.gain("all") == pytest.approx(uars[1] - uars[0])
    assert (first.gain("20"), second.gain("20")) == (None, None)


def test_the_page_shows_the_gain_and_says_what_flatters_it(site, records):
    page = Elements(site / "derived/enrolment.html")
    gain = enrolment.worths(made_up.table(records[:12]))[0].gain("10")
    assert "Model The clip alone K = 5 K = 10 K = 20 All others good " in page.text
    assert f"+{100 * gain:.1f}" in page.text
    assert "Actors speak every emotion about equally often" in page.text
    assert "Transductive, so that an answer uses several test clips: crowd " in page.text
    assert "1 of 3 seeds" in page.text
    assert "SAVEE" not in page.text  # where no model is given any
    links = [a["href"] for tag, a in page.tags if tag == "a"]
    assert "../derived/model/good@all.html" in links


def test_the_overview_and_the_protocol_lead_there_and_list_none_of_these_models(site):
    for name in ("index", "protocol/emodb-loso"):
        page = Elements(site / f"derived/{name}.html")
        assert "what knowing the voice is worth" in page.text
        assert "Good, 5 clips" not in page.text
        assert "Crowd" not in page.text
    assert "what knowing the voice is worth" not in Elements(site / "derived/protocol/savee-loso.html").text
    own = Elements(site / "derived/model/good@5.html").text
    assert "Track enrolment" in own
    assert "not ranked: it is given 5 clips of the speaker" in own


def test_without_such_models_there_is_no_page(tmp_path):
    out = build.build([made_up.record("savee-loso")], tmp_path / "out", known=catalogue.read()).parent
    assert not (out / "derived/enrolment.html").exists()
    assert "what knowing the voice is worth" not in Elements(out / "index.html").text
