"""Split files that are refused: leaky, edited, of another manifest, or none."""

import os
import re
import tomllib
from typing import Any

import pytest

from protocols import folds, splits
from protocols.errors import FoldError


def edited(tmp_path, source, *changes, sign=True):
    """A copy of a split file, with texts changed; `sign` gives it the digest that it now has."""
    text = source.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    if sign:
        now = folds.digest(tomllib.loads(text))
        text = re.sub(r'^digest = ".*"$', f'digest = "{now}"', text, flags=re.MULTILINE)
    copy = tmp_path / "edited.toml"
    copy.write_text(text)
    return copy


SAVEE, TESS, RAVDESS = splits.SAVEE_LOSO, splits.TESS_2FOLD, splits.RAVDESS_6FOLD


LEAKS: dict[str, tuple[Any, ...]] = {
    "a validation speaker is tested": (
        SAVEE,
        ('valid = [["DC"], ["JK"], ["KL"]]', 'valid = [["DC"], ["JE"], ["KL"]]'),
        "savee-loso: fold 0 leaks: speaker JE is in validation and in test.",
    ),
    "one of several validation speakers is tested": (
        RAVDESS,
        ('["05", "06", "07", "08"]', '["05", "06", "12", "08"]'),
        "ravdess-6fold: fold 1 leaks: speaker 12 is in validation and in test.",
    ),
    "a speaker is tested twice": (
        SAVEE,
        ('test = ["KL"]\nvalid = [["DC"], ["JE"], ["JK"]]', 'test = ["JE"]\nvalid = [["DC"], ["KL"]]'),
        "savee-loso: speaker JE is tested in more than one fold.",
    ),
    "a speaker is never tested": (
        RAVDESS,
        ('test = ["06", "13", "17", "22"]', 'test = ["06", "13", "17"]'),
        "ravdess-6fold: speaker 22 is never tested.",
    ),
    "a tested speaker does not exist": (
        RAVDESS,
        ('test = ["06", "13", "17", "22"]', 'test = ["06", "13", "17", "22", "25"]'),
        "ravdess-6fold: fold 5: ravdess has no speaker 25.",
    ),
    "a validation speaker does not exist": (
        SAVEE,
        ('[["DC"], ["JK"], ["KL"]]', '[["DC"], ["JX"], ["KL"]]'),
        "savee-loso: fold 0: savee has no speaker JX.",
    ),
    "a validation word does not exist": (TESS, ('"bean"', '"being"'), "fold 0: tess has no sentence being."),
    "validation by sentence with several training speakers": (
        SAVEE,
        ('valid_by = "speaker"', 'valid_by = "sentence"'),
        ('[["DC"], ["JK"], ["KL"]]', '[["common-1"]]'),
        "savee-loso: fold 0 leaks: DC, JK, KL are in training and in validation.",
    ),
    "no inner validation": (
        SAVEE,
        ('[["DC"], ["JK"], ["KL"]]', "[]"),
        "fold 0 has no inner validation.",
    ),
    "an empty inner validation": (
        SAVEE,
        ('[["DC"], ["JK"], ["KL"]]', '[["DC"], [], ["KL"]]'),
        "fold 0 has no inner validation.",
    ),
    "a fold that tests nobody": (SAVEE, ('test = ["JE"]', "test = []"), "savee-loso: fold 0 tests nobody."),
    "nobody to train on": (
        SAVEE,
        ('[["DC"], ["JK"], ["KL"]]', '[["DC", "JK", "KL"]]'),
        "savee-loso: fold 0 leaves nobody to train on.",
    ),
}


@pytest.mark.parametrize("kind", LEAKS)
def test_a_leaky_split_is_refused(tmp_path, kind):
    source, *changes, message = LEAKS[kind]
    with pytest.raises(FoldError, match=re.escape(message)):
        folds.load(edited(tmp_path, source, *changes))


def test_an_edit_without_a_new_digest_is_refused(tmp_path):
    swap = ('[["DC"], ["JK"], ["KL"]]', '[["DC"], ["JK"]]')
    with pytest.raises(FoldError, match=r"savee-loso: edited.toml .* give the correction a new version"):
        folds.load(edited(tmp_path, SAVEE, swap, sign=False))
    assert len(folds.load(edited(tmp_path, SAVEE, swap)).folds[0].validation) == 2  # signed, it is a split


def test_a_split_of_another_manifest_is_refused(tmp_path):
    other = ('manifest = "4', 'manifest = "5')
    with pytest.raises(FoldError, match=r"edited.toml or a manifest is not what the file's digest says"):
        folds.load(edited(tmp_path, SAVEE, other))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("[[folds]]", "[[folds"), "not a readable split file"),
        (('rule = "', 'ruel = "'), "missing required field `rule`"),
        (('digest = "', 'disgust = "'), "missing required field `digest`"),
        (('objective = "uar"', 'objective = "accuracy"'), r"Invalid enum value 'accuracy'.*objective"),
        (("version = 1", 'version = "1"'), r"Expected `int`, got `str`.*version"),
        (('test = ["JE"]', 'test = "JE"'), r"Expected `array \| null`, got `str`.*folds\[0\]\.test"),
        (('test = ["JE"]', 'test = [["JE"]]'), r"Expected `str`, got `array`"),
        (('[["DC"], ["JK"], ["KL"]]', '["DC"]'), r"Expected `array \| null`, got `str`"),
        (('[["DC"], ["JK"], ["KL"]]', "5"), "`valid` must be a list of lists of names"),
        (("version = 1", f"version = {'[' * 10**5}"), "not a readable split file: maximum recursion depth"),
    ],
)
def test_a_file_that_is_no_split_is_refused_by_name(tmp_path, change, message):
    copy = edited(tmp_path, SAVEE, change, sign=False)
    with pytest.raises(FoldError, match=message) as refused:
        folds.load(copy)
    assert str(refused.value).startswith(f"{copy}: not a ")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(FoldError, match=r"pipe\.toml: not a readable split file: it is no file"):
        folds.load(tmp_path / "pipe.toml")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FoldError, match=r"nowhere\.toml: not a readable split file"):
        folds.load(tmp_path / "nowhere.toml")
