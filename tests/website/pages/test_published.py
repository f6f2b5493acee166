"""Published and measured: the page, and what leads to it."""

from dataclasses import replace

import made_up
import msgspec
import pytest
from reading import Elements

from benchmark.ranking import catalogue
from benchmark.website import build

LEAK = "the speakers of the test are in training too"


def by(records, protocol):
    """The records under another protocol."""
    facts = msgspec.structs.replace(records[0].protocol, name=protocol)
    return [msgspec.structs.replace(record, protocol=facts) for record in records]


@pytest.fixture(scope="module")
def records():
    """The attention CNN on EMO-DB, unheard and with leaks; a model that nobody has published."""
    name = "attention-cnn-published"
    return [
        *made_up.seeds("emodb-loso", name, skill=0.5),
        *by(made_up.seeds("emodb-loso", name, skill=0.98), "emodb-as-published"),
        made_up.record("emodb-loso", "stranger"),
        made_up.record("toy", name, board="synthetic"),
    ]


@pytest.fixture(scope="module")
def site(known, records, tmp_path_factory):
    leaky = replace(
        known.protocols["emodb-loso"], name="emodb-as-published", leaks=LEAK, ranks=False, overall=False
    )
    known = replace(known, protocols={**known.protocols, leaky.name: leaky})
    return build.build(records, tmp_path_factory.mktemp("published") / "out", known=known).parent


def mean(records):
    return f"{100 * sum(map(made_up.uar, records)) / len(records):.0f}"


def test_the_page_sets_each_claim_beside_our_runs(site):
    page = Elements(site / "derived/published.html")
    ours = Elements(site / "derived/model/attention-cnn-published.html").text
    assert "attention 1D-CNN 2025, arXiv:2507.03251 99.53 accuracy" in page.text
    assert f"emodb-as-published By design: {LEAK}." in page.text
    same = ours.split("emodb-as-published leaks by design")[1].split("14.3")[1].split()[1]  # its accuracy
    assert f"no Attention Cnn Published {same} [" in page.text
    run, bare = page.text.split("With a run here")[1].split("Not run here")
    assert run.count("2025, arXiv:2507.03251") == 1
    assert "attention 1D-CNN 2025, arXiv:2507.03251 99.23 accuracy" in bare  # on another corpus
    assert bare.index("97.49") > bare.index("SAVEE") > bare.index("CREMA-D")
    links = [a["href"] for tag, a in page.tags if tag == "a"]
    assert links.count("../derived/protocol/emodb-as-published.html") >= 2
    assert "DCRF-BiLSTM 2025, arXiv:2507.07046 100.0 accuracy not known" in page.text  # without a run


def test_a_claim_leads_to_its_source_and_the_page_to_all_claims(site):
    links = [a.get("href") for tag, a in Elements(site / "derived/published.html").tags if tag == "a"]
    assert "https://arxiv.org/abs/2507.03251" in links
    assert "https://doi.org/10.1371/journal.pone.0196391" in links
    assert "../data/published.csv" in links
    assert (site / "data/published.csv").read_bytes() == catalogue.PUBLISHED.read_bytes()


def test_what_the_field_reports_stands_first_and_inferred_is_defined_before_it_stands(site):
    text = Elements(site / "derived/published.html").text
    first = text.split("With a run here")[0]
    assert "EMO-DB 89.2–99.5 8 results 88.7–100.0 2 results – " in first
    assert first.index("Inferred stands in 7 rows") < text.index("(inferred)")


def test_columns_without_a_run_are_left_out(known, tmp_path):
    record = made_up.record("emodb-loso", "attention-cnn-published")
    out = build.build([record], tmp_path / "out", known=known).parent
    page = Elements(out / "derived/published.html")
    assert "Run here Here, unheard % EMO-DB attention 1D-CNN" in page.text
    assert "same protocol" not in page.text.split("Not run here")[0].split("Run here")[1]
    assert "four rows a clip stand for the 256" not in page.text  # which is about other corpora's runs


def test_one_chart_draws_the_corpus_that_was_run(site):
    page = Elements(site / "derived/published.html")
    [chart] = [a for tag, a in page.tags if tag == "svg"]
    assert chart["aria-label"].startswith(
        "EMO-DB, percent, published and then here: attention 1D-CNN 99.53, same protocol 9"
    )
    assert chart["role"] == "img"
    assert len([tag for tag, a in page.tags if tag == "g" and a["class"] == "slope no"]) == 1


def test_the_models_page_says_in_one_line_what_leaks_give(site, records):
    text = Elements(site / "derived/model/attention-cnn-published.html").text
    leaky, unheard = mean(records[3:6]), mean(records[:3])
    assert f"unheard, UAR: EMO-DB emodb-as-published {leaky}, unheard {unheard}. Why: {LEAK}." in text
    assert "Why: " not in Elements(site / "derived/model/stranger.html").text


def test_pages_lead_there_but_those_of_synthetic_speech(site):
    assert not (site / "synthetic/published.html").exists()
    for path, there in {"index": True, "methods": True, "derived/protocol/emodb-loso": True,
                        "synthetic/index": False, "synthetic/protocol/toy": False}.items():  # fmt: skip
        links = [a.get("href", "") for tag, a in Elements(site / f"{path}.html").tags if tag == "a"]
        assert any(link.endswith("derived/published.html") for link in links) == there, path


def test_without_such_a_run_the_claims_stand_alone(known, tmp_path):
    out = build.build([made_up.record("savee-loso")], tmp_path / "out", known=known).parent
    page = Elements(out / "derived/published.html")
    assert "None of these models has a record on this board yet." in page.text
    assert "TIM-Net 2023, arXiv:2211.08233 95.17 UAR" in page.text
    assert "What leaks" not in page.text
    assert "svg" not in [tag for tag, _ in page.tags]
