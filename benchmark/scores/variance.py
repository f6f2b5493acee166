"""A variance that was estimated, with its degrees of freedom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Variance:
    """An estimate; `freedom` are its degrees of freedom, which mean nothing where the value is 0."""

    value: float
    freedom: float

    @property
    def error(self) -> float:
        """The standard error that it stands for."""
        return float(self.value**0.5)


NONE = Variance(0.0, 0)


def summed(parts: Sequence[Variance]) -> Variance:
    """Of a sum of independent numbers with these variances.

    Degrees of freedom: B. L. Welch's and F. E. Satterthwaite's (An approximate distribution of estimates of
    variance components, Biometrics Bulletin 2, 1946).

    >>> summed([Variance(1.0, 10), Variance(1.0, 10)])
    Variance(value=2.0, freedom=20.0)
    """
    parts = [part for part in parts if part.value > 0]
    if not parts:
        return NONE
    value = sum(part.value for part in parts)
    return Variance(value, 1 / sum((part.value / value) ** 2 / part.freedom for part in parts))


def of_mean(parts: Sequence[Variance]) -> Variance:
    """Likewise, of their mean."""
    whole = summed(parts)
    return Variance(whole.value / len(parts) ** 2, whole.freedom)
