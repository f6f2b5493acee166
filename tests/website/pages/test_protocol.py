"""A protocol's page, and those of protocols that are more than speakers of one corpus."""

import csv
import json
import re
from dataclasses import replace

import made_up
import msgspec
import pytest
from reading import Elements

from benchmark.website import build
from protocols.folds import Fold
from protocols.selection import Selection

LEAK = "the speakers of the test are in training too"


def moved(record, name):
    """The record under another protocol."""
    return msgspec.structs.replace(record, protocol=msgspec.structs.replace(record.protocol, name=name))


def with_protocols(known, *more):
    return replace(known, protocols={**known.protocols, **{protocol.name: protocol for protocol in more}})


def page(built, path):
    return Elements(built / "derived" / f"{path}.html")


def test_the_page_shows_folds_audit_and_what_is_hardest(built):
    savee = page(built, "protocol/savee-loso")
    assert "text predicts label : The words alone give much of the emotion away" in savee.text
    assert "77.1 % UAR" in savee.text
    assert "none: no speaker and no audio is in two parts" in savee.text
    assert "Mean over the one ranked model that is better than chance" in savee.text
    assert "KL male" in savee.text
    assert re.search(r"\w+ taken for \w+ \d+ %", savee.text)
    tess = page(built, "protocol/tess-2fold").text
    assert "160 sentences" in tess
    assert "one training speaker" in tess
    assert "with one inner fold less of it is removed, and where that fold has the training" in tess
    assert "Optimism is the UAR on the inner folds" in savee.text
    assert "less of it is removed" not in savee.text
    assert "Picture of the folds" not in page(built, "protocol/toy").text


def test_people_stand_beside_chance_and_the_best_model(known, tmp_path):
    out = build.build(made_up.seeds("ravdess-6fold", skill=0.5), tmp_path / "out", known=known).parent
    text = page(out, "protocol/ravdess-6fold").text
    assert "Beside people Chance 12.5 % UAR Best model here" in text
    assert "People 62.4 % accuracy (Livingstone" in text


def test_a_record_that_names_another_corpus_does_not_rename_its_protocols_page(known, tmp_path):
    made = made_up.record("emodb-loso")
    odd = msgspec.structs.replace(made, corpora=[msgspec.structs.replace(made.corpora[0], name="savee")])
    out = build.build([odd], tmp_path / "out", known=known).parent
    text = page(out, "protocol/emodb-loso").text
    assert text.startswith("EMO-DB: ")
    assert "Audit of the folds" in text


@pytest.fixture(scope="module")
def leaky(known, tmp_path_factory):
    """A site with results of SAVEE's protocol, and of one over the same corpus that leaks by design."""
    own = known.protocols["savee-loso"]
    clips = [row.clip for row in known.corpora["savee"].manifest]
    thirds = [tuple(clips[start::3]) for start in range(3)]
    folds = tuple(
        Fold(test=Selection(clips=thirds[i]), validation=(Selection(clips=thirds[i - 1]),)) for i in range(3)
    )
    random = replace(
        own, name="savee-random", leaks=LEAK, ranks=False, overall=False, apart=("clip",),
        validation_apart=("clip",), folds=folds, rule="Three random folds",
    )  # fmt: skip
    made = [
        *made_up.seeds("savee-loso", "good", skill=0.5),
        *(moved(record, random.name) for record in made_up.seeds("savee-loso", "good", skill=0.9)),
        moved(made_up.record("savee-loso", "stranger", skill=0.2), random.name),
    ]
    out = tmp_path_factory.mktemp("leaky") / "out"
    return build.build(made, out, known=with_protocols(known, random)).parent


