"""The examples in docstrings show what they say they show."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
COSTLY = {"benchmark.api"}  # its examples train
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in ("benchmark", "protocols")
    for path in sorted((ROOT / package).rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] if name in COSTLY else []) for name in MODULES],
)
def test_examples_in_docstrings(name):
    done = doctest.testmod(importlib.import_module(name), optionflags=FLAGS)
    assert done.attempted
    assert not done.failed
