"""RAVDESS, the Ryerson Audio-Visual Database: 24 North American actors, two sentences, two intensities."""

import re
from pathlib import PurePosixPath

from protocols.corpora import Corpus, ManifestRow, Source
from protocols.errors import UnknownName

CITATION = (
    "S. R. Livingstone, F. A. Russo: The Ryerson Audio-Visual Database of Emotional Speech and Song. "
    "PLoS ONE 13(5): e0196391, 2018. doi:10.1371/journal.pone.0196391"
)
LICENCE = "CC BY-NC-SA 4.0"

LABELS = ("anger", "calm", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
SPEAKERS = {f"{actor:02d}": "male" if actor % 2 else "female" for actor in range(1, 25)}

# 03 audio only, 01 speech, emotion, intensity, statement, repetition, actor: 03-01-06-01-02-01-12
NAME = re.compile(
    r"03-01-(?P<emotion>0[1-8])-(?P<intensity>0[12])-(?P<statement>0[12])-(?P<take>0[12])-(?P<actor>\d\d)"
)
EMOTIONS = {
    "01": "neutral",
    "02": "calm",
    "03": "happiness",
    "04": "sadness",
    "05": "anger",
    "06": "fear",
    "07": "disgust",
    "08": "surprise",
}
INTENSITIES = {"01": "normal", "02": "strong"}
STATEMENTS = {"01": "kids", "02": "dogs"}  # "Kids are talking by the door", "Dogs are sitting by the door"


def parse(path: PurePosixPath) -> ManifestRow:
    name = NAME.fullmatch(path.stem)
    neutral_and_strong = name and name["emotion"] == "01" and name["intensity"] == "02"
    if not name or name["actor"] not in SPEAKERS or neutral_and_strong:
        raise UnknownName(
            f"ravdess: {path} is not a name of RAVDESS speech such as Actor_12/03-01-06-01-02-01-12.wav"
        )
    actor = name["actor"]
    return ManifestRow(
        clip=path.stem,
        path=f"Actor_{actor}/{path.stem}.wav",
        speaker=actor,
        sex=SPEAKERS[actor],
        emotion=EMOTIONS[name["emotion"]],
        sentence=STATEMENTS[name["statement"]],
        intensity=INTENSITIES[name["intensity"]],
    )


CORPUS = Corpus(
    name="ravdess",
    title="RAVDESS",
    language="English",
    citation=CITATION,
    licence=LICENCE,
    homepage="https://zenodo.org/records/1188976",
    obtain=(
        "Public download of one zip archive, Audio_Speech_Actors_01-24.zip (208 MB), no registration: "
        "https://zenodo.org/records/1188976. Unpack it so that "
        "DIR/ravdess/Actor_01/03-01-01-01-01-01-01.wav exists."
    ),
    labels=LABELS,
    speakers=SPEAKERS,
    parse=parse,
    sources=(
        Source(
            url="https://zenodo.org/records/1188976/files/Audio_Speech_Actors_01-24.zip",
            md5="bc696df654c87fed845eb13823edef8a",
            bytes=208_468_073,
        ),
    ),
    defects=("03-01-03-01-02-01-07 and 03-01-03-01-02-02-07 are the same bytes.", "Some files are stereo."),
    human="62.4 % accuracy (Livingstone & Russo 2018, audio-only speech)",
)
