"""Split files of the second format: what they may say, and what is refused."""

import re

import numpy as np
import pytest
import split_files

from protocols import folds
from protocols.errors import FoldError, RegistryError
from protocols.selection import Selection, sharing


def test_a_leak_that_is_declared_is_by_design(tmp_path):
    protocol = folds.load(split_files.random_split(tmp_path))
    assert protocol.leaks == "the same speakers are in training and in test"
    assert not protocol.ranks
    rows = folds.population(protocol).rows
    parts = folds.split(protocol, protocol.folds[0], rows)
    assert {rows[row].speaker for row in parts.test} == {rows[row].speaker for row in parts.development}
    assert not set(parts.test) & set(parts.development)
    for train, validation in parts.inner:
        assert not set(train) & set(validation)


def test_a_protocol_over_two_corpora(tmp_path):
    protocol = folds.load(str(split_files.across(tmp_path)))  # a path as text is one too
    whole = folds.population(protocol)
    assert whole.labels == ("anger", "fear", "happiness", "neutral", "other", "sadness")
    assert len(whole.rows) == 480 + 588
    parts = folds.split(protocol, protocol.folds[0], whole.rows)
    assert {whole.rows[row].corpus for row in parts.test} == {"emovo"}
    assert {whole.rows[row].corpus for row in parts.development} == {"savee"}
    assert [{whole.rows[row].speaker for row in validation} for _, validation in parts.inner] == [
        {"savee/DC"},
        {"savee/JE", "savee/KL"},
    ]
    for train, validation in parts.inner:
        assert sorted(np.concatenate([train, validation])) == parts.development.tolist()


def test_clips_whose_label_is_not_shared_are_left_out(tmp_path):
    protocol = folds.load(split_files.across(tmp_path, labels=split_files.SHARED))
    assert {row.emotion for row in folds.population(protocol).rows} == set(split_files.SHARED)


def test_validation_may_come_from_elsewhere_than_training(tmp_path):
    """What validated is learnt from in the last fit, never in another inner fold."""
    fold = {
        "test": {"corpora": ["emodb"]},
        "validation": [{"speakers": ["emovo/f1"]}, {"speakers": ["emovo/m1"]}],
        "train": {"corpora": ["savee"]},
    }
    protocol = folds.load(
        split_files.across(
            tmp_path, corpora=["savee", "emovo", "emodb"], labels=split_files.SHARED, folds=[fold]
        )
    )
    rows = folds.population(protocol).rows
    parts = folds.split(protocol, protocol.folds[0], rows)
    assert {rows[row].speaker for row in parts.development} == {
        "savee/DC", "savee/JE", "savee/JK", "savee/KL", "emovo/f1", "emovo/m1",
    }  # fmt: skip
    assert all({rows[row].corpus for row in train} == {"savee"} for train, _ in parts.inner)


