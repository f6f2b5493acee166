"""What lies where a corpus's folder should be: another spelling, an archive, the wrong folder as --data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from protocols.corpora import Corpus

ARCHIVES = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar")


def hint(corpus: Corpus, data: Path) -> str:
    """What is there in place of `data`'s folder of a corpus, and what to do; "" where nothing is."""
    wanted = data / corpus.name
    if wanted.is_symlink() and not wanted.exists():
        return f"{wanted} is a link to {wanted.readlink()}, which is not there."
    if wanted.is_file():
        return f"{wanted} is a file: unpack it, if it is an archive, and put a folder in its place."
    for path in _children(data):
        if path.is_dir() and _is_name(path.name, corpus):
            return f"{path} is there: rename it to {wanted}."
        if _is_archive(path) and (_is_name(path.name, corpus) or path.name in _published(corpus)):
            return f"{path} is not unpacked: unpack it into {wanted}."
    if _holds(corpus, data):
        above = data.resolve().parent
        inside = "" if data.resolve().name == corpus.name else f" and rename this one to {corpus.name}"
        return f"{data} is the folder of {corpus.title} itself: give --data {above}{inside}."
    for path in _children(data):
        if (path / corpus.name).is_dir():
            return f"{path / corpus.name} is there: give --data {path}."
    return ""


def packed(folder: Path) -> str:
    """The archive in a corpus's folder that was not unpacked, and what to do; "" where there is none."""
    archives = [path for path in _children(folder) if _is_archive(path)]
    return f"{archives[0]} is not unpacked: unpack it there." if archives else ""


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return []


def _is_archive(path: Path) -> bool:
    return path.suffix.lower() in ARCHIVES and path.is_file()


def _is_name(name: str, corpus: Corpus) -> bool:
    """Whether a folder or an archive goes by the corpus's name, such as Emo-DB or CREMA-D-master."""
    return _letters(name).startswith(_letters(corpus.name))


def _letters(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())


def _published(corpus: Corpus) -> Iterator[str]:
    """What its owner calls its archives."""
    return (PurePosixPath(source.url).name for source in corpus.sources if source.archive == "zip")


def _holds(corpus: Corpus, folder: Path) -> bool:
    """Whether some clip lies in its official place below this folder, of which no more is looked at."""
    clips = {PurePosixPath(clip.path).with_suffix("") for clip in corpus.manifest}
    places = {clip.parent for clip in clips}
    return any(place / path.stem in clips for place in places for path in _children(folder / place))
