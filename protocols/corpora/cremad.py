"""CREMA-D, the Crowd-sourced Emotional Multimodal Actors Dataset: 91 American actors, 12 sentences."""

import re
from pathlib import PurePosixPath

from protocols.corpora import Corpus, ManifestRow, Source
from protocols.errors import UnknownName

CITATION = (
    "H. Cao, D. G. Cooper, M. K. Keutmann, R. C. Gur, A. Nenkova, R. Verma: CREMA-D: Crowd-sourced Emotional "
    "Multimodal Actors Dataset. IEEE Transactions on Affective Computing 5(4), 2014, 377-390. "
    "doi:10.1109/TAFFC.2014.2336244"
)
LICENCE = "ODbL 1.0 (database) and DbCL 1.0 (contents)"

LABELS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness")
WOMEN = frozenset(
    map(
        str,
        (
            1002, 1003, 1004, 1006, 1007, 1008, 1009, 1010, 1012, 1013, 1018, 1020, 1021, 1024, 1025,
            1028, 1029, 1030, 1037, 1043, 1046, 1047, 1049, 1052, 1053, 1054, 1055, 1056, 1058, 1060,
            1061, 1063, 1072, 1073, 1074, 1075, 1076, 1078, 1079, 1082, 1084, 1089, 1091,
        ),
    )
)  # fmt: skip
SPEAKERS = {actor: "female" if actor in WOMEN else "male" for actor in map(str, range(1001, 1092))}

# actor, sentence, emotion, intensity: 1001_DFA_ANG_XX
NAME = re.compile(
    r"(?P<actor>1\d{3})_(?P<sentence>IEO|TIE|IOM|IWW|TAI|MTI|IWL|ITH|DFA|ITS|TSI|WSI)_"
    r"(?P<emotion>ANG|DIS|FEA|HAP|NEU|SAD)_(?P<intensity>LO|MD|HI|XX)"
)
EMOTIONS = {
    "ANG": "anger",
    "DIS": "disgust",
    "FEA": "fear",
    "HAP": "happiness",
    "NEU": "neutral",
    "SAD": "sadness",
}
INTENSITIES = {"LO": "low", "MD": "medium", "HI": "high", "XX": ""}


def parse(path: PurePosixPath) -> ManifestRow:
    # Old copies hold one clip under the name 1040_ITH_SAD_X.
    stem = "1040_ITH_SAD_XX" if path.stem == "1040_ITH_SAD_X" else path.stem
    name = NAME.fullmatch(stem)
    if not name or name["actor"] not in SPEAKERS:
        raise UnknownName(f"cremad: {path} is not a CREMA-D name such as AudioWAV/1001_DFA_ANG_XX.wav")
    return ManifestRow(
        clip=stem,
        path=f"AudioWAV/{stem}.wav",
        speaker=name["actor"],
        sex=SPEAKERS[name["actor"]],
        emotion=EMOTIONS[name["emotion"]],
        sentence=name["sentence"],
        intensity=INTENSITIES[name["intensity"]],
    )


CORPUS = Corpus(
    name="cremad",
    title="CREMA-D",
    language="English",
    citation=CITATION,
    licence=LICENCE,
    homepage="https://github.com/CheyneyComputerScience/CREMA-D",
    obtain=(
        "Public: clone https://github.com/CheyneyComputerScience/CREMA-D with Git LFS (or its mirror "
        "https://gitlab.com/cs-cooper-lab/crema-d-mirror) and point DIR/cremad at it."
    ),
    labels=LABELS,
    speakers=SPEAKERS,
    parse=parse,
    sources=(
        Source(url="https://media.githubusercontent.com/media/CheyneyComputerScience/CREMA-D/master/{path}",
               archive="file"),
    ),
    defects=(
        "Three pairs of identical audio under different labels: 1006_TIE_HAP/NEU, 1013_WSI_DIS/SAD, "
        "1017_IWW_ANG/FEA.",
        "1076_MTI_SAD_XX is silent.",
        "Old copies hold 1040_ITH_SAD_XX under the name 1040_ITH_SAD_X.",
        "Git clones without Git LFS hold pointers of about 130 bytes instead of audio.",
    ),
    human="40.9 % accuracy (Cao et al. 2014, voice only)",
)  # fmt: skip
