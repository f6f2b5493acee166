"""librosa, imported by one process at a time.

Its first import in a fresh environment compiles functions by numba, and keeps them beside its own files.
Where two processes do so at once, what one keeps may call what the other does: every later process crashes.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from importlib.util import find_spec
from pathlib import Path

from benchmark.storage import files, places
from protocols.errors import StoreError

__all__ = ["librosa"]


def _lock(held: ExitStack) -> None:
    """Of this installation, or where nothing can be written there, of this user."""
    spec = find_spec("librosa")
    own = [Path(spec.origin).parent / "__pycache__"] if spec and spec.origin else []
    for folder in (*own, places.cache()):
        with suppress(StoreError):
            held.enter_context(files.lock(folder / "librosa.lock"))
            return


with ExitStack() as held:
    _lock(held)
    import librosa.core
    import librosa.effects
    import librosa.feature
