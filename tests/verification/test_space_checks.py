"""Parameters outside the search space, and spaces that are none, are named."""

import json

import honest
import pytest

TRIAL = {"params": {"c": 1.0}, "state": "failed", "uar": None, "cross_entropy": None, "epochs": None}
FALSE = {
    "a winner outside its range": (
        ("folds", 1, "params", "c", 10.1),
        "fold 1: its winner has c = 10.1, which",
    ),
    "a trial outside its range": (
        ("folds", 2, "trials", 1, "params", "c", 0.09),
        "fold 2: its trial 1 has c = 0.09, which is outside the search space",
    ),
    "a pruned trial outside its range": (
        ("folds", 0, "trials", lambda trials: [*trials, {**TRIAL, "params": {"c": -1}}]),
        "fold 0: its trial 2 has c = -1, which is outside the search space",
    ),
    "a winner that is no number": (
        ("folds", 0, "params", "c", "big"),
        "fold 0: its winner has c = 'big', wh",
    ),
    "a winner in quotes": (("folds", 0, "params", "c", "1.0"), "fold 0: its winner has c = '1.0', which"),
    "a winner that is true": (("folds", 0, "params", "c", True), "fold 0: its winner has c = True, which"),
    "a winner that is null": (("folds", 0, "params", "c", None), "fold 0: its winner has c = None, which"),
    "another parameter": (
        ("folds", 0, "params", "d", 1),
        "fold 0: its winner has other parameters than the model's defaults",
    ),
    "a space that is no text of Optuna's": (
        ("key", "space", "c", json.dumps("[" * 1000)),
        "its search space cannot be read: 'c' is none of Optuna's distributions",
    ),
    "a space that is nested deep": (
        ("key", "space", "c", "[" * 100_000),
        "its search space cannot be read: 'c' is none of Optuna's distributions",
    ),
    "no space": (("key", "space", None), "its search space cannot be read: its key has none"),
    "a space upside down": (
        ("key", "space", "c", '{"name": "FloatDistribution", "attributes": {"low": 2, "high": 1}}'),
        "its search space cannot be read: 'c' is none of Optuna's distributions",
    ),
    "a searched parameter without a default": (
        ("key", "defaults", {}),
        "its search space has 'c', which has no default",
    ),
}


@pytest.mark.parametrize("kind", FALSE)
def test_a_false_claim_is_named(drawn, kind):
    honest.assert_named(drawn, *FALSE[kind])
