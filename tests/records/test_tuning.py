"""How a model's settings came about: what was searched, by how many trials, and what its file fixes."""

import made_up
from msgspec.structs import replace

from benchmark.records.tuning import tuning


def records(space, **fixed):
    """Three seeds under a protocol with a search, and one record under a protocol without."""
    key = {"defaults": {**fixed, **dict.fromkeys(space, 1.0)}}
    every = [*made_up.seeds("emodb-loso"), made_up.record("savee-loso", trials=1)]
    made = [replace(record, space=space, key=key) for record in every]
    return [*made[:3], replace(made[3], folds=[replace(fold, trials=[]) for fold in made[3].folds])]


def test_settings_that_are_searched_and_what_the_other_seeds_did():
    made = records({"C": {}}, kernel="linear")
    found = tuning(made)
    assert (found.searched, found.trials, found.anew) == (("C",), (20,), False)
    assert found.fixed == {"kernel": "linear"}
    assert tuning([replace(made[0], seed=seed) for seed in range(3)]).anew is True
    assert tuning(made[:1]).anew is None


def test_without_a_space_nothing_is_searched_although_inner_folds_are_fitted():
    made = records({}, ridge=1.0)
    assert any(fold.trials for record in made for fold in record.folds)
    found = tuning(made)
    assert (found.searched, found.trials, found.anew, found.fixed) == ((), (), None, {"ridge": 1.0})
