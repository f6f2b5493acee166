"""Who trains, validates and tests in each fold, as a picture: a row a fold, a column a speaker.

Speakers stand in the order in which the folds test them. Coordinates are SVG's, y points down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from protocols import folds
from protocols.folds import Fold, Protocol
from protocols.population import Population

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")
LETTERS: dict[Part, str] = {"train": "", "validation": "V", "test": "T"}

LEFT, TOP, ROW, GAP = 46.0, 18.0, 19.0, 1.0
WIDEST, NARROWEST = 28.0, 7.0  # of a speaker's column
APART = 14.0  # from which width on each speaker has a box
ROOM = 640.0  # for all columns, unless they must be narrower than NARROWEST
BY_SENTENCE = 190.0  # a column that also says how many sentences train and validate
DIGIT = 6.5  # width of a letter


@dataclass(frozen=True)
class Word:
    """Text in the picture."""

    x: float
    y: float
    text: str
    part: Part | None = None  # the part that it stands on


@dataclass(frozen=True, kw_only=True)
class FoldsPicture:
    """All that a template draws."""

    width: float
    height: float
    shapes: dict[Part, str]  # the cells of each part as an SVG path
    marks: tuple[Word, ...]  # T and V, and counts of sentences
    rows: tuple[Word, ...]  # names of folds
    columns: tuple[Word, ...]  # names of speakers, as many as there is room for
    merged: bool  # neighbours with the same part share a box
    by_sentence: bool  # sentences of the training speaker validate


def by_speaker(protocol: Protocol) -> bool:
    """Whether every fold tests whole speakers, none of them twice: then there is a picture."""
    tested = [speaker for fold in protocol.folds for speaker in fold.test.speakers or ()]
    whole = all(set(fold.test.names) == {"speaker"} for fold in protocol.folds)
    return whole and len(set(tested)) == len(tested)


def _by_sentence(protocol: Protocol) -> bool:
    """Whether sentences of the training speaker validate."""
    return all(set(inner.names) == {"sentence"} for fold in protocol.folds for inner in fold.validation)


def parts(
    protocol: Protocol, fold: Fold, population: Population, speakers: Sequence[str]
) -> list[Part | None]:
    """What each speaker does in a fold; None for nothing.

    It is "validation" where any inner fold validates on the speaker, unless only sentences validate: then the
    speaker trains.
    """
    split = folds.split(protocol, fold, population.rows)
    test, train = ({population.rows[row].speaker for row in rows} for rows in (split.test, split.development))
    validation = {population.rows[row].speaker for _, rows in split.inner for row in rows}
    if _by_sentence(protocol):
        validation = set()
    return [
        "test" if s in test else "validation" if s in validation else "train" if s in train else None
        for s in speakers
    ]


def picture(protocol: Protocol, population: Population) -> FoldsPicture | None:
    """The picture of a protocol's folds; None where they do not test whole speakers."""
    if not by_speaker(protocol):
        return None
    speakers = [speaker for fold in protocol.folds for speaker in fold.test.speakers or ()]
    by_sentence = _by_sentence(protocol)
    cell = BY_SENTENCE if by_sentence else _cell(speakers)
    boxes: list[tuple[Part, float, float, float]] = []  # part, x, y, width
    marks: list[Word] = []
    for number, fold in enumerate(protocol.folds):
        y = TOP + ROW * number
        for part, start, count in _runs(parts(protocol, fold, population, speakers), cell):
            x, width = LEFT + cell * start, cell * count
            if by_sentence and part == "train":
                found, words = _sentences(fold, population, x, y)
                boxes += found
                marks += words
            elif part:
                boxes.append((part, x, y, width))
                marks += _letter(part, count, x + width / 2, y)
    return FoldsPicture(
        width=round(LEFT + cell * len(speakers), 1),
        height=TOP + ROW * len(protocol.folds),
        shapes={part: "".join(_path(*box[1:]) for box in boxes if box[0] == part) for part in PARTS},
        marks=tuple(marks),
        rows=tuple(Word(0.0, _line(TOP + ROW * n), f"fold {n}") for n in range(len(protocol.folds))),
        columns=_columns(protocol, cell),
        merged=cell < APART,
        by_sentence=by_sentence,
    )


def _cell(speakers: Sequence[str]) -> float:
    """How wide a column is: wide enough for names where there are few."""
    if len(speakers) * WIDEST <= ROOM * 1.1:
        return max(WIDEST, DIGIT * max(map(len, speakers)) + 4)
    return round(max(NARROWEST, ROOM / len(speakers)), 1)


def _runs(row: Sequence[Part | None], cell: float) -> list[tuple[Part | None, int, int]]:
    """Part, first speaker and number of speakers of each box: one speaker, or, where cells are narrow, all
    neighbours with the same part."""
    runs: list[tuple[Part | None, int, int]] = []
    for place, part in enumerate(row):
        if runs and cell < APART and runs[-1][0] == part:
            runs[-1] = (part, runs[-1][1], runs[-1][2] + 1)
        else:
            runs.append((part, place, 1))
    return runs


def _letter(part: Part, count: int, middle: float, y: float) -> list[Word]:
    """T or V, with the number of speakers where they are several."""
    text = LETTERS[part] + (f" {count}" if count > 1 else "")
    return [Word(round(middle, 1), _line(y), text, part)] if LETTERS[part] else []


def _sentences(
    fold: Fold, population: Population, x: float, y: float
) -> tuple[list[tuple[Part, float, float, float]], list[Word]]:
    """The training speaker's cell, divided where the held-out sentences begin."""
    spoken = len({row.sentence for row in population.rows})
    held = len({sentence for inner in fold.validation for sentence in inner.sentences or ()})
    border = round(BY_SENTENCE * (1 - held / spoken), 1)
    return [("train", x, y, border), ("validation", x + border, y, BY_SENTENCE - border)], [
        Word(round(x + border / 2, 1), _line(y), f"{spoken - held} sentences", "train"),
        Word(round(x + (border + BY_SENTENCE) / 2, 1), _line(y), f"V {held}", "validation"),
    ]


def _columns(protocol: Protocol, cell: float) -> tuple[Word, ...]:
    """The speakers' names; of narrow columns the first that each fold tests, where there is room."""
    words: list[Word] = []
    place, free = 0, 0.0
    for fold in protocol.folds:
        for index, speaker in enumerate(fold.test.speakers or ()):
            wide = DIGIT * len(speaker)
            middle = LEFT + cell * (place + 0.5)
            if cell >= wide or (index == 0 and middle - wide / 2 >= free):
                words.append(Word(round(middle, 1), TOP - 5, speaker))
                free = middle + wide / 2 + DIGIT
            place += 1
    return tuple(words)


def _line(y: float) -> float:
    """The baseline of text in the row that begins at y."""
    return y + ROW - 6


def _path(x: float, y: float, width: float) -> str:
    return f"M{x:.1f} {y:.1f}h{width - GAP:.1f}v{ROW - GAP:.1f}h{GAP - width:.1f}z"
