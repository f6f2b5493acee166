"""How large the difference of two models' UARs must be to be shown, and how many speakers that takes."""

from __future__ import annotations

import math
from itertools import count

import numpy as np
from scipy import special

from benchmark.scores.holm import ALPHA
from benchmark.scores.variance import NONE, Variance

POWER = 0.8  # with which a detectable difference is found


def variance(shares: np.ndarray, weights: np.ndarray) -> Variance:
    """Of a difference in UAR with these shares by speaker (or fold), (speakers,).

    A speaker's residual is the share less what the whole difference gives to so many clips, `weights`
    (speakers,), which sum to 1: so it is no scatter that some speakers have more clips (W. G. Cochran,
    Sampling Techniques, 3rd edition, 1977, section 6.3, the variance of a ratio).

    >>> variance(np.array([0.25, 0.75]), np.array([0.5, 0.5]))
    Variance(value=0.25, freedom=1)
    """
    speakers = len(shares)
    if speakers < 2:  # then what is left of it is a rounding error, which would count
        return NONE
    residuals = shares - weights * shares.sum()
    return Variance(float(speakers / (speakers - 1) * np.sum(residuals**2)), speakers - 1)


def detectable(known: Variance, *, speakers: int, smallest: float) -> float | None:
    """The smallest true difference that the test would find with 80 % power, at 5 % before any correction.

    None where no difference can be shown: `smallest`, the least p that so many speakers allow, is not below
    5 %. It has as many standard errors as the quantile of t from which a difference is significant, and the
    one that 80 % of the draws exceed (S. A. Julious, Sample sizes for clinical trials with normal data,
    Statistics in Medicine 23, 2004). Where the smallest p alone is below 5 %, which is with six speakers, all
    must agree, and that takes more.

    >>> detectable(Variance(0.0004, 23), speakers=24, smallest=1e-4)
    0.0585...
    """
    if smallest >= ALPHA:
        return None
    if not known.value:
        return 0.0
    errors = float(special.stdtrit(known.freedom, [1 - ALPHA / 2, POWER]).sum())
    if 2 * smallest >= ALPHA:
        errors = max(errors, float(speakers**0.5 * special.ndtri(POWER ** (1 / speakers))))
    return errors * known.error


def speakers_needed(known: Variance, *, speakers: int, difference: float = 0.02) -> int:
    """How many speakers like these would show such a true difference with 80 % power; at least six.

    A variance falls with the number of speakers, and so does that of training noise where there are as many
    to a trained model. The number is that of normal quantiles, increased until `detectable` agrees.

    >>> speakers_needed(Variance(0.0004, 23), speakers=24)
    191
    """
    errors = float(special.ndtri([1 - ALPHA / 2, POWER]).sum())
    fewest = max(6, math.ceil(speakers * known.value * (errors / difference) ** 2))
    for n in count(fewest):
        like = Variance(known.value * speakers / n, known.freedom * n / speakers)
        shown = detectable(like, speakers=n, smallest=2.0 ** (1 - n))
        if shown is not None and shown <= difference:
            return n
    raise AssertionError("more speakers show less")
