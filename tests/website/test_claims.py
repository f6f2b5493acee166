"""Published results beside our runs of the same models."""

from dataclasses import replace

import made_up
import msgspec
import numpy as np
import pytest

from benchmark.ranking import leaderboard
from benchmark.ranking.catalogue import Published
from benchmark.scores import metrics
from benchmark.website import claims

LEAK = "the speakers of the test are in training too"


def published(metric="UAR", *, corpus="EMO-DB", percent=98.0, model="good", protocol="emodb-random-clips"):
    return Published(
        source="A paper",
        year="2024",
        model="Good",
        corpus=corpus,
        metric=metric,
        percent=percent,
        protocol="random folds",
        speaker_independent="no",
        parameters=None,
        model_here=model,
        protocol_here=protocol,
        note="",
    )


def moved(records, name="emodb-random-clips"):
    """The records under a protocol that leaks."""
    facts = msgspec.structs.replace(records[0].protocol, name=name, leaks=LEAK, ranks=False)
    return [msgspec.structs.replace(record, protocol=facts) for record in records]


@pytest.fixture(scope="module")
def unheard():
    return made_up.seeds("emodb-loso", "good", skill=0.5)


@pytest.fixture(scope="module")
def random():
    return moved(made_up.seeds("emodb-loso", "good", skill=0.9))


def board(known, *records):
    return leaderboard.build(records, protocols=known.protocols, corpora=known.corpora)["derived"]


def accuracy(record):
    return metrics.accuracy(np.sum(list(record.speakers.values()), axis=0))


@pytest.mark.parametrize(("metric", "score"), [("UAR", made_up.uar), ("weighted accuracy", accuracy)])
def test_a_claim_stands_beside_both_runs_in_its_own_metric(known, unheard, random, metric, score):
    ours = board(known, *unheard, *random)
    [[claim]] = claims.claims(ours, [published(metric)]).values()
    assert claim.unheard.score == pytest.approx(np.mean([score(record) for record in unheard]))
    assert claim.same.score == pytest.approx(np.mean([score(record) for record in random]))
    assert (claim.unheard.table.protocol, claim.same.table.protocol) == ("emodb-loso", "emodb-random-clips")
    assert claim.unheard.interval  # ten speakers
    assert claim.unheard.low < claim.unheard.score < claim.unheard.high < claim.same.low
    assert claim.same.besides == ()


def test_under_ten_speakers_the_range_is_that_of_the_speakers(known):
    ours = board(known, *made_up.seeds("savee-loso", "good"))
    row = published("accuracy", corpus="SAVEE", protocol="savee-random-clips")
    [[claim]] = claims.claims(ours, [row]).values()
    [entry] = ours.tables["savee-loso"].entries
    assert claim.same is None
    assert not claim.unheard.interval
    assert (claim.unheard.low, claim.unheard.high) == (
        min(entry.speaker_accuracies.values()),
        max(entry.speaker_accuracies.values()),
    )


def test_claims_are_by_corpus_and_the_highest_comes_first(known, unheard):
    rows = [published(percent=60.0, model=""), published(corpus="CREMA-D"), published(percent=99.0)]
    found = claims.claims(board(known, *unheard), rows)
    assert [(name, [c.row.percent for c in group]) for name, group in found.items()] == [
        ("CREMA-D", [98.0]),
        ("EMO-DB", [99.0, 60.0]),
    ]
    assert [claim.unheard is None for group in found.values() for claim in group] == [True, False, True]


def test_what_is_reported_is_by_whether_speakers_are_unheard(known, unheard):
    rows = [published(percent=60.0), replace(published(percent=40.0), speaker_independent="yes"), published()]
    found = claims.claims(board(known, *unheard), rows)
    assert claims.spans(found) == {"EMO-DB": {"no": [98.0, 60.0], "unknown": [], "yes": [40.0]}}


def test_the_highest_run_on_a_corpus_is_one_that_ranks(known, unheard, random):
    ours = board(known, *unheard, *random, made_up.record("emodb-loso", "hurried", trials=1, skill=0.9))
    assert claims.best(ours, "EMO-DB").entry.model == "good"
    assert claims.best(ours, "SAVEE") is None


def test_a_record_in_doubt_is_no_run_and_a_smaller_budget_says_so(known, unheard):
    stale = leaderboard.build(
        unheard, protocols=known.protocols, corpora=known.corpora, state_of=lambda _: "stale"
    )["derived"]
    [[claim]] = claims.claims(stale, [published()]).values()
    assert claim.unheard is None
    hurried = made_up.record("emodb-loso", "hurried", trials=1)
    ours = board(known, *unheard, hurried)
    [[claim]] = claims.claims(ours, [published(model="hurried")]).values()
    assert [one.kind for one in claim.unheard.besides] == ["trials"]


def test_what_leaks_give_a_model_stands_beside_what_it_gives_unheard(known, unheard, random):
    lone = made_up.seeds("savee-loso", "good")
    ours = board(known, *unheard, *random, *lone)
    results = [(table, entry) for table in ours.tables.values() for entry in table.entries]
    [one] = claims.leaking(results)
    assert one.unheard[0].protocol == "emodb-loso"
    assert [table.protocol for table, _ in one.leaky] == ["emodb-random-clips"]
    assert not list(claims.leaking([one.unheard]))


def test_who_speaks_is_another_question_and_no_leak_of_the_emotion(known, unheard):
    ours = board(known, *unheard, made_up.record("emodb-which-speaker", "good"))
    results = [(table, entry) for table in ours.tables.values() for entry in table.entries]
    assert len(results) == 2
    assert not list(claims.leaking(results))
