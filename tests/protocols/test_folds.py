import hashlib
import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from protocols import corpora, folds, splits
from protocols.errors import FoldError, RegistryError
from protocols.folds import Fold
from protocols.selection import Selection

PROTOCOLS = {
    "savee-loso": 4,
    "ravdess-6fold": 6,
    "cremad-5fold": 5,
    "tess-2fold": 2,
    "emodb-loso": 10,
    "emovo-loso": 6,
}


# EmoBox, data/ravdess: the test actors of its folds 1 to 6.
EMOBOX_RAVDESS = [
    {"01", "11", "20", "21"},
    {"04", "10", "12", "14"},
    {"08", "09", "19", "23"},
    {"03", "05", "07", "24"},
    {"02", "15", "16", "18"},
    {"06", "13", "17", "22"},
]


DIGESTS = {
    "savee-loso": "f4cbedbba59730a378325c4d36326fab197fbfd1d0a73526fba97ab82f304a6f",
    "ravdess-6fold": "ced71d26f067ac6a06a650608d8efcd4d8228b7dd2b6165b0a793ffea66bb8ce",
    "cremad-5fold": "1790c3fa9e02b738544a9046877a43c2412ed073e97b4387da1d9d480a40e9d2",
    "tess-2fold": "10d74150efb00fe7854409d443e13a588594e832918a02955f28861b23a22d78",
    "emodb-loso": "e1f7052be3f65c3f625d501b7313c38cba5a1a39f4f9a5b86ff65f01706c7161",
    "emovo-loso": "96f7efc9d25b487b93225b3c0d4cde056f0cb2f89f7a6e225ab7ed238aab8c68",
}


# SHA-256 of every fold's test, development and inner folds over the manifest, as the first records had them.
SPLITS = {
    "savee-loso": "91f56c2bb053aba1518d4b2503d99066409ca89ff1af8a924cddb22d538632ec",
    "ravdess-6fold": "c9abd19561f518df777f8f3590590dfbb6c557197488c077b928a976b0470e23",
    "cremad-5fold": "b1d77b396af2c73d1e4afd8296db3380e4bc7cd203ee525aae5c3f6ca04e39ee",
    "tess-2fold": "f18a7e363550c479d3076e0f4f9752b13c5b1bb9859db3173f488046740a89bb",
    "emodb-loso": "429b6b40fdc701e84919226294bd239297b4fb5cb97f139bb3c1fa9381be7365",
    "emovo-loso": "62a049f2f5ff5a1040a78e3f84f49d0baad602a7ac33a421f4c9c3f8c034b8a1",
}


def speakers(selection):
    """The speakers that a selection names, and nothing else."""
    assert list(selection.names) == ["speaker"]
    return selection.speakers


def both(name):
    protocol = folds.load(name)
    return protocol, corpora.load(protocol.corpora[0])


def sexes(corpus, speakers):
    return sorted(corpus.speakers[speaker] for speaker in speakers)


def leave_one_out(name):
    protocol, corpus = both(name)
    assert {speakers(fold.test) for fold in protocol.folds} == {(speaker,) for speaker in corpus.speakers}
    return protocol, corpus


@pytest.mark.parametrize("name", ["savee-loso", "emovo-loso"])
def test_each_training_speaker_in_turn_validates(name):
    protocol, corpus = leave_one_out(name)
    for fold in protocol.folds:
        others = sorted(set(corpus.speakers) - set(speakers(fold.test)))
        assert sorted(map(speakers, fold.validation)) == [(speaker,) for speaker in others]


def test_emodb_has_three_disjoint_pairs_of_a_woman_and_a_man():
    protocol, corpus = leave_one_out("emodb-loso")
    served = Counter()
    for fold in protocol.folds:
        pairs = [speakers(selection) for selection in fold.validation]
        validating = [speaker for pair in pairs for speaker in pair]
        assert len(pairs) == 3
        assert len(set(validating)) == 6
        assert not set(validating) & set(speakers(fold.test))
        assert all(sexes(corpus, pair) == ["female", "male"] for pair in pairs)
        served.update(validating)
    assert set(served.values()) <= {5, 6, 7}  # about as often, as the file says


def test_ravdess_has_the_folds_of_emobox_and_two_women_and_two_men():
    protocol, corpus = both("ravdess-6fold")
    assert [set(speakers(fold.test)) for fold in protocol.folds] == EMOBOX_RAVDESS
    for fold in protocol.folds:
        (validation,) = map(speakers, fold.validation)
        assert len(set(validation)) == 4
        assert not set(validation) & set(speakers(fold.test))
        assert sexes(corpus, validation) == ["female", "female", "male", "male"]


def test_cremad_has_the_blocks_of_emo_superb_and_the_next_one_validates():
    protocol, _ = both("cremad-5fold")
    ranges = [(1001, 1018), (1019, 1036), (1037, 1054), (1055, 1072), (1073, 1091)]
    blocks = [{str(actor) for actor in range(first, last + 1)} for first, last in ranges]
    assert [set(speakers(fold.test)) for fold in protocol.folds] == blocks
    assert [[set(speakers(inner)) for inner in fold.validation] for fold in protocol.folds] == [
        [block] for block in blocks[1:] + blocks[:1]
    ]


