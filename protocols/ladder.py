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


def of(corpus: str) -> list[str]:
    """The protocols of a corpus, from the lowest rung up, and its control.

    >>> of("emodb")
    ['emodb-as-published', 'emodb-random-clips', 'emodb-unseen-texts', 'emodb-loso', 'emodb-unseen-both']
    """
    rungs = [AS_PUBLISHED, *RUNGS.values()]
    return [*(rung[corpus] for rung in rungs), *filter(None, [CONTROLS.get(corpus)])]
