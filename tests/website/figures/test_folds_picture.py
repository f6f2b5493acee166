"""The picture of the folds: everybody's part, and that all of it is inside."""

import re
from dataclasses import replace

import pytest

from benchmark.website.figures import folds_picture
from protocols import corpora, folds
from protocols.selection import Selection

NAMES = ["savee-loso", "ravdess-6fold", "cremad-5fold", "tess-2fold", "emodb-loso", "emovo-loso"]


def drawn(name):
    protocol = folds.load(name)
    corpus = corpora.load(protocol.corpora[0])
    return protocol, corpus, folds_picture.picture(protocol, folds.population(protocol))


def test_parts_are_those_of_the_split_file():
    protocol = folds.load("emodb-loso")
    fold = protocol.folds[0]  # tests 03; validation 08 10 | 09 11 | 13 12
    speakers = ["03", "08", "12", "13", "14", "16"]
    found = folds_picture.parts(protocol, fold, folds.population(protocol), speakers)
    assert found == ["test", "validation", "validation", "validation", "train", "train"]


@pytest.mark.parametrize("name", NAMES)
def test_the_boxes_fill_every_row_and_nothing_is_outside(name):
    protocol, _, picture = drawn(name)
    boxes = [
        tuple(map(float, box))
        for path in picture.shapes.values()
        for box in re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v[\d.]+h-[\d.]+z", path)
    ]
    rows = {y for _, y, _ in boxes}
    assert len(rows) == len(protocol.folds)
    gap = folds_picture.GAP
    for row in rows:
        right = folds_picture.LEFT
        for x, _, width in sorted(box for box in boxes if box[1] == row):
            assert x == pytest.approx(right, abs=0.11)
            right = x + width + gap
        assert right == pytest.approx(picture.width, abs=0.11)
    assert max(rows) < picture.height
    assert all(0 <= word.x <= picture.width for word in (*picture.marks, *picture.columns))


@pytest.mark.parametrize("name", ["savee-loso", "ravdess-6fold", "emodb-loso", "emovo-loso"])
def test_each_speaker_tests_once_and_validates_as_often_as_the_file_says(name):
    protocol, corpus, picture = drawn(name)
    letters = [word.text for word in picture.marks]
    assert letters.count("T") == len(corpus.speakers)
    assert letters.count("V") == sum(
        len({s for inner in f.validation for s in inner.speakers}) for f in protocol.folds
    )
    assert sorted(word.text for word in picture.columns) == sorted(corpus.speakers)


def test_ninety_one_speakers_stay_compact():
    _, _, picture = drawn("cremad-5fold")
    assert picture.width < 720
    assert [word.text for word in picture.marks if word.part == "test"] == [*["T 18"] * 4, "T 19"]
    assert [word.text for word in picture.columns] == ["1001", "1019", "1037", "1055", "1073"]


def test_tess_says_that_sentences_validate():
    _, _, picture = drawn("tess-2fold")
    assert sorted(word.text for word in picture.marks) == [*["160 sentences"] * 2, "T", "T", "V 40", "V 40"]


def test_speakers_that_a_fold_does_not_use_stay_blank():
    protocol = folds.load("savee-loso")
    used = [replace(fold, train=Selection(speakers=("DC", "JE", "JK"))) for fold in protocol.folds]
    whole = folds.population(protocol)
    fold = next(f for f in used if f.test.speakers == ("DC",))
    fold = replace(fold, validation=(Selection(speakers=("JE",)),))
    assert folds_picture.parts(protocol, fold, whole, ["DC", "JE", "JK", "KL"]) == [
        "test",
        "validation",
        "train",
        None,
    ]


def test_what_does_not_test_whole_speakers_has_no_picture():
    protocol = folds.load("savee-loso")
    clips = tuple(row.clip for row in corpora.load("savee").manifest[:9])
    odd = replace(protocol, folds=(replace(protocol.folds[0], test=Selection(clips=clips)),))
    assert folds_picture.picture(odd, folds.population(protocol)) is None
