"""From rung to rung: what is gone from training, and what that takes from a model's UAR."""

from dataclasses import replace
from itertools import pairwise

import made_up
import pytest

from benchmark.ranking import leaderboard
from benchmark.website import rungs, steps

RUNGS = {"as-published": 0.9, "random-clips": 0.6, "unseen-texts": 0.7, "loso": 0.4, "unseen-both": 0.3}


@pytest.fixture(scope="module")
def savee(known):
    """One model on all rungs, which is better on unseen texts; another on two; a control."""
    climber = [made_up.record(f"savee-{name}", "climber", skill=skill) for name, skill in RUNGS.items()]
    others = [made_up.record(f"savee-{name}", "other", skill=0.95) for name in ("as-published", "loso")]
    control = made_up.record("savee-fewer-clips", "climber", skill=0.5)
    found = leaderboard.build([*climber, *others, control], protocols=known.protocols, corpora=known.corpora)
    return rungs.of("savee", found["derived"], known)


def test_a_step_says_what_is_gone_from_training_and_what_that_takes(savee):
    found = steps.steps(savee, "climber")
    assert [step.rung.title for step in found] == [rung.title for rung in savee.rungs if not rung.control]
    assert [(step.gone, step.back) for step in found] == [
        ((), ()),
        (("altered copies",), ()),
        (("text",), ()),
        (("speaker",), ("text",)),
        (("text",), ()),
    ]
    scores = [step.run.score for step in found]
    assert [step.change for step in found[1:]] == pytest.approx(
        [now - before for before, now in pairwise(scores)]
    )
    assert [step.clips for step in found] == [None, None, None, None, (360, 270)]


def test_speakers_are_counted_where_the_same_clips_are_tested(savee):
    found = steps.steps(savee, "climber")
    assert [step.lower is None for step in found] == [True, True, False, False, False]
    random, unseen = found[2].run.entry.speaker_uars, found[3].run.entry.speaker_uars
    assert found[3].lower == sum(unseen[name] < uar for name, uar in random.items()) > 0


def test_rungs_that_were_not_run_are_passed_over(savee):
    first, last = steps.steps(savee, "other")
    assert (last.rung.title, last.above.title) == ("unseen speakers", "as published")
    assert last.gone == ("altered copies", "speaker")
    assert first.above is None


def test_a_rise_is_found(savee):
    [(model, step)] = steps.risen(savee)
    assert (model, step.above.title, step.rung.title) == ("climber", "random clips", "unseen texts")


def test_the_example_has_most_rungs_and_then_the_highest_first(savee, known):
    assert steps.example([savee])[1] == "climber"
    pair = [
        made_up.record(f"emodb-{name}", model, skill=skill)
        for model, skill in (("low", 0.5), ("high", 0.8))
        for name in ("random-clips", "loso")
    ]
    board = leaderboard.build(pair, protocols=known.protocols, corpora=known.corpora)["derived"]
    emodb = rungs.of("emodb", board, known)
    assert steps.example([emodb]) == (emodb, "high")
    assert steps.example([emodb, savee]) == (savee, "climber")
    few = replace(
        savee, models={"other": savee.models["other"]}
    )  # on two rungs too, higher, of four speakers
    assert steps.example([few, emodb]) == (emodb, "high")
