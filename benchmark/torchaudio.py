"""The one place where torchaudio is imported.

torchaudio's wheels carry a compiled extension that is linked against CUDA, and `import torchaudio` loads it:
beside a CPU-only torch that fails. Nothing here uses the extension (it holds forced alignment, RNN-T loss and
a faster lfilter), so where it cannot be loaded, an empty module stands in for it before torchaudio looks.
"""

from __future__ import annotations

import sys
from types import ModuleType

import torch


def _stand_in() -> ModuleType:
    def unavailable(function: object) -> object:
        return function

    module = ModuleType("torchaudio._extension")
    module._IS_TORCHAUDIO_EXT_AVAILABLE = False  # type: ignore[attr-defined]
    module.fail_if_no_align = unavailable  # type: ignore[attr-defined]
    return module


if torch.version.cuda is None:
    sys.modules.setdefault("torchaudio._extension", _stand_in())

from torchaudio import functional, models, pipelines, transforms  # noqa: E402

__all__ = ["functional", "models", "pipelines", "transforms"]
