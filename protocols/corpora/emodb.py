"""EMO-DB, the Berlin Database of Emotional Speech: ten German speakers, ten everyday sentences."""

import re
from pathlib import PurePosixPath

from protocols.corpora import Corpus, ManifestRow, Source
from protocols.errors import UnknownName

CITATION = (
    "F. Burkhardt, A. Paeschke, M. Rolfes, W. Sendlmeier, B. Weiss: A Database of German Emotional Speech. "
    "Interspeech 2005, 1517-1520. doi:10.21437/Interspeech.2005-446"
)
LICENCE = "CC0-1.0 or CC BY 4.0 (public sources disagree)"

LABELS = ("anger", "boredom", "disgust", "fear", "happiness", "neutral", "sadness")
SPEAKERS = {
    "03": "male", "08": "female", "09": "female", "10": "male", "11": "male",
    "12": "male", "13": "female", "14": "female", "15": "male", "16": "female",
}  # fmt: skip

# speaker, sentence, the emotion's German initial, and which take of it: 03a01Fa
NAME = re.compile(r"(?P<speaker>\d\d)(?P<sentence>[ab]\d\d)(?P<emotion>[WLEAFTN])[a-z]?")
EMOTIONS = {
    "W": "anger",  # Wut
    "L": "boredom",  # Langeweile
    "E": "disgust",  # Ekel
    "A": "fear",  # Angst
    "F": "happiness",  # Freude
    "T": "sadness",  # Trauer
    "N": "neutral",
}


def parse(path: PurePosixPath) -> ManifestRow:
    name = NAME.fullmatch(path.stem)
    if not name or name["speaker"] not in SPEAKERS:
        raise UnknownName(f"emodb: {path} is not an EMO-DB name such as wav/03a01Fa.wav")
    speaker = name["speaker"]
    return ManifestRow(
        clip=path.stem,
        path=f"wav/{path.stem}.wav",
        speaker=speaker,
        sex=SPEAKERS[speaker],
        emotion=EMOTIONS[name["emotion"]],
        sentence=name["sentence"],
    )


CORPUS = Corpus(
    name="emodb",
    title="EMO-DB",
    language="German",
    citation=CITATION,
    licence=LICENCE,
    homepage="http://emodb.bilderbar.info",
    obtain=(
        "Public download of one zip archive (about 40 MB), no registration: "
        "http://emodb.bilderbar.info/download/download.zip. "
        "Unpack it so that DIR/emodb/wav/03a01Fa.wav exists."
    ),
    labels=LABELS,
    speakers=SPEAKERS,
    parse=parse,
    sources=(Source(url="http://emodb.bilderbar.info/download/download.zip"),),
    defects=("EMO-DB 2.0 (Zenodo record 17651657) has 816 files; the benchmark's are the classic 535.",),
)
