"""What is known besides records."""

from dataclasses import replace
from typing import get_args

from benchmark.ranking.catalogue import Known
from protocols import registry

SHARED = {"anger": "anger", "sadness": "sadness"}


def test_a_population_has_the_protocol_s_corpora_and_labels(known):
    own = known.population("savee-loso", ["savee"])
    assert [row.clip for row in own.rows] == [row.clip for row in known.corpora["savee"].manifest]
    assert own.labels == known.corpora["savee"].labels
    across = replace(known.protocols["savee-loso"], name="across", corpora=("savee", "emodb"), labels=SHARED)
    more = replace(known, protocols={**known.protocols, "across": across})
    both = more.population("across", ["savee", "emodb"])
    assert both.labels == ("anger", "sadness")
    assert {row.corpus for row in both.rows} == {"savee", "emodb"}


def test_what_is_not_installed_or_belongs_to_another_protocol_has_none(known):
    assert known.population("toy-loso", ["toy"]) is None
    assert known.population("nobody", ["savee", "emodb"]) is None
    other = known.population("emodb-loso", ["savee"])  # a record that names another corpus
    assert other.corpora == (known.corpora["savee"],)


def test_published_results_name_what_exists(known):
    by_title = {corpus.title: name for name, corpus in known.corpora.items()}
    assert {row.corpus for row in known.published} == by_title.keys()
    assert {row.model_here for row in known.published} <= {"", *registry.names("models")}
    assert {row.metric for row in known.published} == {"UAR", "accuracy", "weighted accuracy"}
    assert {row.speaker_independent for row in known.published} == set(get_args(Known))
    for row in known.published:
        assert 0 < row.percent <= 100
        assert row.protocol_here in {"", *registry.names("protocols")}
        assert row.protocol_here.startswith(f"{by_title[row.corpus]}-") or not row.protocol_here
        assert "from memory" not in row.note


def test_a_published_result_stands_once(known):
    claims = [(row.source, row.model, row.corpus, row.metric, row.protocol) for row in known.published]
    assert len(claims) == len(set(claims))


def test_a_source_that_names_a_page_leads_there(known):
    addresses = {row.source: row.address for row in known.published}
    assert addresses["arXiv:2507.03251"] == "https://arxiv.org/abs/2507.03251"
    assert addresses["arXiv:2406.07162, EmoBox, table 4"] == "https://arxiv.org/abs/2406.07162"
    assert addresses["Jiaxin-Ye/TIM-Net_SER"] == "https://github.com/Jiaxin-Ye/TIM-Net_SER"
    assert all(addresses.values())
    assert replace(known.published[0], source="A talk, 2020").address == ""


def test_what_is_different_here_is_said_of_models_that_are_here(known):
    assert all(row.model_here for row in known.published if row.note_here)
    assert not any("here" in row.note.split() for row in known.published)
