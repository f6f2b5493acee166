"""A front end that ONNX lacks parts of, as one file: a zip that Python imports from as it is.

It is the package `front_end`, with `front_end.compute(wave)`. In it are the engine's own modules, which
import each other there: so it stands beside an installed `benchmark`. It needs NumPy and SciPy.
"""

from __future__ import annotations

import importlib.util
import io
import re
import zipfile
from pathlib import Path

from benchmark.audio.reader import RATE
from benchmark.features import front_ends
from protocols.contract import Features

COMMON = ("benchmark.features.front_end", "protocols.errors")
OURS = re.compile(r"^(\s*from )(?=(?:benchmark|protocols)\b)", re.MULTILINE)  # an import of one of ours
READER = f"RATE = {RATE}  # Hz\n"  # in place of the module that reads files
MADE = (1980, 1, 1, 0, 0, 0)  # when files in it were written: the same export has the same bytes
ENTRY = '''"""wave (samples,): mono, {rate} Hz -> x (1, frames, values) float32, as the model is given it."""

import numpy as np

from front_end.{module} import FRONT_END

_compute = FRONT_END.make(**{options!r})


def compute(wave: np.ndarray) -> np.ndarray:
    x = np.asarray(_compute(np.asarray(wave, np.float32)), np.float32)
    return np.nan_to_num(x, nan=0.0, posinf=0.0, neginf=0.0)[None]
'''


def of(features: Features) -> bytes:
    """The zip of a front end that declares what it needs (`FrontEnd.alone`)."""
    declared = front_ends.declaration(features)
    found = {_place(module): _source(module) for module in (*COMMON, *declared.alone)}
    found["front_end/benchmark/audio/reader.py"] = READER
    found |= {f"{folder.as_posix()}/__init__.py": "" for name in list(found) for folder in _packages(name)}
    found["front_end/__init__.py"] = ENTRY.format(
        rate=RATE, module=declared.alone[-1], options=front_ends.options(features)
    )
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(found.items()):
            archive.writestr(zipfile.ZipInfo(name, MADE), text, zipfile.ZIP_DEFLATED)
    return data.getvalue()


def _place(module: str) -> str:
    return f"front_end/{module.replace('.', '/')}.py"


def _source(module: str) -> str:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return OURS.sub(r"\1front_end.", Path(spec.origin).read_text(encoding="utf-8"))


def _packages(name: str) -> list[Path]:
    return list(Path(name).parents)[:-1]  # without "."
