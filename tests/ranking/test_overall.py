"""The overall score."""

import made_up
import numpy as np
import pytest
from msgspec.structs import replace

from benchmark.ranking import leaderboard
from benchmark.ranking.overall import Coverage


def overall(records, few):
    return leaderboard.build(records, **few)["derived"].overall


def test_overall_is_the_mean_over_the_corpora_that_all_have_and_leaves_tess_out(few):
    records = [r for m in ("a", "b") for n in ("emodb-loso", "savee-loso", "tess-2fold")
               for r in made_up.seeds(n, m, skill=0.8 if m == "a" else 0.1)]  # fmt: skip
    result = overall(records, few)
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


def test_one_stray_run_does_not_shrink_the_overall_score(few):
    records = [r for m in ("a", "b") for n in ("emodb-loso", "savee-loso") for r in made_up.seeds(n, m)]
    stray = made_up.seeds("emovo-loso", "stray")
    result = overall(records + stray, few)
    assert {s.model for s in result.standings} == {"a", "b"}
    assert result.coverage == Coverage(covered=("EMO-DB", "SAVEE"), partial=("EMOVO",), absent=())


def test_too_few_seeds_do_not_count_overall(few):
    result = overall(made_up.seeds("emodb-loso", n=2), few)
    assert result.standings == ()
    assert result.coverage == Coverage(covered=(), partial=("EMO-DB",), absent=("EMOVO", "SAVEE"))
    enough = [r for n in ("emodb-loso", "savee-loso") for r in made_up.seeds(n, deterministic=True)]
    assert overall(enough, few).standings[0].place == (1, 1)


def test_there_is_no_overall_score_of_one_corpus(few):
    result = overall([r for name in "ab" for r in made_up.seeds("emodb-loso", name)], few)
    assert (result.protocols, result.standings) == ((), ())
    assert result.coverage == Coverage(covered=(), partial=("EMO-DB",), absent=("EMOVO", "SAVEE"))


def same(records, model):
    """The records, as another model's."""
    return [replace(record, model=replace(record.model, name=model)) for record in records]


def test_overall_is_the_mean_and_not_the_middle_one(few):
    skills = {"emodb-loso": 0.9, "emovo-loso": 0.8, "savee-loso": 0.1}
    records = [r for name, skill in skills.items() for r in made_up.seeds(name, "a", skill=skill)]
    [standing] = overall(records, few).standings
    uars = [np.mean([made_up.uar(r) for r in records if r.protocol.name == name]) for name in skills]
    assert standing.uar == pytest.approx(np.mean(uars))
    assert abs(standing.uar - np.median(uars)) > 0.05


@pytest.mark.parametrize("alike", ["emodb-loso", "savee-loso"])
def test_the_places_come_from_the_speakers_of_all_corpora(few, alike):
    equal = made_up.seeds(alike, "a", skill=0.5)
    other = "emovo-loso" if alike == "emodb-loso" else "emodb-loso"
    better, worse = (made_up.seeds(other, name, skill=skill) for name, skill in (("a", 0.9), ("b", 0.1)))
    result = overall([*equal, *same(equal, "b"), *better, *worse], few)
    assert [s.place for s in result.standings] == [(1, 1), (2, 2)]
    assert overall([*equal, *same(equal, "b"), *better, *same(better, "b")], few).standings[0].place == (1, 2)


def test_cells_count_before_models(few):
    everywhere = [r for m in ("a", "b") for n in ("emodb-loso", "savee-loso") for r in made_up.seeds(n, m)]
    once = made_up.seeds("emodb-loso", "c")
    assert overall(everywhere + once, few).protocols == ("emodb-loso", "savee-loso")  # 4 cells before 3
    more = [r for m in ("c", "d", "e") for n in ("emodb-loso", "emovo-loso") for r in made_up.seeds(n, m)]
    assert overall(everywhere + more, few).protocols == ("emodb-loso", "emovo-loso")  # 6 before 4


def test_nobody_is_the_mean_of_several_models_of_one_name(few):
    places = ("emodb-loso", "savee-loso")
    records = [r for m in ("a", "b") for n in places for r in made_up.seeds(n, m)]
    for changes in ({"source": "f" * 64}, {"version": "9"}):
        other = [
            replace(r, model=replace(r.model, **changes))
            if (r.model.name, r.protocol.name) == ("a", "savee-loso")
            else r
            for r in records
        ]
        assert [s.model for s in overall(other, few).standings] == ["b"]
