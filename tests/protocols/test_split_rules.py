"""The split files that are made by rules: they are what the rules make, and the rules do what they say."""

import tomllib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from protocols import corpora, folds, ladder, registry, splits
from protocols.split_rules import across, documents, mteb, serab, split_file

ROOT = Path(__file__).parents[2]
RANKING = set(ladder.RANKING.values())
FILES = sorted(path.stem for path in splits.HERE.glob("*.toml"))

# The first 16 digits of each file's digest. A split never changes: a correction is a new version.
DIGESTS = {
    "cremad-as-published": "4da7d97dd649469c",
    "cremad-emobox": "4fb0a9c65eed2182",
    "cremad-mteb": "c89ff66c40ae0c69",
    "cremad-random-clips": "4814e5ea569dc0f4",
    "cremad-serab": "4051b42236532c11",
    "cremad-unseen-both": "e8c1c7360db73119",
    "cremad-unseen-texts": "55cb1811e2162e6e",
    "cross-corpus-5": "e282ccc51bf15d24",
    "cross-corpus-6": "672a78db6b248176",
    "cross-corpus-english-3": "5eb3fe7fdd134493",
    "cross-corpus-english-4": "9b797cf8722f55e0",
    "emodb-as-published": "7cc9f3025a36728e",
    "emodb-audb": "dab09e56cf441411",
    "emodb-emobox": "66ac866ea1975bd7",
    "emodb-mteb": "b7690ee7f84792b3",
    "emodb-random-clips": "4347bfffc6441aa0",
    "emodb-serab": "4ba11c8f1d2f8a29",
    "emodb-unseen-both": "cc035c539365be32",
    "emodb-unseen-texts": "ea6000057eabe0f6",
    "emovo-as-published": "63f9baeccb2cdc70",
    "emovo-mteb": "aa6642844d65092d",
    "emovo-random-clips": "19da48717199b356",
    "emovo-serab": "62689a76e8cc2b07",
    "emovo-unseen-both": "acf2206b243b95ae",
    "emovo-unseen-texts": "991b4b1c3cc251da",
    "ravdess-as-published": "3b3c8d1c657df9e7",
    "ravdess-audb": "7242577c53aef68b",
    "ravdess-mteb": "20467b408aeca099",
    "ravdess-random-clips": "72eaeb70529fc6c8",
    "ravdess-serab": "5050ccc460a1902c",
    "ravdess-unseen-both": "fd5257d6858afff8",
    "ravdess-unseen-texts": "a4c72a5ef0cd7f97",
    "savee-as-published": "c22a0691c66fe312",
    "savee-fewer-clips": "90ab303721ca759c",
    "savee-mteb": "fb7675114ef5d883",
    "savee-random-clips": "76be5f181624463b",
    "savee-serab": "d08bf6a0732284ff",
    "savee-unseen-both": "ee508c4f4d96b44b",
    "savee-unseen-texts": "a80e2460da2e89ae",
    "tess-as-published": "0da014020427db3a",
    "tess-emobox": "bf538a8153b9b457",
    "tess-mteb": "ae3d674e3e45f2ad",
    "tess-random-clips": "dacba83c0bee18fc",
    "tess-unseen-both": "45b477ee203d12bd",
    "tess-unseen-texts": "55c95a62dfe7bb9f",
}


@pytest.fixture(scope="module")
def made():
    return {document["name"]: document for document in documents()}


def parts_of(name):
    """The clips of all corpora, and each fold's split."""
    protocol = folds.load(name)
    rows = folds.population(protocol).rows
    return rows, [folds.split(protocol, fold, rows) for fold in protocol.folds]


def counted(rows, chosen, *units):
    return Counter(tuple(getattr(rows[row], unit) for unit in units) for row in chosen)


def test_the_rules_make_the_files_that_there_are(made):
    assert sorted(made) == sorted(set(FILES) - RANKING)
    for name, document in made.items():
        assert split_file.text(document) == (splits.HERE / f"{name}.toml").read_text()


@pytest.mark.parametrize("name", DIGESTS)
def test_a_split_never_changes(name):
    protocol = folds.load(name)
    assert (protocol.digest[:16], protocol.version) == (DIGESTS[name], 1)


def test_every_file_has_its_digest_here():
    assert sorted(DIGESTS) == sorted(set(FILES) - RANKING)


def test_every_file_is_a_protocol():
    entries = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    assert sorted(entries["unheard.protocols"]) == FILES
    assert registry.names("protocols") == FILES


def test_none_of_them_ranks():
    for name in set(FILES) - RANKING:
        protocol = folds.load(name)
        assert not protocol.ranks
        assert not protocol.overall
        assert bool(protocol.leaks) == (not {"speaker", "corpus"} & set(protocol.apart))


