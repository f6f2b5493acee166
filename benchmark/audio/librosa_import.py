"""librosa, imported by one process at a time.

Its first import in a fresh environment compiles parts of it by numba, and keeps them there. Two processes
that do so at once may leave files with which every later one crashes.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress

from benchmark.storage import files, places
from protocols.errors import StoreError

__all__ = ["librosa"]

with ExitStack() as held:
    with suppress(StoreError):  # where nothing can be written, nothing is kept either
        held.enter_context(files.lock(places.cache() / "librosa.lock"))
    import librosa.core
    import librosa.effects
    import librosa.feature
