"""What searches chose from and found, in words."""

import made_up
from msgspec.structs import replace

from benchmark.website.pages.tuning import Setting, settings

SPACE = {
    "C": {"name": "FloatDistribution", "attributes": {"low": 1e-4, "high": 100.0, "log": True, "step": None}},
    "depth": {"name": "IntDistribution", "attributes": {"low": 1, "high": 5, "log": False, "step": 1}},
    "kernel": {"name": "CategoricalDistribution", "attributes": {"choices": ["linear", "rbf"]}},
}


def test_settings_in_words():
    made = made_up.record("savee-loso")
    winners = [{"C": 0.5, "depth": 2, "kernel": "rbf"}, {"C": 0.02}, {"kernel": "rbf"}, {"kernel": "linear"}]
    folds = [replace(fold, params=won) for fold, won in zip(made.folds, winners, strict=True)]
    first = replace(folds[0], trials=[replace(folds[0].trials[0], params={"C": 1.0, "depth": 3})])
    made = replace(made, space=SPACE, folds=[first, *folds[1:]])
    assert settings([made]) == [
        Setting(name="C", choices="0.0001 to 100, log scale", own="1", found="0.02 to 0.5, median 0.26"),
        Setting(name="depth", choices="whole numbers from 1 to 5", own="3", found="2"),
        Setting(name="kernel", choices="linear or rbf", own="", found="rbf in 2 of 3, linear in 1 of 3"),
    ]


def test_nothing_is_searched_by_those_that_refit():
    assert settings([made_up.record("savee-loso", seed=1)]) == []
