"""Enrolment: other clips of its speaker, without labels, beside each clip (docs/rules.md#enrolment)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from protocols.contract import ENROLMENT
from protocols.errors import PluginError


def parted(reference: str) -> tuple[str, str]:
    """A model's reference without the number of clips that it names, and that number: of ENROLMENT, or "".

    >>> parted("functionals-lda@5")
    ('functionals-lda', '5')

    PluginError where it is no such number.
    """
    plain, at, clips = reference.rpartition("@")
    if not at or "/" in clips or clips.endswith(".py"):  # a path may have the sign too
        return reference, ""
    if clips not in ENROLMENT:
        known = ", ".join(f"{plain}@{each}" for each in ENROLMENT)
        raise PluginError(f"{reference}: {clips!r} is no number of clips of the speaker. Known: {known}.")
    return plain, clips


def described(clips: str) -> str:
    """A number of clips, in words."""
    return "all other clips of the speaker" if clips == "all" else f"{clips} clips of the speaker"


def drawn(others: np.ndarray, clips: str, *, seed: Sequence[int]) -> np.ndarray:
    """So many of these in random order, or all where there are no more; a larger draw begins as a smaller."""
    return np.random.default_rng(seed).permutation(others)[: None if clips == "all" else int(clips)]
