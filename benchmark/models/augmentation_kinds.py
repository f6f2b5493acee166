"""The kinds of augmentation that a model may declare: their sources, and the limits of their amounts."""

from __future__ import annotations

from collections.abc import Iterable

from protocols.contract import Augmentation
from protocols.errors import PluginError

SCHLUETER = (
    "J. Schlüter, T. Grill: Exploring Data Augmentation for Improved Singing Voice Detection with Neural "
    "Networks. ISMIR 2015"
)
PARK = (
    "D. S. Park et al.: SpecAugment: A Simple Data Augmentation Method for Automatic Speech Recognition. "
    "Interspeech 2019. https://doi.org/10.21437/Interspeech.2019-2680"
)
SOURCES = {
    "noise": (
        "C. M. Bishop: Training with Noise is Equivalent to Tikhonov Regularization. Neural Computation "
        "7(1), 1995. https://doi.org/10.1162/neco.1995.7.1.108"
    ),
    "gain": SCHLUETER,
    "time-shift": (
        "K. J. Piczak: Environmental Sound Classification with Convolutional Neural Networks. MLSP 2015. "
        "https://doi.org/10.1109/MLSP.2015.7324337"
    ),
    "speed": (
        "T. Ko et al.: Audio Augmentation for Speech Recognition. Interspeech 2015. "
        "https://doi.org/10.21437/Interspeech.2015-711"
    ),
    "pitch": (
        "J. Salamon, J. P. Bello: Deep Convolutional Neural Networks and Data Augmentation for Environmental "
        "Sound Classification. IEEE Signal Processing Letters 24(3), 2017. "
        "https://doi.org/10.1109/LSP.2017.2657381"
    ),
    "vocal-tract": (
        "After N. Jaitly, G. E. Hinton: Vocal Tract Length Perturbation (VTLP) Improves Speech Recognition. "
        "ICML Workshop on Deep Learning for Audio, Speech and Language Processing, 2013"
    ),
    "time-mask": PARK,
    "band-mask": PARK,
    "band-shift": f"After {SCHLUETER}: their scaling of frequency, which on mel bands is nearly a shift",
}
LIMITS = {  # of the amounts: least and greatest
    "noise": (-40.0, 120.0),
    "gain": (-60.0, 60.0),
    "time-shift": (-60.0, 60.0),
    "speed": (0.25, 4.0),
    "pitch": (-24.0, 24.0),
    "vocal-tract": (0.5, 2.0),
    "time-mask": (0.0, 1.0),
    "band-mask": (0.0, 1000.0),
    "band-shift": (-1000.0, 1000.0),
}


def check(augmentation: Iterable[Augmentation], *, known: Iterable[str], copies: int = 0) -> None:
    """PluginError where a kind is not among the `known` (WAVE or FEATURE), or its numbers make no sense.

    `copies`: so many augmented copies there are.
    """
    for each in augmentation:
        if each.kind not in known:
            raise PluginError(f"there is no augmentation {each.kind!r} here; known: {', '.join(known)}.")
        least, most = LIMITS[each.kind]
        if not least <= each.low <= each.high <= most:
            raise PluginError(
                f"{each.kind}: from {each.low:g} to {each.high:g} is no range; "
                f"give low <= high, both from {least:g} to {most:g}."
            )
        if not 0 <= each.probability <= 1:
            raise PluginError(f"{each.kind}: the probability {each.probability:g} is not from 0 to 1.")
        if strange := [number for number in each.copies if not 1 <= number <= copies]:
            raise PluginError(
                f"{each.kind}: there is no augmented copy {strange[0]} here; "
                + (f"they are numbered from 1 to {copies}." if copies else "leave `copies` out.")
            )
