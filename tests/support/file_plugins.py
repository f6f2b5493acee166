"""A model in a file of its own, with modules beside it."""

from __future__ import annotations

from pathlib import Path

MODEL = """
from __future__ import annotations
{imports}
import numpy as np
from protocols.contract import Declaration, Features, FitInfo, Info

class Mine(Declaration):
    info = Info(name="mine", version="1", title="", summary="", deterministic=True, macs=1)

    @staticmethod
    def features(params):
        return Features(front_end="mfcc", functionals=("mean",))

    def __init__(self, n_classes, *, seed, device):
        self.n_classes = n_classes

    def fit(self, train, validation=None, *, epochs=None, report=None, context=None):
        {fit}
        return FitInfo()

    def predict_proba(self, clips):
        return np.full((len(clips), self.n_classes), 1 / self.n_classes)
"""


def written(
    folder: Path, imports: str = "", *, name: str = "mine.py", fit: str = "pass", **files: str
) -> str:
    """Write the model with these imports, and the modules; returns the model's path.

    `box__in__inner=TEXT` is the module box/inner.py.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for module, text in files.items():
        path = folder / (module.replace("__in__", "/") + ".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    path = folder / name
    path.write_text(MODEL.format(imports=imports, fit=fit))
    return str(path)
