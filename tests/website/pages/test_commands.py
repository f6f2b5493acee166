"""The commands that make records again."""

import made_up
from msgspec.structs import replace

from benchmark.website.pages.commands import commands
from protocols import ladder


def test_all_protocols_of_the_suite_are_named_by_it():
    made = [record for name in ladder.RANKING.values() for record in made_up.seeds(name)]
    assert commands("logreg", made) == ["python -m benchmark run --suite all --model logreg"]


def test_what_is_not_the_default_is_said():
    made = made_up.record("savee-loso", trials=5, folds=[0, 2])
    odd = replace(made, key={**made.key, "numerics": "bf16"})
    assert commands("logreg", [odd]) == [
        "python -m benchmark run --protocol savee-loso --model logreg --trials 5 --seeds 1 --fold 0 --fold 2 "
        "--numerics bf16"
    ]


def test_records_that_share_their_options_share_a_command_and_names_are_quoted():
    made = [*made_up.seeds("savee-loso"), *made_up.seeds("emodb-loso"), made_up.record("emovo-loso")]
    first, second = commands("a b", made)
    assert first == "python -m benchmark run --protocol savee-loso --protocol emodb-loso --model 'a b'"
    assert second == "python -m benchmark run --protocol emovo-loso --model 'a b' --seeds 1"


def test_protocols_that_do_not_rank_have_a_command_of_their_own_and_without_a_search_no_trials():
    made = made_up.record("savee-loso")
    fixed = [replace(fold, trials=[]) for fold in made.folds]
    leaky = replace(made.protocol, name="savee-as-published")
    leaky = replace(made, protocol=leaky, folds=fixed, budget=replace(made.budget, trials=1))
    assert commands("logreg", [made, leaky]) == [
        "python -m benchmark run --protocol savee-loso --model logreg --seeds 1",
        "python -m benchmark run --protocol savee-as-published --model logreg --seeds 1",
    ]
