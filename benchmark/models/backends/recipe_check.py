"""Checks the recipe of a network, when its plugin is loaded."""

from __future__ import annotations

from typing import get_args, get_type_hints

from benchmark.models import augmentation_kinds, field_types, old_words
from benchmark.training import feature_augmentation
from protocols.contract import Recipe, TorchModel
from protocols.errors import PluginError

OPTIMISERS = get_args(get_type_hints(Recipe)["optimiser"])
SCHEDULES = get_args(get_type_hints(Recipe)["schedule"])


def check(model: type[TorchModel], reference: str) -> None:
    """PluginError where `recipe` fails, is of wrong types, or asks for what the trainer cannot do."""
    recipe = _recipe(model, reference)
    for name, choices in (("optimiser", OPTIMISERS), ("schedule", SCHEDULES)):
        if getattr(recipe, name, choices[0]) not in choices:  # what is no Recipe at all is refused below
            raise PluginError(
                f"{reference}: there is no {name} {getattr(recipe, name)!r}; known: {', '.join(choices)}."
            )
    field_types.check(recipe, Recipe, reference)
    augmentation_kinds.check(recipe.augmentation, known=feature_augmentation.FEATURE)
    if recipe.epochs < 1 or recipe.batch_size < 1:
        raise PluginError(f"{reference}: a recipe has at least one epoch, and one clip a batch.")
    if not all(0 <= beta < 1 for beta in recipe.betas):
        raise PluginError(f"{reference}: Recipe.betas={recipe.betas}; give two numbers, from 0 to below 1.")
    if not 0 <= recipe.ema < 1:
        raise PluginError(
            f"{reference}: Recipe.ema={recipe.ema:g} is no decay of an average; give 0 (off), or more, but "
            "less than 1."
        )
    _check_distillation(model, recipe, reference)


def _recipe(model: type[TorchModel], reference: str) -> Recipe:
    try:
        return model.recipe(model.defaults)
    except Exception as error:
        raise PluginError(
            f"{reference}: `recipe` fails: {type(error).__name__}: {error}{old_words.hint(error)}"
        ) from error


def _check_distillation(model: type[TorchModel], recipe: Recipe, reference: str) -> None:
    if recipe.distillation and not model.info.needs.get("teacher"):
        raise PluginError(
            f'{reference}: distillation needs a teacher: `needs={{"teacher": NAME}}` in its info.'
        )
    if recipe.distillation_epochs and not recipe.distillation:
        raise PluginError(
            f"{reference}: has epochs of distillation alone, and no distillation: give it a weight."
        )
    if recipe.distillation and recipe.mixup:
        raise PluginError(
            f"{reference}: mixup and distillation do not go together: a mixed clip has no teacher."
        )
