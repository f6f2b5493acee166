"""How a model's settings came about, from its records and in words."""

import made_up
from msgspec.structs import replace

from benchmark.website import tuned, wording


def records(space, **fixed):
    """Three seeds under a protocol with a search, and one record under a protocol without."""
    key = {"defaults": {**fixed, **dict.fromkeys(space, 1.0)}}
    every = [*made_up.seeds("emodb-loso"), made_up.record("savee-loso", trials=1)]
    made = [replace(record, space=space, key=key) for record in every]
    return [*made[:3], replace(made[3], folds=[replace(fold, trials=[]) for fold in made[3].folds])]


def test_a_search_is_told_from_its_space_and_what_the_other_seeds_did():
    made = records({"C": {}}, kernel="linear")
    found = tuned.tuning(made)
    assert (found.searched, found.trials, found.anew) == (("C",), (20,), False)
    assert found.fixed == {"kernel": "linear"}
    assert "other seeds refit what seed 0 found" in wording.tuned(found)
    anew = [replace(made[0], seed=seed) for seed in range(3)]
    assert wording.tuned(tuned.tuning(anew)) == (
        "Searched in each fold: 1 setting (C), in at most 20 trials on inner folds of the training speakers; "
        "each seed searches anew."
    )


def test_without_a_space_nothing_is_searched_although_inner_folds_are_fitted():
    found = tuned.tuning(records({}, ridge=1.0))
    assert any(fold.trials for record in records({}) for fold in record.folds)
    assert (found.searched, found.trials, found.anew) == ((), (), None)
    assert "its settings (ridge = 1) are fixed in its file" in wording.tuned(found)
    assert wording.tuned(tuned.tuning(records({}))) == "Nothing is searched: it has no settings."
