"""Checks what a model declares, when it is loaded."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from pathlib import Path

from benchmark.audio import augmentation
from benchmark.features import stack
from benchmark.features.stack import Stack
from benchmark.models import augmentation_kinds, backends, field_types, old_words
from benchmark.models.backends.plain import Plain
from protocols.contract import ENROLMENT, VERSION, Declaration, Features, Info, Params
from protocols.errors import PluginError

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# A model's name in its records: NAME, NAME~VARIANT, either with @K.
AS_RUN = re.compile(rf"{NAME.pattern}(~{NAME.pattern})?(@({'|'.join(ENROLMENT)}))?")
LONGEST = {"name": 60, "version": 60, "title": 200, "extra": 100}  # characters; a name becomes a folder's
LONG = 2000  # of any other text
SETTINGS = 20_000  # characters of all defaults as JSON


def check(model: type[Declaration], reference: str) -> None:
    """PluginError where the class declares too little, something wrong, or what is not yet carried out."""
    _check_info(getattr(model, "info", None), reference)
    if old := old_words.argument(model):
        raise PluginError(
            f"{reference}: the argument `{old}` of fit is now called `{old_words.RENAMED[old]}` "
            f"(contract, version {VERSION})."
        )
    check_settings(model, reference)
    _check_weights(model, reference)
    _check_enrolment(model, reference)
    _check_variants(model, reference)
    _refuse_what_is_to_come(model, reference)


def check_settings(model: type[Declaration], reference: str) -> None:
    """PluginError where its defaults are wrong, or the front ends or the recipe that they give."""
    if not isinstance(model.defaults, Mapping) or not field_types.plain(dict(model.defaults)):
        raise PluginError(
            f"{reference}: defaults must be what JSON can hold: numbers, strings, true or false, lists."
        )
    if (length := len(json.dumps(dict(model.defaults)))) > SETTINGS:
        raise PluginError(f"{reference}: defaults take {length} characters; {SETTINGS} are the most.")
    features = _features(model, reference)
    _check_pretraining(model, features, reference)
    backends.backend_of(model).check(model, features, reference)


def front_ends(model: type[Declaration], params: Params) -> Stack:
    """The model's front ends, one or several, in the order in which their channels stand."""
    found = model.features(params)
    return (found,) if isinstance(found, Features) else tuple(found)


def _check_info(info: Info | None, reference: str) -> None:
    if not isinstance(info, Info):
        raise PluginError(f"{reference}: has no `info = Info(...)`; see protocols/contract.py.")
    field_types.check(info, Info, reference)
    _check_lengths(info, reference)
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


def _check_lengths(info: Info, reference: str) -> None:
    """Records and pages carry these texts, and are read only up to a size."""
    for field, value in vars(info).items():
        texts = (
            value
            if isinstance(value, tuple)
            else [*value, *value.values()]
            if isinstance(value, Mapping)
            else [value]
        )
        for text in texts:
            most = LONGEST.get(field, LONG)
            if isinstance(text, str) and len(text) > most:
                raise PluginError(
                    f"{reference}: Info.{field} has {len(text)} characters; {most} are the most."
                )


def _features(model: type[Declaration], reference: str) -> Stack:
    try:
        features = front_ends(model, model.defaults)
        for each in features:
            _check_front_end(each, reference)
        stack.check(features)
    except PluginError:
        raise
    except Exception as error:
        raise PluginError(
            f"{reference}: `features` fails: {type(error).__name__}: {error}{old_words.hint(error)}"
        ) from error
    return features


def _check_front_end(features: Features, reference: str) -> None:
    field_types.check(features, Features, reference)
    if features.seconds is not None and not features.seconds > 0:
        raise PluginError(f"{reference}: clips of {features.seconds:g} seconds; give more than 0, or None.")
    augmentation_kinds.check(features.augmentation, known=augmentation.WAVE, copies=features.copies)
    if features.copies < 0 or bool(features.copies) != bool(features.augmentation):
        raise PluginError(
            f"{reference}: `copies` and `augmentation` go together: how many copies, altered how."
        )


def _check_pretraining(model: type[Declaration], features: Stack, reference: str) -> None:
    """A frozen network has seen other speech: what is built on it is not from scratch."""
    frozen = stack.frozen(each.front_end for each in features)
    if frozen and not model.info.pretraining:
        raise PluginError(
            f"{reference}: its front end {frozen[0]!r} is a network that was trained on outside data. Name "
            "that in Info.pretraining."
        )


def _check_weights(model: type[Declaration], reference: str) -> None:
    """The files that it reads stand beside the class's own, so that they are where the class is."""
    folder = Path(inspect.getsourcefile(model) or "").parent
    for name in model.info.weights:
        if Path(name).is_absolute() or not (folder / name).is_file():
            raise PluginError(
                f"{reference}: its weights {name!r} are no file in {folder}. Give their path from the file "
                "of the model's class."
            )


def _check_enrolment(model: type[Declaration], reference: str) -> None:
    """Whoever sees a `ClipBatch` can use what lies in it: a model with a fit of its own."""
    if model.info.enrolment == "own" and not isinstance(backends.backend_of(model), Plain):
        raise PluginError(
            f'{reference}: Info.enrolment="own" is for models with their own `fit`, which see clips of the '
            'speaker; a SklearnModel or TorchModel can have its features normalised: "normalise".'
        )


def _check_variants(model: type[Declaration], reference: str) -> None:
    """Each sets what the model has, to something else. What that does is looked at when one is loaded."""
    if not isinstance(model.variants, Mapping):
        raise PluginError(f"{reference}: variants must be {{name: {{parameter: value}}}}.")
    for name, changes in model.variants.items():
        if not isinstance(name, str) or not NAME.fullmatch(name) or len(name) > LONGEST["name"]:
            raise PluginError(
                f"{reference}: the variant {name!r} must have a name of lower case letters, digits and "
                f"hyphens, {LONGEST['name']} at most."
            )
        if not isinstance(changes, Mapping):
            raise PluginError(f"{reference}: its variant {name} must be {{parameter: value}}.")
        if strange := sorted(changes.keys() - model.defaults.keys()):
            raise PluginError(
                f"{reference}: its variant {name} sets {strange[0]!r}, which has no default. Known: "
                f"{', '.join(model.defaults) or 'none'}."
            )
        if {**model.defaults, **changes} == model.defaults:
            raise PluginError(f"{reference}: its variant {name} changes nothing.")


def _refuse_what_is_to_come(model: type[Declaration], reference: str) -> None:
    """PluginError for what the contract has words for, and the engine does not carry out yet."""
    if model.info.fit_minutes is not None:
        raise PluginError(
            f"{reference}: declares Info.fit_minutes={model.info.fit_minutes:g}, which the contract has and "
            "the engine does not yet carry out. Leave it out."
        )
