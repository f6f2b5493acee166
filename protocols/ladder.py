"""The ladder: the protocols of each corpus, from what is easiest for a model to what asks most of it.

A rung asks the same on all corpora: what of its test clips has a model met in training? The split files are
made by protocols/split_rules.
"""

RANKING = {  # in the order of the overview's columns
    "savee": "savee-loso",
    "ravdess": "ravdess-6fold",
    "cremad": "cremad-5fold",
    "tess": "tess-2fold",
    "emodb": "emodb-loso",
    "emovo": "emovo-loso",
}

# Below the ladder, as papers have it: altered copies of a test clip are in training, and nothing is searched.
AS_PUBLISHED = {corpus: f"{corpus}-as-published" for corpus in RANKING}

# What is unseen -> corpus -> protocol.
RUNGS = {
    "clips": {corpus: f"{corpus}-random-clips" for corpus in RANKING},
    "texts": {corpus: f"{corpus}-unseen-texts" for corpus in RANKING},
    "speakers": RANKING,
    "speakers and texts": {corpus: f"{corpus}-unseen-both" for corpus in RANKING},
}

# The last rung trains on fewer clips. Where texts tell emotions, this shows what fewer clips do without that.
CONTROLS = {"savee": "savee-fewer-clips"}

TITLES = {
    "clips": "random clips",
    "texts": "unseen texts",
    "speakers": "unseen speakers",
    "speakers and texts": "both unseen",
}


def titles(corpus: str) -> dict[str, str]:
    """What the protocols of a corpus are called as rungs: from the lowest up, and its control.

    >>> list(titles("savee").values())
    ['as published', 'random clips', 'unseen texts', 'unseen speakers', 'both unseen', 'fewer clips']
    """
    return {
        AS_PUBLISHED[corpus]: "as published",
        **{rung[corpus]: TITLES[what] for what, rung in RUNGS.items()},
        **({CONTROLS[corpus]: "fewer clips"} if corpus in CONTROLS else {}),
    }


def of(corpus: str) -> list[str]:
    """The protocols of a corpus, from the lowest rung up, and its control.

    >>> of("emodb")
    ['emodb-as-published', 'emodb-random-clips', 'emodb-unseen-texts', 'emodb-loso', 'emodb-unseen-both']
    """
    return list(titles(corpus))