DC = {"test": {"speakers": ["DC"]}, "validation": [{"speakers": ["JE"]}]}
REST = [{"test": {"speakers": [one]}, "validation": [{"speakers": ["DC"]}]} for one in ("JE", "JK", "KL")]
FOUR = {"corpora": ["savee"], "folds": [DC, *REST]}
REFUSED = {
    "an undeclared leak": (
        {**FOUR, "apart": ["clip"]},
        "odd leaks: it keeps no speakers apart, and does not say so. Name `speaker` in `apart`, or say in "
        "`leaks` how it leaks.",
    ),
    "an undeclared leak of an inner fold": (
        {**FOUR, "validation_apart": ["clip"], "folds": [{**DC, "validation": [{"clips": ["JE_a01"]}]}]},
        "odd: fold 0 leaks: JE is in training and in validation. Only sentences may validate",
    ),
    "a leak that ranks": (
        {**FOUR, "leaks": "on purpose"},
        "odd leaks by design (on purpose), so it can never rank: it must say ranks = false and overall = f",
    ),
    "a leak that counts overall": (
        {**FOUR, "leaks": "on purpose", "ranks": False, "overall": True},
        "so it can never rank",
    ),
    "overall without a rank": ({**FOUR, "ranks": False, "overall": True}, "odd: what does not rank cannot"),
    "an unknown speaker": (
        {**FOUR, "folds": [{**DC, "test": {"speakers": ["XX"]}}]},
        "odd: fold 0: savee has no speaker XX.",
    ),
    "an unknown clip to train on": (
        {**FOUR, "folds": [{**DC, "train": {"clips": ["a", "b", "c", "d"]}}]},
        "odd: fold 0: savee has no clip a, b, c and 1 more.",
    ),
    "a corpus that takes no part": (
        {**FOUR, "folds": [{**DC, "test": {"corpora": ["tess"]}}]},
        "odd: fold 0: savee has no corpus tess.",
    ),
    "no test clips": (
        {**FOUR, "folds": [{**DC, "test": {"speakers": ["DC"], "clips": ["JE_a01"]}}]},
        "odd: fold 0 tests nobody: no clip is of clips JE_a01 of speakers DC.",
    ),
    "no clips to validate on": (
        {**FOUR, "folds": [{**DC, "validation": [{"speakers": ["JE"], "clips": ["DC_a01"]}]}]},
        "odd: fold 0: inner fold 0 is empty: no clip of clips DC_a01 of speakers JE is left beside the test",
    ),
    "nobody to train on": (
        {**FOUR, "folds": [{**DC, "train": {"speakers": ["JE"]}}]},
        "odd: fold 0 leaves nobody to train on.",
    ),
    "no folds": ({**FOUR, "folds": []}, "odd has no folds."),
    "nothing that an inner fold keeps apart": ({**FOUR, "validation_apart": []}, "`validation_apart` must"),
    "a speaker who is never tested": ({**FOUR, "folds": [DC]}, "odd: speaker JE, JK, KL is never tested."),
    "a clip that is tested twice": (
        {**FOUR, "leaks": "yes", "ranks": False, "apart": ["clip"], "folds": [DC, DC]},
        "odd: clip DC_a01, DC_a02, DC_a03 and 117 more is tested in more than one fold.",
    ),
    "a corpus twice": ({**FOUR, "corpora": ["savee", "savee"]}, "odd names the corpus savee twice."),
    "corpora with different labels": (
        {**FOUR, "corpora": ["savee", "emodb"]},
        "odd: savee, emodb have different labels. Say in [labels] which shared one each of them becomes.",
    ),
    "a label of no corpus": ({**FOUR, "labels": {"joy": "joy"}}, "no corpus of it has the label joy."),
    "a single class": (
        {**FOUR, "labels": {"anger": "aroused", "fear": "aroused"}},
        "odd: `labels` leaves fewer than two classes.",
    ),
    "an unknown unit": ({**FOUR, "apart": ["voice"]}, "not a split file: Invalid enum value 'voice'"),
    "a misspelt word": ({**FOUR, "rank": False}, "not a split file: unknown field `rank`; known: apart,"),
    "a misspelt word of a fold": (
        {**FOUR, "folds": [{**DC, "training": {}}]},
        "not a split file: unknown field `training`; known: test, train, validation",
    ),
    "a misspelt selection": (
        {**FOUR, "folds": [{**DC, "test": {"speaker": ["DC"]}}]},
        "not a split file: unknown field `speaker`; known: clips, corpora, sentences, speakers",
    ),
}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"augmentation": []},
            "twins: `copies` and `augmentation` go together: how many copies, altered how",
        ),
        ({"copies": 0}, "twins: `copies` and `augmentation` go together: how many copies, altered how"),
        ({"copies": 100}, "not a split file: Expected `int` <= 99 - at `$.copies`"),
        (
            {"augmentation": [{"kind": "gain", "low": 0, "high": 1, "chance": 1}]},
            "unknown field `chance`; known: copies",
        ),
        ({"search": True}, "twins: `validation_apart` must name what an inner fold keeps apart."),
        ({"search": True, "validation_apart": ["clip"]}, "twins: fold 0 has no inner validation."),
        (
            {"folds": [{"test": {"clips": ["DC_a01"]}, "validation": [{"clips": ["DC_a01#1"]}]}]},
            "twins: fold 0 has inner validation, and search = false: leave one of them out.",
        ),
        (
            {"leaks": "", "apart": ["speaker"], "ranks": True},
            "twins: what ranks is searched, and tests clips as they are; this one must say ranks = false",
        ),
        (
            {"folds": [{"test": {"clips": ["DC_a01#3"]}}]},
            "twins: fold 0: savee has no clip DC_a01#3.",
        ),
    ],
)
def test_what_is_refused_of_altered_copies(tmp_path, changes, message):
    with pytest.raises(FoldError, match=re.escape(message)):
        folds.load(split_files.with_twins(tmp_path, "twins", **changes))


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_refused(tmp_path, kind):
    changes, message = REFUSED[kind]
    with pytest.raises(FoldError, match=re.escape(message)):
        folds.load(split_files.write(tmp_path, "odd", **changes))


def test_an_unknown_corpus_is_answered_with_the_nearest(tmp_path):
    with pytest.raises(RegistryError, match=r"corpora: there is no 'svaee'\. Did you mean savee"):
        folds.load(split_files.write(tmp_path, "odd", **{**FOUR, "corpora": ["svaee"]}))


@pytest.mark.parametrize("name", ["../odd", "odd/../x"])
def test_a_name_goes_into_paths(tmp_path, name):
    path = split_files.write(tmp_path, "odd", **FOUR)
    path.write_text(path.read_text().replace('name = "odd"', f'name = "{name}"'))
    message = f"'{re.escape(name)}': a protocol's name is lower case letters, digits and"
    with pytest.raises(FoldError, match=message):
        folds.load(path)


def test_an_edit_needs_a_new_digest(tmp_path):
    path = split_files.write(tmp_path, "odd", **FOUR)
    assert folds.load(path).name == "odd"
    path.write_text(path.read_text().replace("Made for", "Made again for"))
    lines = r'manifests = \{ savee = "\w{64}" \}\ndigest = "\w{64}"$'
    with pytest.raises(FoldError, match=rf"(?s)odd: odd\.toml or a manifest is not what .*\n{lines}"):
        folds.load(path)


def test_what_two_sets_of_clips_share(tmp_path):
    rows = folds.population(folds.load(split_files.across(tmp_path))).rows
    chosen = Selection(speakers=("savee/DC",), sentences=("savee/common-1",)).of(rows)
    assert sharing(rows, chosen, ()).tolist() == chosen.tolist()
    speakers = sharing(rows, chosen, ("speaker",))
    assert {row.speaker for row, kept in zip(rows, speakers, strict=True) if kept} == {"savee/DC"}
    assert sharing(rows, chosen, ("corpus",)).sum() == 480
    both = sharing(rows, chosen, ("speaker", "sentence"))
    assert (both >= speakers).all()
    assert both.sum() > speakers.sum()