@pytest.mark.parametrize("corpus", ladder.RANKING)
def test_every_rung_tests_every_clip_once(corpus):
    for name in set(ladder.of(corpus)) - {ladder.AS_PUBLISHED[corpus]}:
        rows, found = parts_of(name)
        assert sorted(np.concatenate([parts.test for parts in found])) == list(range(len(rows)))


@pytest.mark.parametrize("corpus", ladder.RANKING)
def test_as_published_a_fifth_of_four_rows_a_clip_is_tested_and_nothing_validates(corpus):
    protocol = folds.load(ladder.AS_PUBLISHED[corpus])
    rows, (parts,) = parts_of(protocol.name)
    clips = corpora.load(corpus).manifest
    assert [row.clip for row in rows[::4]] == [clip.clip for clip in clips]
    assert [row.clip for row in rows[:4]] == [clips[0].clip + end for end in ("", "#1", "#2", "#3")]
    assert sorted([*parts.test, *parts.development]) == list(range(4 * len(clips)))
    every, tested = (counted(rows, some, "emotion") for some in (range(len(rows)), parts.test))
    assert all(abs(tested[emotion] - n / 5) < 1 for emotion, n in every.items())
    assert (protocol.search, parts.inner) == (False, ())


def test_the_rows_are_those_that_the_published_attention_cnn_makes_for_itself():
    from baselines.attention_cnn import AttentionCnnPublished

    own = AttentionCnnPublished.features(AttentionCnnPublished.defaults)
    protocol = folds.load("emodb-as-published")
    assert (protocol.copies, protocol.augmentation) == (own.copies, own.augmentation)


@pytest.mark.parametrize("corpus", ladder.RANKING)
def test_random_clips_differ_from_unseen_speakers_in_whose_they_are_alone(corpus):
    rows, random = parts_of(ladder.RUNGS["clips"][corpus])
    _, ranking = parts_of(ladder.RANKING[corpus])
    for one, other in zip(random, ranking, strict=True):
        for ours, theirs in zip(
            (one.test, one.development, *sum(one.inner, ())),
            (other.test, other.development, *sum(other.inner, ())),
            strict=True,
        ):
            assert counted(rows, ours, "emotion") == counted(rows, theirs, "emotion")
        assert {rows[row].speaker for row in one.test} <= {rows[row].speaker for row in one.development}


@pytest.mark.parametrize("corpus", [corpus for corpus in ladder.RANKING if corpus != "ravdess"])
def test_unseen_texts_have_as_many_folds_and_training_clips_as_unseen_speakers(corpus):
    rows, texts = parts_of(ladder.RUNGS["texts"][corpus])
    _, ranking = parts_of(ladder.RANKING[corpus])
    assert len(texts) == len(ranking)
    assert [len(parts.inner) for parts in texts] == [len(parts.inner) for parts in ranking]
    assert np.mean([len(parts.development) for parts in texts]) == pytest.approx(
        np.mean([len(parts.development) for parts in ranking])
    )
    for parts in texts:
        for one, other in ((parts.test, parts.development), *parts.inner):
            assert not set(counted(rows, one, "sentence")) & set(counted(rows, other, "sentence"))
        assert set(counted(rows, parts.test, "speaker")) <= set(counted(rows, parts.development, "speaker"))


def test_savees_groups_of_texts_have_about_as_many_clips_of_each_emotion():
    rows, found = parts_of("savee-unseen-texts")
    for parts in found:
        of_emotion = counted(rows, parts.test, "emotion")
        assert max(abs(of_emotion[e,] - (30 if e == "neutral" else 15)) for (e,) in of_emotion) <= 3
    common = [{rows[row].sentence for row in parts.test if "common" in rows[row].sentence} for parts in found]
    assert sorted(map(len, common)) == [0, 1, 1, 1]


def test_ravdess_has_two_texts():
    rows, found = parts_of("ravdess-unseen-texts")
    assert [set(counted(rows, parts.test, "sentence")) for parts in found] == [{("dogs",)}, {("kids",)}]
    for parts in found:
        assert len(parts.development) == 720
        ((train, validation),) = parts.inner
        assert len(validation) == 144
        assert counted(rows, train, "emotion")[("neutral",)] in (38, 39)  # of 48, as near to four fifths


@pytest.mark.parametrize("corpus", ladder.RANKING)
def test_unseen_both_shares_neither(corpus):
    rows, found = parts_of(ladder.RUNGS["speakers and texts"][corpus])
    for parts in found:
        for unit in ("speaker", "sentence"):
            assert not set(counted(rows, parts.test, unit)) & set(counted(rows, parts.development, unit))
        assert all(len(counted(rows, validation, "emotion")) >= 6 for _, validation in parts.inner)


