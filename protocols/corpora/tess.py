"""TESS, the Toronto Emotional Speech Set: two women, 26 and 64 years old, say 200 words each in 7 ways."""

import re
from pathlib import PurePosixPath

from protocols.corpora import Corpus, ManifestRow, Source
from protocols.errors import UnknownName

CITATION = (
    "M. K. Pichora-Fuller, K. Dupuis: Toronto emotional speech set (TESS). Borealis, 2020. "
    "doi:10.5683/SP2/E8H2MF"
)
LICENCE = "CC BY-NC-ND 4.0"

LABELS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
SPEAKERS = {"OAF": "female", "YAF": "female"}

# speaker, word, emotion: OAF_back_angry. One official file is misspelt: OA_bite_neutral.
NAME = re.compile(
    r"(?P<speaker>OAF?|YAF)_(?P<word>[a-z]+)_(?P<emotion>angry|disgust|fear|happy|neutral|ps|sad)",
    re.IGNORECASE,
)
EMOTIONS = {
    "angry": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "happy": "happiness",
    "neutral": "neutral",
    "ps": "surprise",  # pleasant surprise
    "sad": "sadness",
}
# The official folders spell three emotions otherwise; copies vary the case, so only the name is read.
FOLDERS = {
    ("OAF", "fear"): "OAF_Fear",
    ("OAF", "ps"): "OAF_Pleasant_surprise",
    ("OAF", "sad"): "OAF_Sad",
    ("YAF", "ps"): "YAF_pleasant_surprised",
}
MISSPELT = {"OAF_bite_neutral": "OA_bite_neutral"}


def parse(path: PurePosixPath) -> ManifestRow:
    name = NAME.fullmatch(path.stem)
    if not name:
        raise UnknownName(f"tess: {path} is not a TESS name such as OAF_angry/OAF_back_angry.wav")
    speaker = "YAF" if name["speaker"].upper() == "YAF" else "OAF"
    word, emotion = name["word"].lower(), name["emotion"].lower()
    clip = f"{speaker}_{word}_{emotion}"
    folder = FOLDERS.get((speaker, emotion), f"{speaker}_{emotion}")
    return ManifestRow(
        clip=clip,
        path=f"{folder}/{MISSPELT.get(clip, clip)}.wav",
        speaker=speaker,
        sex=SPEAKERS[speaker],
        emotion=EMOTIONS[emotion],
        sentence=word,
    )


CORPUS = Corpus(
    name="tess",
    title="TESS",
    language="English",
    citation=CITATION,
    licence=LICENCE,
    homepage="https://doi.org/10.5683/SP2/E8H2MF",
    obtain=(
        "Public download, no registration: https://doi.org/10.5683/SP2/E8H2MF (Borealis) or "
        "https://tspace.library.utoronto.ca/handle/1807/24487. Unpack it so that "
        "DIR/tess/OAF_angry/OAF_back_angry.wav exists."
    ),
    labels=LABELS,
    speakers=SPEAKERS,
    parse=parse,
    sources=(
        Source(
            url="https://borealisdata.ca/api/access/dataset/:persistentId/?persistentId=doi:10.5683/SP2/E8H2MF"
        ),
    ),
    defects=(
        "OAF_neutral/OA_bite_neutral.wav is misspelt in the official archive.",
        "OAF_food_fear.wav is sampled at 96 kHz.",
        "YAF_germ_angry.wav and YAF_neat_fear.wav are AIFF inside .wav.",
    ),
)
