"""The search that a record states, and the seeds beside it."""

import shutil

import pytest
from honest import change, problems

from benchmark.cli.main import main
from benchmark.records import record_files

pytestmark = pytest.mark.slow


def second_seed(record):
    """Seed 1 beside seed 0, with the same predictions and its winners, as if it had refitted them."""
    change(record, "budget", "epochs", 40)
    change(record, "key", "budget", "epochs", 40)
    for fold in (0, 1):
        change(record, "folds", fold, "epochs", 7)
        change(record, "folds", fold, "trials", 0, "epochs", [7])
    other = searched_again(record)
    for fold in (0, 1):
        change(other, "folds", fold, "trials", [])
    return other


def searched_again(record):
    """Seed 1 beside seed 0, with the same search and predictions."""
    other = record.with_name("seed-1.json")
    shutil.copy(record, other)
    shutil.copy(record_files.predictions_place(record), record_files.predictions_place(other))
    change(other, "seed", 1)
    change(other, "key", "seed", 1)
    return other


def test_a_second_seed_holds(record):
    assert problems(second_seed(record)) == []


def test_a_model_without_epochs_searches_anew_with_each_seed(record):
    other = searched_again(record)
    record.unlink()  # each stands by itself
    assert problems(other) == []
    change(other, "folds", 1, "trials", [])
    assert problems(other) == [
        "fold 1: it lists 0 trials, but its budget is 1",
        "fold 1: none of its trials is complete",
    ]


def test_an_epoch_that_its_curve_does_not_choose(record):
    second_seed(record)
    change(record, "folds", 0, "pooled", [0.1, 0.2, None, 0.2, 0.1, 0.3, 0.5, 0.5, 0.5])
    assert problems(record) == []
    change(record, "folds", 0, "pooled", 6, 0.1)
    change(record, "folds", 0, "pooled", 1, 0.9)
    assert problems(record) == ["fold 0: its epochs are not those that its pooled curve chooses"]


def test_inner_folds_share_an_epoch(record):
    second_seed(record)
    change(record, "folds", 1, "trials", 0, "epochs", [7, 7, 30])
    assert problems(record) == ["fold 1: the inner folds of a trial do not share an epoch"]
    change(record, "folds", 1, "epochs", 30)
    assert "fold 1: its parameters or epochs are not those of its best trial" in problems(record)


def test_an_inner_uar_that_no_trial_has(record):
    change(record, "folds", 1, "inner_uar", 0.99)
    assert problems(record) == ["fold 1: its inner UAR is not its best trial's"]


def more(value):
    return value + 1


TRIAL = {"params": {}, "state": "failed", "uar": None, "cross_entropy": None, "epochs": None}
SECOND = {
    "parameters": (("folds", 0, "params", "C", more), "fold 0: its parameters, epochs or temperature are"),
    "a temperature": (("folds", 1, "temperature", 1.5), "fold 1: its parameters, epochs or temperature are"),
    "other defaults": (("key", "defaults", "C", more), "its key is not seed 0's: defaults: "),
    "trials": (
        ("folds", 0, "trials", [TRIAL]),
        "fold 0: seed 1 lists trials, but refits the winners of seed 0, which have epochs",
    ),
    "an inner UAR": (("folds", 1, "inner_uar", 0.99), "fold 1: its inner UAR is not seed 0's"),
}  # fmt: skip


@pytest.mark.parametrize("kind", SECOND)
def test_what_is_doctored_in_a_second_seed_is_named(record, kind):
    steps, message = SECOND[kind]
    other = second_seed(record)
    change(other, *steps)
    assert any(problem.startswith(message) for problem in problems(other))


def test_a_second_seed_without_the_first(record):
    other = second_seed(record)
    record.unlink()
    assert problems(other) == ["seed 1 refits seed 0's winners, but no readable seed-0.json lies beside it"]


FIRST = {
    "a trial that was not its model's": (
        ("folds", 0, "trials", 0, "params", "C", more),
        "seed 0 does not hold: fold 0: trial 0 is not the model's own setting",
    ),
    "a fold without a search": (
        ("folds", 1, "trials", []),
        "seed 0 does not hold: fold 1: it lists 0 trials, but its budget is 1",
    ),
    "no fold": (("folds", []), "seed 0 does not hold: it lists folds [], but its budget is for [0, 1]"),
    "another seed": (
        ("seed", 2),
        "seed 1 refits seed 0's winners, but no readable seed-0.json lies beside it",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FIRST)
def test_a_second_seed_whose_first_cannot_have_found_its_winners(record, kind):
    steps, message = FIRST[kind]
    other = second_seed(record)
    change(record, *steps)
    assert message in problems(other)


def test_two_seeds_with_the_same_predictions_are_noted(record, results, capsys):
    other = second_seed(record)
    for path in (record, other):
        change(path, "model", "deterministic", False)  # which the installed model is
    assert main(["verify", "--results", str(results)]) == 2
    shown = capsys.readouterr().out
    assert "notes, for a reviewer to judge:" in shown
    assert f"{other}: the same predictions as {record}, though its seed should make a difference" in shown