def test_a_leak_by_design_is_described_and_nothing_has_a_place(leaky):
    page = Elements(leaky / "derived/protocol/savee-random.html")
    assert f"This protocol leaks by design: {LEAK}. Its results never rank" in page.text
    assert "Ranks no: it leaks by design" in page.text
    assert "Kept apart from test: clip; inner validation from its training: clip" in page.text
    assert "p against the best" not in page.text
    assert "smallest p" not in page.text
    assert "good" in page.text
    assert "Picture of the folds" not in page.text  # no fold tests whole speakers
    assert "clips DC_a01" in page.text  # the table names what is tested
    with (leaky / "data/derived/savee-random.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert {line["place_first"] for line in lines} == {""}
    assert {line["unranked"] for line in lines} == {f"the protocol leaks by design: {LEAK}"}


def test_a_leak_by_design_is_neither_in_the_overview_nor_in_the_chart(leaky):
    overview = Elements(leaky / "index.html")
    assert "Protocols that do not rank are not in this table: savee-random (leaks by design)" in overview.text
    rows = [a["data-model"] for tag, a in overview.tags if tag == "tr" and "data-model" in a]
    assert rows == ["good"]  # a stranger has no results that rank
    assert not [a for tag, a in overview.tags if tag == "option" and a.get("value") == "savee-random"]
    header = (leaky / "data/derived/overview.csv").read_text().splitlines()[0]
    assert header.endswith("place_last,savee-loso")
    table = json.loads((leaky / "data/derived/overview.json").read_text())["tables"]["savee-random"]
    assert table["entries"][0]["unranked"] == [{"kind": "leaks", "here": LEAK, "needed": None}]


def test_a_protocol_may_not_rank_without_a_leak(known, tmp_path):
    own = known.protocols["savee-loso"]
    other = replace(own, name="savee-small", ranks=False, overall=False)
    made = [moved(made_up.record("savee-loso"), other.name)]
    out = build.build(made, tmp_path / "out", known=with_protocols(known, other)).parent
    page = Elements(out / "derived/protocol/savee-small.html").text
    assert "This protocol does not rank: its results have no places" in page
    assert "leaks by design" not in page
    assert "not ranked: the protocol does not rank" in Elements(out / "derived/model/logreg.html").text


def test_models_name_the_leak_and_have_no_place_there(leaky):
    text = Elements(leaky / "derived/model/good.html").text
    assert "savee-random leaks by design" in text
    assert f"Why: {LEAK}." in text
    assert (leaky / "derived/model/stranger.html").is_file()


def test_a_board_of_leaks_alone_has_an_overview_too(known, tmp_path):
    own = known.protocols["savee-loso"]
    random = replace(own, name="savee-random", leaks=LEAK, ranks=False, overall=False)
    made = [moved(made_up.record("savee-loso"), random.name)]
    out = build.build(made, tmp_path / "out", known=with_protocols(known, random)).parent
    assert "Protocols that do not rank" in Elements(out / "index.html").text


def test_a_protocol_over_several_corpora_names_them_all(known, tmp_path):
    own = known.protocols["savee-loso"]
    shared = {"anger": "anger", "sadness": "sadness", "happiness": "happiness"}
    across = replace(
        own, name="savee-to-emodb", corpora=("savee", "emodb"), apart=("corpus",), overall=False,
        validation_apart=("speaker",), labels=shared, rule="Train on SAVEE, test on EMO-DB",
        folds=(Fold(test=Selection(corpora=("emodb",)), validation=(Selection(speakers=("savee/DC",)),)),),
    )  # fmt: skip
    made = moved(made_up.record("toy"), across.name)
    [copy] = made.corpora
    both = [msgspec.structs.replace(copy, name=name, digest=name * 9) for name in across.corpora]
    made = msgspec.structs.replace(made, corpora=both)
    out = build.build([made], tmp_path / "out", known=with_protocols(known, across)).parent
    page = Elements(out / "derived/protocol/savee-to-emodb.html").text
    assert "savee-to-emodb SAVEE: 4 speakers (0 women, 4 men), 480 clips" in page
    assert "EMO-DB Speakers 10" in page
    assert "Corpora SAVEE, EMO-DB" in page
    assert "corpus copy saveesaveesa , emodbemodbem" in page
    assert "0 corpora emodb savee/DC" in page
    assert "In the corpora" in page
    assert "Picture of the folds" not in page
    assert "savee-to-emodb" in Elements(out / "index.html").text


def test_where_nobody_ranks_nothing_is_promised_of_p(known, tmp_path):
    made = made_up.record("savee-loso", pretraining=["SAVEE"])
    out = build.build([made], tmp_path / "out", known=known).parent
    text = page(out, "protocol/savee-loso").text
    assert "No record ranks here yet." in text
    assert "its pretraining includes SAVEE" in text
    assert "smallest p" not in text


def test_rows_that_are_altered_copies_and_a_search_that_there_is_not(known, tmp_path):
    made = [moved(made_up.record("savee-loso"), "savee-as-published")]
    text = page(build.build(made, tmp_path / "out", known=known).parent, "protocol/savee-as-published").text
    assert "Kept apart from test: clip Rows of each clip 4: the clip, and 3 altered copies" in text
    assert "Search none: every model runs in its own setting, for all epochs of its recipe" in text
    assert "inner validation from its training" not in text
    assert "1920" in text  # clips, in the audit and by emotion
