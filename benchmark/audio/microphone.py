"""Sound from this machine's microphone, by sounddevice (extra `live`)."""

from __future__ import annotations

import numpy as np
import soxr

from benchmark.audio.reader import RATE
from protocols.errors import DataError, UnheardError


def record(seconds: float) -> np.ndarray:
    """So many seconds as (samples,) float32, mono, 16 kHz; recorded at the rate that the device likes.

    UnheardError without sounddevice, DataError without a microphone.
    """
    try:
        import sounddevice
    except (ImportError, OSError) as error:  # OSError: its library, PortAudio, is absent
        raise UnheardError(
            f"--microphone: sounddevice cannot be used ({error}). Run pip install 'unheard[live]'; on Linux "
            "also install PortAudio (libportaudio2)."
        ) from error
    try:
        rate = int(sounddevice.query_devices(kind="input")["default_samplerate"])
        sound = sounddevice.rec(round(seconds * rate), rate, channels=1, dtype="float32", blocking=True)
    except (sounddevice.PortAudioError, ValueError) as error:
        raise DataError(f"--microphone: {error}. Connect one, and allow its use.") from error
    return np.ascontiguousarray(soxr.resample(sound[:, 0], rate, RATE, quality="HQ"), dtype=np.float32)
