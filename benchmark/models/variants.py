"""Variants of a model: its class with other defaults, a model of its own (docs/rules.md#variants)."""

from __future__ import annotations

from dataclasses import replace

from protocols.contract import Declaration
from protocols.errors import PluginError


def parted(reference: str) -> tuple[str, str]:
    """A model's reference without the variant that it names, and the variant, or "".

    >>> parted("vit-teacher~no-stem")
    ('vit-teacher', 'no-stem')
    """
    plain, _, variant = reference.rpartition("~")
    if not plain or not variant or "/" in variant or variant.endswith(".py"):  # a path may have the sign too
        return reference, ""
    return plain, variant


def of(model: type[Declaration], variant: str, *, reference: str) -> type[Declaration]:
    """The class of a model's variant; PluginError where it declares none of that name."""
    if variant not in model.variants:
        known = ", ".join(f"{reference}~{each}" for each in model.variants) or "none"
        raise PluginError(f"{reference} declares no variant {variant!r}. Known: {known}.")
    info = model.info
    words = variant.replace("-", " ")
    own = {
        "info": replace(info, name=f"{info.name}~{variant}", title=f"{info.title or info.name}, {words}"),
        "defaults": {**model.defaults, **model.variants[variant]},
        "variants": {},
        "__module__": model.__module__,  # whose file is the variant's too
    }
    return type(model.__name__, (model,), own)
