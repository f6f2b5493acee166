"""A made-up corpus: four speakers, three emotions, four sentences; and its split, one speaker out."""

import re
from pathlib import Path, PurePosixPath

from protocols.corpora import Corpus, ManifestRow
from protocols.errors import UnknownName

HERE = Path(__file__).parent

LABELS = ("anger", "happiness", "sadness")
SPEAKERS = {"ann": "female", "ben": "male", "cleo": "female", "dan": "male"}
NAME = re.compile(r"(?P<speaker>[a-z]+)-(?P<emotion>[a-z]+)-(?P<sentence>[1-4])")


def parse(path: PurePosixPath) -> ManifestRow:
    name = NAME.fullmatch(path.stem)
    if not name or name["speaker"] not in SPEAKERS or name["emotion"] not in LABELS:
        raise UnknownName(f"example: {path} is not a name such as ann/ann-anger-1.wav")
    return ManifestRow(
        clip=path.stem,
        path=f"{name['speaker']}/{path.stem}.wav",
        speaker=name["speaker"],
        sex=SPEAKERS[name["speaker"]],
        emotion=name["emotion"],
        sentence=name["sentence"],
    )


CORPUS = Corpus(
    name="example",
    title="Example corpus",
    language="none",
    citation="Made up for the documentation of unheard.",
    licence="Apache-2.0",
    homepage="",
    obtain="Nobody recorded it: python -m benchmark corpora synthesise example --full --data DIR",
    labels=LABELS,
    speakers=SPEAKERS,
    parse=parse,
    manifest_file=HERE / "example.csv",
)

EXAMPLE_LOSO = HERE / "example-loso.toml"
