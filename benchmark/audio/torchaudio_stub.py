"""Lets `import torchaudio` work beside a CPU-only torch, for the engine and for plugins.

torchaudio's wheels carry a compiled extension that is linked against CUDA, and `import torchaudio` loads it:
beside a CPU-only torch that fails. Nothing here uses the extension (it holds forced alignment, RNN-T loss and
a faster lfilter), so where it cannot be loaded, an empty module stands in for it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

EXTENSION = "torchaudio._extension"


class _Stub(MetaPathFinder, Loader):
    """Answers for the extension alone, and only beside a torch without CUDA."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname != EXTENSION:
            return None
        import torch

        return ModuleSpec(fullname, self) if torch.version.cuda is None else None

    def create_module(self, spec: ModuleSpec) -> None:  # noqa: ARG002
        return None

    def exec_module(self, module: ModuleType) -> None:
        module._IS_TORCHAUDIO_EXT_AVAILABLE = False  # type: ignore[attr-defined]
        module.fail_if_no_align = lambda function: function  # type: ignore[attr-defined]


def install() -> None:
    """Put the stub before Python's own finders, once a process. It imports neither torch nor torchaudio."""
    if not any(isinstance(finder, _Stub) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Stub())
