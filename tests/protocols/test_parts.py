"""Parts: what a split file says by a letter a clip."""

import re
import textwrap

import pytest
import split_files

from protocols import corpora, folds, parts
from protocols.errors import FoldError

CLIPS = [row.clip for row in corpora.load("savee").manifest]
LETTERS = "".join("abc"[row % 3] for row in range(len(CLIPS)))
RANDOM = {
    "corpora": ["savee"],
    "leaks": "yes",
    "ranks": False,
    "apart": ["clip"],
    "validation_apart": ["clip"],
}
FOLD = {"test": {"parts": ["a"]}, "validation": [{"parts": ["b"], "speakers": ["DC"]}]}


def written(folder, *, letters=LETTERS, fold=FOLD, **more):
    return split_files.write(folder, "odd", **{**RANDOM, "parts": letters, "folds": [fold], **more})


def test_parts_are_as_if_their_clips_were_listed(tmp_path):
    lettered = folds.load(written(tmp_path))
    listed = {
        "test": {"clips": CLIPS[0::3]},
        "validation": [{"clips": CLIPS[1::3], "speakers": ["DC"]}],
    }
    named = folds.load(split_files.write(tmp_path, "named", **RANDOM, folds=[listed]))
    assert lettered.folds == named.folds
    rows = folds.population(lettered).rows
    split = folds.split(lettered, lettered.folds[0], rows)
    assert split.test.tolist() == list(range(0, 480, 3))
    ((_, validation),) = split.inner
    assert {rows[row].speaker for row in validation} == {"DC"}


def test_line_breaks_between_letters_mean_nothing(tmp_path):
    wrapped = "\n".join(textwrap.wrap(LETTERS, 70))
    assert folds.load(written(tmp_path, letters=f"\n{wrapped}\n")).folds[0].test.clips == tuple(CLIPS[0::3])


def test_several_parts_and_none(tmp_path):
    letters = "ab" + "." * (len(CLIPS) - 3) + "c"
    fold = {"test": {"parts": ["a", "c"]}, "validation": [{"parts": ["b"]}]}
    protocol = folds.load(written(tmp_path, letters=letters, fold=fold))
    assert protocol.folds[0].test.clips == (CLIPS[0], CLIPS[-1])
    assert parts.letters({"a": [CLIPS[0]], "b": [CLIPS[1]], "c": [CLIPS[-1]]}, CLIPS) == letters


def test_of_altered_copies_a_letter_follows_the_clips(tmp_path):
    copies = {"copies": 1, "augmentation": [{"kind": "noise", "low": 10, "high": 20}], "search": False}
    fold = {"test": {"parts": ["b"]}}
    protocol = folds.load(written(tmp_path, letters="ab" * len(CLIPS), fold=fold, **copies))
    assert protocol.folds[0].test.clips == tuple(f"{clip}#1" for clip in CLIPS)
    with pytest.raises(FoldError, match=r"`parts` has 480 letters; savee has 480 clips, 2 rows each"):
        folds.load(written(tmp_path, fold=fold, **copies))


def test_another_letter_is_another_digest(tmp_path):
    path = written(tmp_path)
    path.write_text(path.read_text().replace('"abcabc', '"bacabc'))
    with pytest.raises(FoldError, match=r"odd\.toml or a manifest is not what the file's digest says"):
        folds.load(path)


REFUSED = {
    "a letter is missing": ({"letters": LETTERS[1:]}, "`parts` has 479 letters; savee has 480 clips"),
    "a part is empty": (
        {"fold": {**FOLD, "test": {"parts": ["x"]}}},
        "`parts = ['x']`: must be a list of a, b, c",
    ),
    "a part is no list": ({"fold": {**FOLD, "test": {"parts": 1}}}, "`parts = 1`: must be a list of a, b, c"),
    "clips as well": (
        {"fold": {**FOLD, "test": {"parts": ["a"], "clips": CLIPS[:1]}}},
        "a selection has `parts` or `clips`, not both",
    ),
    "fewer than no copies": (
        {"letters": "", "copies": -1, "augmentation": [{"kind": "noise", "low": 10, "high": 20}]},
        "`parts` has 0 letters; savee has 480 clips",
    ),
    "two corpora": (
        {"corpora": ["savee", "tess"]},
        "`parts` must be text, a letter for each clip, and the file",
    ),
    "no text": ({"letters": ["a", "b"]}, "`parts` must be text, a letter for each clip, and the file"),
    "parts of nothing": (
        {},
        "unknown field `parts`; known: clips, corpora, sentences, speakers",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_refused(tmp_path, kind):
    changes, message = REFUSED[kind]
    path = written(tmp_path, **changes)
    if kind == "parts of nothing":
        path.write_text(re.sub(r"^parts = .*\n", "", path.read_text(), flags=re.MULTILINE))
    with pytest.raises(FoldError, match=re.escape(message)):
        folds.load(path)
