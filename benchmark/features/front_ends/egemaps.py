"""eGeMAPS v02: 88 functionals (Eyben et al., IEEE Trans. Affective Computing 7(2), 2016)."""

from __future__ import annotations

from benchmark.features import opensmile
from benchmark.features.front_end import FrontEnd, one

FRONT_END = FrontEnd(
    name="egemaps",
    make=lambda: opensmile.functionals("eGeMAPSv02"),
    libraries=("opensmile",),
    imports=("opensmile",),
    fixed=one,
)
