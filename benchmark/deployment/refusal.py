"""Which models cannot be exported, and why: found before anything is asked for, such as an extra or a fit."""

from __future__ import annotations

from benchmark.features import enrolment, front_ends
from benchmark.features.stack import Stack
from benchmark.models import plugins
from protocols.errors import PluginError


def check(model: str) -> None:
    """PluginError for a model, by name or file, that its name or its front ends exclude."""
    plain, clips = enrolment.parted(model)
    features = plugins.load(plain).features
    if why := "it is given other clips of the speaker. Without @ it may be." if clips else of(features):
        raise error(model, why)


def error(model: str, why: str) -> PluginError:
    """In one wording."""
    return PluginError(f"{model} cannot be exported, because {why}")


def of(features: Stack) -> str:
    """Why these front ends can neither be in the file nor beside it; "" where they can."""
    for each in features:
        declared = front_ends.declaration(each)
        if declared.encoder or declared.trained:
            return f"its front end {declared.name} is a pretrained encoder."
        if declared.network is None and (not declared.alone or len(features) > 1):
            by = " and ".join(declared.libraries) or "code of its own"
            return f"its front end {declared.name} is computed by {by}; ONNX lacks parts of it."
    return ""
