"""Skeletons of models, one text file a kind: `$name`, `$title` and `$model` stand for the new model's."""

from __future__ import annotations

import keyword
import re
import sys
from importlib import resources
from importlib.metadata import packages_distributions
from pathlib import Path
from string import Template

from benchmark.storage import files
from protocols import registry
from protocols.errors import PluginError

KINDS = {
    "sklearn": "a scikit-learn estimator",
    "torch": "a network that the engine trains",
    "plain": "your own fit and predict_proba",
}
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def write(name: str, *, kind: str, folder: Path) -> Path:
    """Write the skeleton of a model called so into `folder`; gives the file.

    PluginError where the name cannot be used, or the file is there already; StoreError where it cannot be
    written.
    """
    path = folder / f"{name.replace('-', '_')}.py"
    _check(name, path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(exist_ok=False)
        try:
            path.write_text(text(name, kind), encoding="utf-8")
        except BaseException:
            path.unlink()  # half of it would be in the way of the next try
            raise
    except FileExistsError as error:
        there = path if path.exists() else folder
        raise PluginError(f"{there} is there already, and is left alone. Choose another name.") from error
    except OSError as error:
        raise files.unwritable(path, error, instead="Check --out") from error
    return path


def text(name: str, kind: str) -> str:
    """The source of a new model."""
    template = resources.files(__name__).joinpath(f"{kind}.txt").read_text(encoding="utf-8")
    model = "".join(word.capitalize() for word in name.split("-"))
    if keyword.iskeyword(model) or re.search(rf"\b{model}\b", template):  # a model called Features, say
        model += "Model"
    return Template(template).substitute(name=name, title=name.replace("-", " ").capitalize(), model=model)


def _check(name: str, path: Path) -> None:
    if not NAME.fullmatch(name):
        raise PluginError(
            f"{name!r}: a model's name is lower case letters, digits and hyphens, and begins with a letter, "
            'as "my-model".'
        )
    if name in registry.names("models"):
        raise PluginError(f"{name}: a model of this name is installed. Choose another name.")
    if path.stem in sys.stdlib_module_names or path.stem in packages_distributions():
        raise PluginError(
            f"{name}: the file {path.name} would hide the Python module {path.stem}. Choose another name."
        )
