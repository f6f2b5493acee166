"""All clips that a protocol takes its folds from, and the altered copies of them that are rows too."""

from protocols import corpora
from protocols.population import Population, source

ONE, TWO = (tuple(map(corpora.load, names)) for names in (["savee"], ["savee", "emodb"]))


def test_each_clip_is_followed_by_its_altered_copies():
    plain, rows = Population(ONE, {}).rows, Population(ONE, {}, copies=2).rows
    assert rows[0::3] == plain
    assert [row.clip for row in rows[:4]] == ["DC_a01", "DC_a01#1", "DC_a01#2", "DC_a02"]
    assert [row.copy for row in rows[:4]] == [0, 1, 2, 0]
    for row in rows[1:3]:
        assert row._replace(clip="DC_a01", copy=0, sha256=plain[0].sha256) == plain[0]
        assert (row.sha256, source(row)) == ("", "DC_a01")  # no official file sounds so


def test_the_clip_within_its_corpus():
    several = Population(TWO, {"anger": "anger", "neutral": "calm"}, copies=1)
    copy = next(row for row in several.rows if row.corpus == "emodb" and row.copy)
    assert copy.clip == "emodb/03a01Nc#1"
    assert (several.own_name(copy), source(copy)) == ("03a01Nc", "emodb/03a01Nc")
    assert several.by_clip["emodb/03a01Nc#1"].emotion == "calm"
    assert Population(ONE, {}).own_name(ONE[0].manifest[0]) == "DC_a01"