def test_the_control_has_as_few_clips_of_each_speaker_and_emotion():
    rows, both = parts_of("savee-unseen-both")
    _, control = parts_of("savee-fewer-clips")
    for one, other in zip(both, control, strict=True):
        assert one.test.tolist() == other.test.tolist()
        by = ("speaker", "emotion")
        assert counted(rows, one.development, *by) == counted(rows, other.development, *by)
        texts = set(counted(rows, other.development, "sentence"))
        assert np.mean([(rows[row].sentence,) in texts for row in other.test]) > 0.9


def test_across_corpora_other_speakers_of_the_training_corpora_validate():
    rows, found = parts_of("cross-corpus-6")
    assert {row.emotion for row in rows} == set(across.LABELS.values())
    for parts in found:
        assert len(tested := {rows[row].corpus for row in parts.test}) == 1
        assert {rows[row].corpus for row in parts.development} == {*across.FIVE, "cremad"} - tested
        voices = [{rows[row].speaker for row in validation} for _, validation in parts.inner]
        assert len(set.union(*voices)) == sum(map(len, voices))  # nobody validates twice
        for (train, validation), own in zip(parts.inner, voices, strict=True):
            assert not own & {rows[row].speaker for row in train}
            trained = {rows[row].corpus for row in train}
            assert {rows[row].corpus for row in validation} == trained - {"tess"}


# SERAB's lists of validation and test speakers, as its files have them.
SERAB = {
    "savee": ("JE", "DC"),
    "emodb": ("10 14", "03 12"),
    "emovo": ("m1", "f1 m2"),
    "ravdess": ("06 08 10 19 20", "01 04 13 16 22"),
}


@pytest.mark.parametrize("corpus", SERAB)
def test_serabs_speakers(corpus):
    _, validation, test = serab.shares(corpus)
    assert (" ".join(validation), " ".join(test)) == SERAB[corpus]


def test_serabs_cremad_is_tensorflow_datasets():
    """5144, 738 and 1556 clips, of 63, 9 and 19 speakers, without four clips that are in here."""
    assert [len(share) for share in serab.shares("cremad")] == [63, 9, 19]
    gone = {"1006_TIE_NEU_XX", "1013_WSI_DIS_XX", "1017_IWW_FEA_XX", "1040_ITH_SAD_XX"}
    rows, (parts,) = parts_of("cremad-serab")
    ((train, validation),) = parts.inner
    left = [
        [row for row in chosen if rows[row].clip not in gone] for chosen in (train, validation, parts.test)
    ]
    assert list(map(len, left)) == [5144, 738, 1556]


def test_emoboxs_folds():
    """EmoBox's test folds: five of EMO-DB with 107 clips, one of CREMA-D and TESS with an even quarter."""
    _, emodb = parts_of("emodb-emobox")
    assert [len(parts.test) for parts in emodb] == [107] * 5
    rows, (tess,) = parts_of("tess-emobox")
    assert set(counted(rows, tess.test, "emotion").values()) == {100}
    rows, (cremad,) = parts_of("cremad-emobox")
    assert sorted(counted(rows, cremad.test, "emotion").values()) == [271, *[317] * 5]
    assert {"1001_DFA_HAP_XX", "1001_DFA_SAD_XX"} <= {rows[row].clip for row in cremad.test}


@pytest.mark.parametrize("corpus", ladder.RANKING)
def test_mteb_trains_on_eight_clips_a_label(corpus):
    rows, found = parts_of(f"{corpus}-mteb")
    labels = len(corpora.load(corpus).labels)
    assert len(found) == mteb.FOLDS
    for parts in found:
        assert list(counted(rows, parts.development, "emotion").values()) == [8] * labels
        assert all(set(counted(rows, chosen, "emotion").values()) == {2} for _, chosen in parts.inner)
        together = np.concatenate([validation for _, validation in parts.inner])
        assert sorted(together) == parts.development.tolist()


def test_a_file_says_what_its_document_says(made, tmp_path):
    for name in ("cross-corpus-6", "savee-random-clips"):
        path = tmp_path / f"{name}.toml"
        path.write_text(split_file.text(made[name]))
        assert tomllib.loads(path.read_text()) == made[name]


def test_the_document_has_the_sizes_of_the_rungs():
    """Folds, and training clips of a fold on average."""
    lines = (ROOT / "docs/ladder.md").read_text(encoding="utf-8").splitlines()
    for corpus in ladder.RANKING:
        sizes = [
            (len(found), np.mean([len(parts.development) for parts in found]))
            for _, found in (parts_of(rung[corpus]) for rung in ladder.RUNGS.values())
        ]
        cells = " | ".join(f"{folds_}, {int(clips + 0.5)}" for folds_, clips in sizes)
        assert f"| {corpora.load(corpus).title} | {cells} |" in lines
