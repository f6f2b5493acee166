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


def test_its_first_sentences_set_a_published_figure_beside_ours_and_say_why(site):
    page = Elements(site / "derived/ladder.html")
    assert "On SAVEE papers report up to 98.95 % weighted accuracy (ViT student, arXiv:2403" in page.text
    scores = [score for a in page.tags if (score := a[1].get("aria-label", "")).startswith("SAVEE, UAR")]
    published, random, unseen = scores[0].split()[-3:]
    assert (
        f"Climber , gives {published} % UAR by that very test, {random} % UAR on random clips and "
        f"{unseen} % UAR on unseen speakers." in page.text
    )
    taken = page.text.split("training had of a test clip: ")[1].split(" points)")[:2]
    assert [words.split(" (")[0] for words in taken] == ["its altered copies", "; then its speaker"]
    falls = [float(words.split("(−")[1]) for words in taken]
    assert sum(falls) == pytest.approx(float(published) - float(unseen), abs=0.11)  # of rounded numbers
    assert ("a", "https://arxiv.org/abs/2403.17327") in [(tag, a.get("href")) for tag, a in page.tags]
    assert "No model of these papers has run here" in page.text


def test_a_paper_s_model_that_was_trained_for_less_is_marked(known, tmp_path):
    climber = [made_up.record(name, "climber") for name in ("savee-as-published", "savee-loso")]
    less = made_up.record("savee-as-published", "attention-cnn-published", epochs=10, numerics="bf16")
    records = [*climber, less]
    page = Elements(build.build(records, tmp_path / "out", known=known).parent / "derived/ladder.html")
    line = page.text.split("The models of papers, trained here: ")[1].split("SAVEE, rung by rung")[0]
    assert line.startswith("attention 1D-CNN on SAVEE: 97.49 % accuracy published, ")
    assert "epochs: 10, not as the recipe says" in line
    assert "trained in bf16" in line


def test_the_page_has_what_each_rung_tests_and_what_the_models_give(site):
    page = Elements(site / "derived/ladder.html")
    assert "Without a run: RAVDESS, CREMA-D, TESS, EMO-DB, EMOVO." in page.text
    assert "as published rows, 4 a clip 1 1536 384 100.0 100.0 0.0 100.0" in page.text
    assert "random clips 4 360 120 100.0 99.2 0.0 0.0" in page.text
    assert "unseen texts not run here 4 360 120 100.0 0.0 0.0 0.0" in page.text
    published, random, unseen = page.text.split("climber: ")[1].split()[:3]
    given, learnt = page.text.split("What the models give")[1].split("What the models really learnt")
    assert "Model as published random clips unseen speakers Climber" in given  # no column without a number
    assert f"Climber climber {published.rstrip(',')} speakers" in given
    assert "Papers other models, accuracy or UAR 97.5–99.0 ViT student and 2 more 77.3–86.3" in given
    assert "A known text adds" not in learnt
    assert "Which speaker? UAR in %, chance 25.0 Climber" in learnt
    adds, whose = learnt.split("chance 25.0 Climber ")[1].split()[:2]
    assert float(adds) == pytest.approx(float(random.rstrip(",")) - float(unseen), abs=0.11)
    assert float(whose) > 50
    assert "Over all corpora" not in page.text  # of a single one
    text = Elements(site / "derived/protocol/savee-which-speaker.html").text
    assert "Clips of each speaker Speaker In the corpus Tested here DC 120 " in text
    assert "Published elsewhere" not in text


def test_the_model_of_a_paper_stands_beside_its_figure(known, tmp_path):
    name = "attention-cnn-published"
    skills = {"savee-as-published": 0.9, "savee-loso": 0.4}
    records = [made_up.record(protocol, name, skill=skill) for protocol, skill in skills.items()]
    out = build.build(records, tmp_path / "out", known=known).parent
    text = Elements(out / "derived/ladder.html").text
    assert "attention 1D-CNN on SAVEE: 97.49 % accuracy published," in text
    assert "(here: four rows a clip stand for the 256)." in text
    assert "No model of these papers" not in text


def test_what_rises_says_where(known, tmp_path):
    skills = {"emodb-random-clips": 0.4, "emodb-unseen-texts": 0.6}
    records = [made_up.record(protocol, "climber", skill=skill) for protocol, skill in skills.items()]
    out = build.build(records, tmp_path / "out", known=known).parent
    text = Elements(out / "derived/ladder.html").text
    assert "points from random clips to unseen texts, where 482 and 482 clips train in a fold; " in text
    assert " of 10 speakers fall." in text


def test_the_board_its_rungs_and_the_claims_lead_there_and_synthetic_speech_does_not(site):
    assert not (site / "synthetic/ladder.html").exists()
    for path, target in {
        "derived/index": "derived/ladder.html",
        "derived/published": "derived/ladder.html",
        "derived/protocol/emodb-loso": "derived/ladder.html",
        "methods": "derived/ladder.html",
        "derived/protocol/savee-loso": "derived/ladder.html#savee",
        "derived/protocol/savee-random-clips": "derived/ladder.html#savee",
    }.items():
        assert any(link.endswith(target) for link in links(site / f"{path}.html")), path
    assert "derived/ladder.html#emodb" not in links(site / "derived/protocol/emodb-loso.html")
    for path in ("synthetic/index", "synthetic/protocol/toy"):
        assert not any("ladder" in link for link in links(site / f"{path}.html")), path
