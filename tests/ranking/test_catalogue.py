"""What is known besides records."""

from dataclasses import replace

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
