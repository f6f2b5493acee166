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

# Beside it: the test folds of random clips, with another label. What is recognised -> corpus -> protocol.
# Without CREMA-D's 91 speakers, SAVEE's 87 texts and TESS's 200: so many classes make records of megabytes.
PROBES = {
    "speaker": {corpus: f"{corpus}-which-speaker" for corpus in RANKING if corpus != "cremad"},
    "text": {corpus: f"{corpus}-which-text" for corpus in RANKING if corpus not in ("savee", "tess")},
}

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


def all_of(corpus: str) -> list[str]:
    """The protocols of a corpus's ladder, and those beside it."""
    return [*of(corpus), *probes(corpus).values()]


def probes(corpus: str) -> dict[str, str]:
    """The protocols by which models recognise something else in a corpus's clips, by what it is.

    >>> probes("tess")
    {'speaker': 'tess-which-speaker'}
    """
    return {what: on[corpus] for what, on in PROBES.items() if corpus in on}
