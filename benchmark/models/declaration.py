"""Checks what a model declares, when it is loaded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args, get_type_hints

import msgspec

from benchmark.audio import augmentation
from benchmark.features import stack
from benchmark.features.stack import Stack
from benchmark.models import augmentations
from benchmark.storage import bounds
from benchmark.training import feature_augmentation
from protocols.contract import Declaration, Features, Info, Params, Recipe, SklearnModel, TorchModel
from protocols.errors import PluginError

OPTIMISERS = get_args(get_type_hints(Recipe)["optimiser"])
SCHEDULES = get_args(get_type_hints(Recipe)["schedule"])
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def check(model: type[Declaration], reference: str) -> None:
    info = getattr(model, "info", None)
    if not isinstance(info, Info):
        raise PluginError(f"{reference}: has no `info = Info(...)`; see protocols/contract.py.")
    _check_types(info, Info, reference)
    if not NAME.fullmatch(info.name):
        raise PluginError(
            f"{reference}: the name {info.name!r} must be lower case letters, digits and hyphens."
        )
    if not reference.endswith(".py") and info.name != reference:
        raise PluginError(f"{reference}: its info says that its name is {info.name!r}.")
    if strange := sorted(set(info.needs) - {"teacher"}):
        raise PluginError(
            f'{reference}: needs {strange[0]!r}; the engine only knows how to give a "teacher".'
        )
    if not isinstance(model.defaults, Mapping) or not plain(dict(model.defaults)):
        raise PluginError(
            f"{reference}: defaults must be what JSON can hold: numbers, strings, true or false, lists."
        )
    _check_features(model, reference)
    if issubclass(model, TorchModel):
        _check_recipe(model, reference)
    if not issubclass(model, SklearnModel | TorchModel) and not _has_methods(model):
        raise PluginError(f"{reference}: is no SklearnModel or TorchModel, and lacks fit or predict_proba.")


def front_ends(model: type[Declaration], params: Params) -> Stack:
    """The model's front ends, one or several, in the order in which their channels stand."""
    found = model.features(params)
    return (found,) if isinstance(found, Features) else tuple(found)


def _check_features(model: type[Declaration], reference: str) -> None:
    try:
        features = front_ends(model, model.defaults)
        for each in features:
            _check_front_end(model, each, reference)
        stack.check(features)
    except PluginError:
        raise
    except Exception as error:
        raise PluginError(f"{reference}: `features` fails: {type(error).__name__}: {error}") from error


def _check_front_end(model: type[Declaration], features: Features, reference: str) -> None:
    _check_types(features, Features, reference)
    if features.level != "kept":
        raise PluginError(f'{reference}: `level="{features.level}"` is declared, and not yet carried out.')
    if features.seconds is not None and not features.seconds > 0:
        raise PluginError(f"{reference}: clips of {features.seconds:g} seconds; give more than 0, or None.")
    augmentations.check(features.augmentation, known=augmentation.WAVE)
    if features.copies < 0 or bool(features.copies) != bool(features.augmentation):
        raise PluginError(
            f"{reference}: `copies` and `augmentation` go together: how many copies, altered how."
        )
    if features.copies and issubclass(model, SklearnModel):
        raise PluginError(f"{reference}: a SklearnModel is fitted on the clips as they are: no `copies`.")


def _check_recipe(model: type[TorchModel], reference: str) -> None:
    try:
        recipe = model.recipe(model.defaults)
    except Exception as error:
        raise PluginError(f"{reference}: `recipe` fails: {type(error).__name__}: {error}") from error
    for name, choices in (("optimiser", OPTIMISERS), ("schedule", SCHEDULES)):
        if getattr(recipe, name, choices[0]) not in choices:  # what is no Recipe at all is refused below
            raise PluginError(
                f"{reference}: there is no {name} {getattr(recipe, name)!r}; known: {', '.join(choices)}."
            )
    _check_types(recipe, Recipe, reference)
    augmentations.check(recipe.augmentation, known=feature_augmentation.FEATURE)
    if recipe.epochs < 1 or recipe.batch_size < 1:
        raise PluginError(f"{reference}: a recipe has at least one epoch, and one clip a batch.")
    if recipe.distillation and not model.info.needs.get("teacher"):
        raise PluginError(f'{reference}: matching needs a teacher: `needs={{"teacher": NAME}}` in its info.')
    if recipe.distillation_epochs and not recipe.distillation:
        raise PluginError(f"{reference}: has epochs of matching alone, and no matching: give it a weight.")
    if recipe.distillation and recipe.mixup:
        raise PluginError(f"{reference}: mixup and matching do not go together: a mixed clip has no teacher.")


def _check_types(declared: Any, kind: type, reference: str) -> None:
    """PluginError where a field is not of the type that the contract says, as a record would give it back."""
    if not isinstance(declared, kind):
        raise PluginError(
            f"{reference}: gives a {type(declared).__name__} where its {kind.__name__} belongs."
        )
    try:
        msgspec.json.decode(_text(declared), type=kind)
    except (TypeError, ValueError) as error:
        raise PluginError(f"{reference}: {kind.__name__}: {str(error).replace('`$.', '`')}.") from error


def plain(value: Any) -> bool:
    """Whether a record gives this back as it was: a tuple would come back as a list, infinity not at all."""
    try:
        return bool(msgspec.json.decode(_text(value)) == value)
    except (TypeError, ValueError):
        return False


def _text(value: Any) -> bytes:
    text = msgspec.json.encode(value)
    bounds.refuse(text)
    return text


def _has_methods(model: type) -> bool:
    return all(callable(getattr(model, name, None)) for name in ("fit", "predict_proba"))
