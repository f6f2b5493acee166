"""The overall score."""

import made_up
import numpy as np
import pytest

from benchmark.ranking import leaderboard
from benchmark.ranking.overall import Coverage
from protocols import corpora

NAMES = ("emodb-loso", "emovo-loso", "savee-loso", "tess-2fold")


@pytest.fixture(scope="module")
def known():
    protocols = {name: made_up.protocol(name) for name in NAMES}
    return {
        "protocols": protocols,
        "corpora": {name: corpora.load(name) for p in protocols.values() for name in p.corpora},
    }


def overall(records, known):
    return leaderboard.build(records, **known)["derived"].overall


def test_overall_is_the_mean_over_the_corpora_that_all_have_and_leaves_tess_out(known):
    records = [r for m in ("a", "b") for n in ("emodb-loso", "savee-loso", "tess-2fold")
               for r in made_up.seeds(n, m, skill=0.8 if m == "a" else 0.1)]  # fmt: skip
    result = overall(records, known)
    assert result.protocols == ("emodb-loso", "savee-loso")
    assert result.coverage == Coverage(covered=("EMO-DB", "SAVEE"), partial=(), absent=("EMOVO",))
    assert result.coverage.known == 3
    a = [np.mean([made_up.uar(r) for r in records if (r.model.name, r.protocol.name) == ("a", n)])
         for n in result.protocols]  # fmt: skip
    assert result.standings[0].model == "a"
    assert result.standings[0].uar == pytest.approx(np.mean(a))
    assert result.standings[0].spread == pytest.approx((min(a), max(a)))
    assert [s.mean_rank for s in result.standings] == [1, 2]
    assert [s.place for s in result.standings] == [(1, 1), (2, 2)]


def test_one_stray_run_does_not_shrink_the_overall_score(known):
    records = [r for m in ("a", "b") for n in ("emodb-loso", "savee-loso") for r in made_up.seeds(n, m)]
    stray = made_up.seeds("emovo-loso", "stray")
    result = overall(records + stray, known)
    assert {s.model for s in result.standings} == {"a", "b"}
    assert result.coverage == Coverage(covered=("EMO-DB", "SAVEE"), partial=("EMOVO",), absent=())


def test_too_few_seeds_do_not_count_overall(known):
    result = overall(made_up.seeds("emodb-loso", n=2), known)
    assert result.standings == ()
    assert result.coverage == Coverage(covered=(), partial=("EMO-DB",), absent=("EMOVO", "SAVEE"))
    assert overall(made_up.seeds("emodb-loso", deterministic=True), known).standings[0].place == (1, 1)
