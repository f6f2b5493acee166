"""SAVEE, Surrey Audio-Visual Expressed Emotion: four English men read TIMIT sentences."""

import re
from pathlib import PurePosixPath

from protocols.corpora import Corpus, ManifestRow
from protocols.errors import UnknownName

CITATION = (
    "S. Haq, P. J. B. Jackson: Multimodal Emotion Recognition. In: Machine Audition: Principles, Algorithms "
    "and Systems, IGI Global 2010, 398-423. doi:10.4018/978-1-61520-919-4.ch017"
)
LICENCE = "Research only; registration required"

LABELS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
SPEAKERS = {"DC": "male", "JE": "male", "JK": "male", "KL": "male"}

# emotion and number: a01; the speaker is the folder (AudioData/DC/a01) or a prefix (DC_a01)
NAME = re.compile(r"(?:(?P<speaker>DC|JE|JK|KL)_)?(?P<emotion>sa|su|[adfhn])(?P<number>\d\d)")
EMOTIONS = {
    "a": "anger",
    "d": "disgust",
    "f": "fear",
    "h": "happiness",
    "n": "neutral",
    "sa": "sadness",
    "su": "surprise",
}
# The twelve emotion-specific sentences come again as n19 to n30, in this order of their emotions.
SPECIFIC_IN_NEUTRAL = ("anger", "disgust", "fear", "surprise", "sadness", "happiness")


def sentence(emotion: str, number: int) -> str:
    """The sentence's id: common-k, <emotion>-specific-k or <emotion>-generic-k.

    Each emotion has 3 common sentences (01 to 03), 2 specific (04, 05) and 10 generic ones (06 to 15).
    The 30 neutral clips are the common ones twice (n01 to n03, n16 to n18), 12 generic ones (n04 to n15)
    and all twelve specific ones. The corpus does not print this order; it was found by aligning every
    neutral clip with every other clip of its speaker (dynamic time warping of MFCCs): for all 18 repeated
    sentences the match is unmistakable.
    """
    if emotion == "neutral" and number > 18:
        turn, second = divmod(number - 19, 2)
        return f"{SPECIFIC_IN_NEUTRAL[turn]}-specific-{second + 1}"
    if emotion == "neutral" and number > 15:
        number -= 15
    if number <= 3:
        return f"common-{number}"
    if emotion == "neutral":
        return f"neutral-generic-{number - 3}"
    return f"{emotion}-specific-{number - 3}" if number <= 5 else f"{emotion}-generic-{number - 5}"


def parse(path: PurePosixPath) -> ManifestRow:
    name = NAME.fullmatch(path.stem)
    speaker = (name and name["speaker"]) or path.parent.name
    number = int(name["number"]) if name else 0
    if not name or speaker not in SPEAKERS or not 1 <= number <= (30 if name["emotion"] == "n" else 15):
        raise UnknownName(f"savee: {path} is not a SAVEE name such as AudioData/DC/a01.wav or DC_a01.wav")
    emotion = EMOTIONS[name["emotion"]]
    stem = name["emotion"] + name["number"]
    return ManifestRow(
        clip=f"{speaker}_{stem}",
        path=f"AudioData/{speaker}/{stem}.wav",
        speaker=speaker,
        sex=SPEAKERS[speaker],
        emotion=emotion,
        sentence=sentence(emotion, number),
    )


CORPUS = Corpus(
    name="savee",
    title="SAVEE",
    language="English",
    citation=CITATION,
    licence=LICENCE,
    homepage="http://kahlan.eps.surrey.ac.uk/savee/",
    obtain=(
        "Register at http://kahlan.eps.surrey.ac.uk/savee/Register.html; the link to the audio comes by "
        "e-mail. Unpack it so that DIR/savee/AudioData/DC/a01.wav exists."
    ),
    labels=LABELS,
    speakers=SPEAKERS,
    parse=parse,
)
