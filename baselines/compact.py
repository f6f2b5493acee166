"""What the compact networks share: which part of a clip they are given, and which copies they learn from."""

from __future__ import annotations

from protocols.contract import Augmentation, Features, Params


def features(front_end: str, params: Params, **options: int) -> Features:
    """The middle 3 s, with the clip's level removed or not, and four copies of each training clip.

    A copy runs at another speed, as if somebody else spoke: a corpus has few voices. And to a network the
    level of a clip is the recording's as much as the emotion's. On the inner folds of SAVEE, EMOVO and EMO-DB
    copies gain 4, 2 and 10 points of UAR for `small-cnn`, and removed levels 6, 2 and -2: whether they are
    removed is searched (docs/compact-networks.md).
    """
    return Features(
        front_end=front_end,
        options=options,
        seconds=3.0,
        level=params["level"],
        copies=4,
        augmentation=(Augmentation("speed", 0.88, 1.12),),
    )
