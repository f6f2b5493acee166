"""The audit that a corpus's page shows."""

from dataclasses import replace

import pytest

from benchmark.verification import leakage
from benchmark.website.pages.official_audit import EXPLAINED, official_audit, shared_sentences
from protocols import folds


@pytest.mark.parametrize("name", ["savee-loso", "tess-2fold", "emodb-loso"])
def test_it_is_what_the_verb_finds_and_every_flag_is_explained(name):
    protocol = folds.load(name)
    population = folds.population(protocol)
    found = official_audit(protocol, population)
    content = {clip.clip: clip.sha256 for clip in population.rows}
    assert found == leakage.audit(protocol, population, population.rows, content)
    assert set(found.flags) <= set(EXPLAINED)
    assert not found.leaks


def test_it_is_made_once():
    protocol, again = folds.load("savee-loso"), folds.load("savee-loso")
    first = official_audit(protocol, folds.population(protocol))
    assert official_audit(again, folds.population(again)) is first


def test_folds_count_by_their_test_clips():
    protocol = folds.load("savee-loso")
    audit = official_audit(protocol, folds.population(protocol))
    first, second = audit.folds[:2]
    parts = [
        replace(first, shared_sentences=1.0, classes={"test": {"anger": 30}}),
        replace(second, shared_sentences=0.5, classes={"test": {"anger": 5, "fear": 5}}),
    ]
    assert shared_sentences(replace(audit, folds=parts)) == pytest.approx((30 * 1 + 10 * 0.5) / 40)