def test_tess_trains_on_one_and_tests_on_the_other():
    protocol, corpus = both("tess-2fold")
    assert {speakers(fold.test) for fold in protocol.folds} == {("OAF",), ("YAF",)}
    words = sorted({clip.sentence for clip in corpus.manifest})
    for fold in protocol.folds:
        assert [list(inner.names) for inner in fold.validation] == [["sentence"]]
        assert [sorted(inner.sentences) for inner in fold.validation] == [words[4::5]]
    assert protocol.objective == "cross-entropy"
    assert not protocol.overall


def test_all_but_tess_are_by_speaker_and_count():
    for name in set(PROTOCOLS) - {"tess-2fold"}:
        protocol = folds.load(name)
        assert (protocol.objective, protocol.overall) == ("uar", True)
        assert protocol.apart == protocol.validation_apart == ("speaker",)
        assert (protocol.leaks, protocol.ranks, protocol.labels) == ("", True, {})


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_clip_is_tested_once_and_no_speaker_is_in_two_parts(name):
    protocol, corpus = both(name)
    assert len(protocol.folds) == PROTOCOLS[name]
    tested = Counter()
    for fold in protocol.folds:
        parts = folds.split(protocol, fold, corpus.manifest)
        tested.update(parts.test.tolist())
        everything = np.concatenate([parts.test, parts.development])
        assert sorted(everything) == list(range(len(corpus.manifest)))

        def voices(rows):
            return {corpus.manifest[row].speaker for row in rows}

        assert not voices(parts.test) & voices(parts.development)
        for train, validation in parts.inner:
            assert sorted(np.concatenate([train, validation])) == parts.development.tolist()
            if "speaker" in protocol.validation_apart:
                assert not voices(train) & voices(validation)
            else:
                words = [{corpus.manifest[row].sentence for row in rows} for rows in (train, validation)]
                assert not words[0] & words[1]
            assert len({corpus.manifest[row].emotion for row in validation}) == len(corpus.labels)
    assert set(tested.values()) == {1}
    assert len(tested) == len(corpus.manifest)


@pytest.mark.parametrize("name", DIGESTS)
def test_a_split_never_changes(name):
    protocol, corpus = both(name)
    assert (protocol.digest, protocol.version) == (DIGESTS[name], 1)
    found = [folds.split(protocol, fold, corpus.manifest) for fold in protocol.folds]
    plain = [
        {
            "test": parts.test.tolist(),
            "development": parts.development.tolist(),
            "inner": [[train.tolist(), validation.tolist()] for train, validation in parts.inner],
        }
        for parts in found
    ]
    assert hashlib.sha256(json.dumps(plain).encode()).hexdigest() == SPLITS[name]


@pytest.mark.parametrize("name", DIGESTS)
def test_the_clips_of_one_corpus_are_its_manifest(name):
    """Names, labels and the order of speakers, by which fits are given codes, are the corpus's own."""
    protocol, corpus = both(name)
    whole = folds.population(protocol)
    assert whole.rows == corpus.manifest
    assert whole.labels == corpus.labels
    assert sorted(whole.speakers) == sorted(corpus.speakers)
    assert whole.own_name(whole.rows[0]) == whole.rows[0].clip


def test_an_unknown_protocol_is_told_the_nearest():
    with pytest.raises(RegistryError, match=r"there is no 'emodb-lsoo'\. Did you mean emodb-loso"):
        folds.load("emodb-lsoo")


def test_a_digest_does_not_mind_comments_and_layout(tmp_path):
    text = splits.SAVEE_LOSO.read_text()
    copy = tmp_path / "copy.toml"
    copy.write_text("# another comment\n" + text.replace(" = ", "="))
    assert folds.load(copy) == folds.load("savee-loso")


def of(*names):
    return Selection(speakers=names)


def test_split_by_hand():
    protocol, corpus = both("savee-loso")
    clips = [clip for clip in corpus.manifest if clip.clip in {"DC_a01", "JE_a01", "JK_a01", "KL_a01"}]
    parts = folds.split(protocol, Fold(of("JK"), (of("DC"), of("KL", "JE"))), clips)
    assert parts.test.tolist() == [2]
    assert parts.development.tolist() == [0, 1, 3]
    assert [(train.tolist(), validation.tolist()) for train, validation in parts.inner] == [
        ([1, 3], [0]),
        ([0], [1, 3]),
    ]


def test_split_leaves_missing_clips_out():
    protocol, corpus = both("emodb-loso")
    some = corpus.manifest[::3]
    parts = folds.split(protocol, protocol.folds[0], some)
    assert len(parts.test) + len(parts.development) == len(some)
    assert {some[row].speaker for row in parts.test} == {"03"}


@pytest.mark.parametrize("gone", ["JE", "DC"])
def test_split_refuses_a_part_that_is_empty(gone):
    protocol, corpus = both("savee-loso")
    left = [clip for clip in corpus.manifest if clip.speaker != gone]
    with pytest.raises(
        FoldError, match="savee-loso, test speakers JE: too many clips are missing, a part is empty"
    ):
        folds.split(protocol, protocol.folds[0], left)


def test_split_holds_out_words_of_the_training_speaker_only():
    protocol, corpus = both("tess-2fold")
    fold = replace(protocol.folds[0], validation=(Selection(sentences=("back",)),))
    parts = folds.split(protocol, fold, corpus.manifest)
    ((train, validation),) = parts.inner
    assert {corpus.manifest[row].speaker for row in validation} == {"OAF"}
    assert {corpus.manifest[row].sentence for row in validation} == {"back"}
    assert len(validation) == 7
    assert len(parts.test) == 1400
    assert len(train) == 1393
