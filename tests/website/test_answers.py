"""What a reader asks first: the facts behind the three sentences, and the sentences."""

import made_up
import pytest
from msgspec.structs import replace
from reading import Elements

from benchmark.ranking import leaderboard
from benchmark.records.schema import LENGTHS, Cost, Count
from benchmark.website import answers, build, rows


def costing(records, macs):
    counts = [Count(seconds=s, used=s, front_end=0, model={"linear": macs}, norms=0) for s in LENGTHS]
    cost = Cost(by="fvcore", counts=counts, parameters=1, weights=4, training=None)
    return [replace(record, cost=cost) for record in records]


@pytest.fixture(scope="module")
def made():
    both = ("emodb-loso", "ravdess-6fold")
    return [
        *(r for name in both for r in costing(made_up.seeds(name, "best", skill=0.9), 10**9)),
        *(r for name in both for r in costing(made_up.seeds(name, "small", skill=0.5), 10**6)),
        *(r for name in both for r in made_up.seeds(name, "uncounted", skill=0.9)),
        *(r for name in both for r in made_up.seeds(name, "probe", skill=0.6, pretraining=["x"])),
        made_up.record("savee-loso", "lonely", skill=0.5),
    ]


@pytest.fixture(scope="module")
def found(made, known):
    board = leaderboard.build(made, protocols=known.protocols, corpora=known.corpora)["derived"]
    return answers.answers(board, rows.rows(board), made, {"recomputed": 20, "verified": 5})


def test_the_best_its_ties_and_the_first_that_is_worse(found):
    race = found.race
    names = {race.first.name, *(one.name for one in race.tied)}
    assert names == {"best", "uncounted"}
    assert race.worse.name == "small"
    assert race.rival.name == "probe"
    assert len(race.over) == 2
    assert race.lead.uar == pytest.approx(race.first.uar - race.tied[0].uar)
    assert not race.sure


def test_the_best_below_each_limit_is_counted(found):
    assert [(limit, one.name) for limit, one in found.small] == [(10**7, "small"), (10**8, "small")]
    uars = {one.name: one.uar for one in (found.race.first, *found.race.tied)}
    as_good = {"uncounted"} if uars["uncounted"] >= uars["best"] else set()
    assert {one.name for one in found.race.uncounted} == as_good


def test_what_backs_it_and_what_is_missing(found):
    assert (found.records, found.states) == (25, (("verified", 5), ("recomputed", 20)))
    assert found.newest == "2030-01-01"
    assert found.gap("partial") == ("SAVEE",)
    assert set(found.gap("uncounted")) == {"uncounted", "probe", "lonely"}
    assert found.gap("overall") == ("lonely",)
    assert found.gap("powerless") == ("SAVEE",)
    assert found.gap("corrected") == ()
    assert found.gap("unranked") == ()


def test_where_no_p_can_pass_the_correction_is_missing_and_pretrained_ties_are_named(known):
    """With six speakers p is at least 2 / 64: enough for one comparison, not for two."""
    names = ("a", "b", "c")
    made = [r for name in names for r in made_up.seeds("emovo-loso", name, skill=0.5)]
    probes = [r for name in "xy" for r in made_up.seeds("emovo-loso", name, skill=0.4, pretraining=["z"])]
    board = leaderboard.build([*made, *probes], protocols=known.protocols, corpora=known.corpora)["derived"]
    found = answers.answers(board, rows.rows(board), made, {})
    assert (found.gap("powerless"), found.gap("corrected")) == ((), ("EMOVO",))
    assert {found.race.rival.name, *(one.name for one in found.race.rivals)} == {"x", "y"}


def test_the_page_answers_above_the_table(made, known, tmp_path):
    out = build.build(made, tmp_path / "out", known=known).parent
    text = Elements(out / "index.html").text
    before = text.partition("All models")[0]
    assert "has the highest mean UAR over EMO-DB and RAVDESS" in before
    assert "is not clearly worse" in before
    assert "; the first that is clearly worse is small (" in before
    assert "of the pretrained, which rank apart, probe (" in before
    assert "Of the 6 records of best none is verified by fitting again; they are self-reported" in before
    assert "Below 10 M MACs (multiply-adds), and below 100 M, it is small with" in before
    assert "Of all 25 records , the newest of 2030-01-01, 25 are self-reported" in before
    assert "missing : CREMA-D, EMOVO, SAVEE; corpora of lonely;" in before
    assert "MACs are multiply-adds, as fvcore counts them and many papers call FLOPs" in before


def test_a_board_of_one_corpus_says_so_and_one_without_ranks_answers_nothing(known, tmp_path):
    alone = build.build(made_up.seeds("emodb-loso", "alone"), tmp_path / "one", known=known)
    assert "UAR on EMO-DB, the one corpus that can be compared yet" in Elements(alone).text
    seen = made_up.record("emodb-loso", pretraining=["EMO-DB"])
    nothing = build.build([seen], tmp_path / "two", known=known)
    assert "Which is best?" not in Elements(nothing).text
