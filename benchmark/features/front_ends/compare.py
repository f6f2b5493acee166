"""ComParE 2016: 6373 functionals (Schuller et al., Interspeech 2016)."""

from __future__ import annotations

from benchmark.features import opensmile
from benchmark.features.front_end import FrontEnd, one

FRONT_END = FrontEnd(
    name="compare",
    make=lambda: opensmile.functionals("ComParE_2016"),
    libraries=("opensmile",),
    imports=("opensmile",),
    fixed=one,
)
