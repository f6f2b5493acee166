"""fvcore, imported quietly: with its counter come losses that are compiled the way PyTorch used to."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from fvcore.nn import FlopCountAnalysis, jit_handles

__all__ = ["FlopCountAnalysis", "jit_handles"]
