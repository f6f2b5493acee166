"""EMOVO: six Italian actors say 14 sentences in 7 ways."""

import re
from pathlib import PurePosixPath

from protocols.corpora import Corpus, ManifestRow
from protocols.errors import UnknownName

CITATION = (
    "G. Costantini, I. Iaderola, A. Paoloni, M. Todisco: EMOVO Corpus: an Italian Emotional Speech Database. "
    "LREC 2014, 3501-3504. https://aclanthology.org/L14-1478"
)
LICENCE = "Research, non-commercial (terms unclear)"

LABELS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
SPEAKERS = {"f1": "female", "f2": "female", "f3": "female", "m1": "male", "m2": "male", "m3": "male"}

# emotion, speaker, sentence: dis-f1-b1. Sentences are short (b), long (l), nonsense (n), questions (d).
NAME = re.compile(
    r"(?P<emotion>dis|gio|neu|pau|rab|sor|tri)-(?P<speaker>[fm][123])-(?P<sentence>b[123]|l[1-4]|n[1-5]|d[12])"
)
EMOTIONS = {
    "dis": "disgust",  # disgusto
    "gio": "happiness",  # gioia
    "neu": "neutral",
    "pau": "fear",  # paura
    "rab": "anger",  # rabbia
    "sor": "surprise",  # sorpresa
    "tri": "sadness",  # tristezza
}


def parse(path: PurePosixPath) -> ManifestRow:
    name = NAME.fullmatch(path.stem)
    if not name:
        raise UnknownName(f"emovo: {path} is not an EMOVO name such as f1/dis-f1-b1.wav")
    speaker = name["speaker"]
    return ManifestRow(
        clip=path.stem,
        path=f"{speaker}/{path.stem}.wav",
        speaker=speaker,
        sex=SPEAKERS[speaker],
        emotion=EMOTIONS[name["emotion"]],
        sentence=name["sentence"],
    )


CORPUS = Corpus(
    name="emovo",
    title="EMOVO",
    language="Italian",
    citation=CITATION,
    licence=LICENCE,
    homepage="http://voice.fub.it/activities/corpora/emovo/index.html",
    obtain=(
        "Ask for it at http://voice.fub.it/activities/corpora/emovo/index.html (Fondazione Ugo Bordoni). "
        "Unpack it so that DIR/emovo/f1/dis-f1-b1.wav exists."
    ),
    labels=LABELS,
    speakers=SPEAKERS,
    parse=parse,
    defects=("Some files are stereo and some mono.",),
)
