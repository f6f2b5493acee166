"""Front ends that several files of tests try."""

from benchmark.features import front_ends

# All but encoders, which need weights.
KINDS = [name for name, declared in front_ends.registry().items() if not declared.encoder]
IMAGE = {
    "n_fft": 1024,
    "window": 512,
    "hamming": True,
    "hop": 64,
    "n_mels": 128,
    "seconds": 4.0,
    "resize": 128,
}
