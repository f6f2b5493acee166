"""The ladder of a corpus: what its rungs test, and the runs on them."""

import made_up
import pytest

from benchmark.ranking import leaderboard
from benchmark.website import rungs
from protocols import ladder


def board(known, *records, **options):
    found = leaderboard.build(records, protocols=known.protocols, corpora=known.corpora, **options)
    return found["derived"]


@pytest.fixture(scope="module")
def records():
    """One model on three rungs and the control; another by the ranking protocol alone."""
    skills = {
        "savee-as-published": 0.9,
        "savee-random-clips": 0.6,
        "savee-loso": 0.4,
        "savee-fewer-clips": 0.3,
    }
    climber = [made_up.record(name, "climber", skill=skill) for name, skill in skills.items()]
    return [*climber, made_up.record("savee-loso", "other")]


@pytest.fixture(scope="module")
def savee(known, records):
    return rungs.of("savee", board(known, *records), known)


def test_a_rung_says_what_of_its_test_clips_is_in_training(savee):
    facts = {rung.name: rung.facts for rung in savee.rungs}
    assert list(facts) == ladder.of("savee")
    random, unseen, both = (
        facts[f"savee-{name}"] for name in ("random-clips", "loso", "unseen-both")
    )  # in docs/ladder.md
    assert (
        (random.folds, random.train, random.test)
        == (unseen.folds, unseen.train, unseen.test)
        == (4, 360, 120)
    )
    assert (random.overlap.speaker, unseen.overlap.speaker, unseen.overlap.text) == (1, 0, 1)
    assert (both.overlap.speaker, both.overlap.text, both.folds) == (0, 0, 16)
    published = facts["savee-as-published"]
    assert (published.folds, published.train + published.test) == (1, 480 * 4)
    assert published.overlap.twin > 0.98
    assert [rung.name for rung in savee.rungs if rung.control] == ["savee-fewer-clips"]


def test_a_climber_has_a_run_for_each_rung_or_none(savee, records):
    assert list(savee.models) == ["climber"]
    uars = [made_up.uar(record) for record in records[:4]]
    assert [run and run.score for run in savee.models["climber"]] == [
        *map(pytest.approx, uars[:2]),
        None,
        pytest.approx(uars[2]),
        None,
        pytest.approx(uars[3]),
    ]
    assert savee.gain("climber", "savee-loso") == pytest.approx(uars[1] - uars[2])
    assert savee.others == 1
    assert savee.chance == pytest.approx(1 / 7)


def test_without_both_runs_there_is_no_difference(known, records):
    found = rungs.of("savee", board(known, records[0], records[2]), known)
    assert found.gain("climber", "savee-loso") is None


def test_a_corpus_is_climbed_where_a_rung_besides_the_ranking_one_holds(known, records):
    assert rungs.climbed(board(known, *records, made_up.record("emodb-loso"))) == ["savee"]
    assert rungs.climbed(board(known, *records[2:3])) == []
    assert rungs.climbed(board(known, *records, state_of=lambda _: "stale")) == []


def test_what_a_model_learnt_besides_stands_beside_what_it_adds(known, records):
    speakers = {name: [[0] * 4 for _ in range(4)] for name in ("DC", "JE", "JK", "KL")}
    for place, matrix in enumerate(speakers.values()):
        matrix[place][place], matrix[place][0] = 3, matrix[place][0] + 1
    whose = made_up.record("savee-which-speaker", "climber", speakers=speakers)
    found = rungs.of("savee", board(known, *records, whose), known)
    speaker, text = found.learnt
    assert (speaker.unseen, text.unseen) == ("savee-loso", "savee-unseen-texts")
    assert (speaker.protocol, speaker.chance) == ("savee-which-speaker", 0.25)
    assert speaker.models["climber"].score == pytest.approx((1 + 3 * 0.75) / 4)
    assert (text.protocol, text.chance, text.models) == ("", None, {"climber": None})
    assert not any(run and run.table.protocol == whose.protocol.name for run in found.models["climber"])
