import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from protocols import corpora, registry
from protocols.errors import DataError, RegistryError, UnknownName

# Clips a class, in the order of the labels, as the corpora's owners publish them.
COUNTS = {
    "emodb": (127, 81, 46, 69, 71, 79, 62),
    "savee": (60, 60, 60, 60, 120, 60, 60),
    "ravdess": (192, 192, 192, 192, 192, 96, 192, 192),
    "tess": (400,) * 7,
    "emovo": (84,) * 7,
    "cremad": (1271, 1271, 1271, 1271, 1087, 1271),
}
SPEAKERS = {"emodb": 10, "savee": 4, "ravdess": 24, "tess": 2, "emovo": 6, "cremad": 91}
NAMES = sorted(COUNTS)


def parse(corpus, path):
    return corpora.load(corpus).parse(PurePosixPath(path))


def test_the_manifests_have_13285_rows():
    assert sum(len(corpora.load(name).manifest) for name in NAMES) == 13_285


@pytest.mark.parametrize("name", NAMES)
def test_a_manifest_has_every_class_and_speaker(name):
    corpus = corpora.load(name)
    of_class = Counter(clip.emotion for clip in corpus.manifest)
    assert tuple(of_class[label] for label in corpus.labels) == COUNTS[name]
    assert sum(COUNTS[name]) == len(corpus.manifest)
    assert {clip.speaker: clip.sex for clip in corpus.manifest} == dict(corpus.speakers)
    assert len(corpus.speakers) == SPEAKERS[name]


@pytest.mark.parametrize("name", NAMES)
def test_a_manifest_is_what_the_parser_says_of_its_paths(name):
    corpus = corpora.load(name)
    for clip in corpus.manifest:
        parsed = corpus.parse(PurePosixPath(clip.path))
        assert parsed._replace(sha256=clip.sha256, corpus=name) == clip


@pytest.mark.parametrize("name", NAMES)
def test_clips_and_paths_are_unique_and_ordered(name):
    manifest = corpora.load(name).manifest
    assert len({clip.clip for clip in manifest}) == len({clip.path for clip in manifest}) == len(manifest)
    assert [clip.clip for clip in manifest] == sorted(clip.clip for clip in manifest)
    assert {len(clip.sha256) for clip in manifest} == {64}
    assert all(set(clip.sha256) <= set("0123456789abcdef") for clip in manifest)


@pytest.mark.parametrize("name", NAMES)
def test_labels_are_alphabetical(name):
    labels = corpora.load(name).labels
    assert list(labels) == sorted(labels)


def test_clips_that_are_the_same_audio_are_those_that_are_known():
    same = {}
    for name in NAMES:
        for clip in corpora.load(name).manifest:
            same.setdefault(clip.sha256, []).append(clip.clip)
    assert sorted(group for group in same.values() if len(group) > 1) == [
        ["03-01-03-01-02-01-07", "03-01-03-01-02-02-07"],
        ["1006_TIE_HAP_XX", "1006_TIE_NEU_XX"],
        ["1013_WSI_DIS_XX", "1013_WSI_SAD_XX"],
        ["1017_IWW_ANG_XX", "1017_IWW_FEA_XX"],
    ]


def test_savee_has_two_layouts():
    ours = parse("savee", "AudioData/DC/sa07.wav")
    assert ours == parse("savee", "DC_sa07.wav") == parse("savee", "ALL/DC_sa07.wav")
    assert (ours.clip, ours.speaker, ours.emotion) == ("DC_sa07", "DC", "sadness")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("a01", "common-1"),
        ("h03", "common-3"),
        ("n01", "common-1"),
        ("n16", "common-1"),
        ("n18", "common-3"),
        ("su04", "surprise-specific-1"),
        ("f05", "fear-specific-2"),
        ("d06", "disgust-generic-1"),
        ("sa15", "sadness-generic-10"),
        ("n04", "neutral-generic-1"),
        ("n15", "neutral-generic-12"),
        ("n19", "anger-specific-1"),
        ("n26", "surprise-specific-2"),
        ("n30", "happiness-specific-2"),
    ],
)
def test_savee_maps_emotion_and_number_to_the_sentence(name, sentence):
    assert parse("savee", f"AudioData/JE/{name}.wav").sentence == sentence


@pytest.mark.parametrize("speaker", ["DC", "JE", "JK", "KL"])
def test_savee_sentences_by_class(speaker):
    clips = [clip for clip in corpora.load("savee").manifest if clip.speaker == speaker]
    for emotion in corpora.load("savee").labels:
        said = Counter(clip.sentence for clip in clips if clip.emotion == emotion)
        kinds = Counter()
        for sentence in said:
            kinds["common" if sentence.startswith("common-") else sentence.split("-")[1]] += 1
        if emotion == "neutral":
            assert kinds == {"common": 3, "generic": 12, "specific": 12}
            assert {n for sentence, n in said.items() if sentence.startswith("common-")} == {2}
            assert said.total() == 30
        else:
            assert kinds == {"common": 3, "generic": 10, "specific": 2}
            assert said.total() == 15
            assert all(s.startswith(("common-", f"{emotion}-")) for s in said)


@pytest.mark.parametrize(
    "folder", ["OAF_Fear", "oaf_fear", "OAF_FEAR", "TESS Toronto emotional speech set data/OAF_Fear", "."]
)
def test_tess_folders_in_any_letter_case(folder):
    clip = parse("tess", f"{folder}/oaf_BACK_Fear.wav")
    assert clip == parse("tess", "OAF_Fear/OAF_back_fear.wav")
    assert (clip.clip, clip.path) == ("OAF_back_fear", "OAF_Fear/OAF_back_fear.wav")


def test_tess_official_misspelling():
    clip = parse("tess", "OAF_neutral/OA_bite_neutral.wav")
    assert clip == parse("tess", "OAF_neutral/OAF_bite_neutral.wav")
    assert (clip.clip, clip.speaker) == ("OAF_bite_neutral", "OAF")
    assert clip.path == "OAF_neutral/OA_bite_neutral.wav"


def test_tess_words_are_said_in_every_way_by_both():
    said = Counter(clip.sentence for clip in corpora.load("tess").manifest)
    assert len(said) == 200
    assert set(said.values()) == {14}


def test_cremad_old_name():
    clip = parse("cremad", "AudioWAV/1040_ITH_SAD_X.wav")
    assert clip == parse("cremad", "AudioWAV/1040_ITH_SAD_XX.wav")
    assert clip.path == "AudioWAV/1040_ITH_SAD_XX.wav"


def test_emodb_takes_are_apart_and_may_lack_a_letter():
    assert parse("emodb", "wav/03a01Fa.wav").emotion == "happiness"
    assert parse("emodb", "03a01F.flac").clip == "03a01F"


@pytest.mark.parametrize(
    ("corpus", "path"),
    [
        ("emodb", "wav/99a01Fa.wav"),  # no such speaker
        ("emodb", "wav/03a01Xa.wav"),  # no such emotion
        ("emodb", "wav/03a01Fa copy.wav"),
        ("savee", "AudioData/DC/a16.wav"),  # beyond the last
        ("savee", "AudioData/DC/n31.wav"),
        ("savee", "AudioData/DC/a00.wav"),
        ("savee", "AudioData/XX/a01.wav"),
        ("savee", "XX_a01.wav"),
        ("ravdess", "Actor_01/03-02-01-01-01-01-01.wav"),  # song
        ("ravdess", "Actor_01/03-01-01-02-01-01-01.wav"),  # neutral is never strong
        ("ravdess", "Actor_25/03-01-02-01-01-01-25.wav"),
        ("tess", "OAF_angry/OAF_back_bored.wav"),
        ("tess", "XAF_angry/XAF_back_angry.wav"),
        ("emovo", "f1/dis-f4-b1.wav"),
        ("emovo", "f1/dis-f1-b4.wav"),
        ("cremad", "AudioWAV/1092_DFA_ANG_XX.wav"),
        ("cremad", "AudioWAV/1001_DFA_ANG_X.wav"),  # only one clip has an old name
        ("cremad", "AudioWAV/1001_XYZ_ANG_XX.wav"),
        ("emodb", "wav/03a01Faa.wav"),  # a name, and more behind it
        ("savee", "DC_a011.wav"),
        ("ravdess", "Actor_01/03-01-01-01-01-01-01-01.wav"),
        ("tess", "OAF_angry/OAF_back_angry2.wav"),
        ("emovo", "f1/dis-f1-b1-1.wav"),
        ("cremad", "AudioWAV/1001_DFA_ANG_XX_1.wav"),
    ],
)
def test_an_unknown_name_is_refused_with_an_example(corpus, path):
    with pytest.raises(UnknownName) as refused:
        parse(corpus, path)
    assert str(refused.value).startswith(f"{corpus}: {path} is not a")
    assert "such as" in str(refused.value)


def test_an_unknown_corpus_is_told_the_nearest():
    with pytest.raises(RegistryError, match="Did you mean savee"):
        corpora.load("saveee")


def test_a_manifest_that_is_written_is_read_again(tmp_path):
    ours = corpora.load("emodb")
    corpora.write_manifest(list(reversed(ours.manifest)), tmp_path / "emodb.csv")
    again = replace(ours, manifest_file=tmp_path / "emodb.csv")
    assert again.manifest == ours.manifest
    assert again.manifest_digest == ours.manifest_digest


@pytest.mark.parametrize("odd", [{"speaker": "17"}, {"emotion": "envy"}])
def test_a_manifest_of_a_speaker_or_an_emotion_that_the_corpus_lacks_is_refused(tmp_path, odd):
    ours = corpora.load("emodb")
    rows = [*ours.manifest[:3], ours.manifest[3]._replace(**odd)]
    corpora.write_manifest(rows, tmp_path / "emodb.csv")
    (name,) = odd.values()
    with pytest.raises(DataError, match=rf"{rows[3].clip} has .*'{name}'.*the corpus does not declare both"):
        _ = replace(ours, manifest_file=tmp_path / "emodb.csv").manifest


@pytest.mark.parametrize("name", NAMES)
def test_every_corpus_says_what_it_must(name):
    corpus = corpora.load(name)
    for text in (corpus.title, corpus.citation, corpus.licence, corpus.homepage, corpus.obtain):
        assert text.strip()
    assert f"DIR/{name}" in corpus.obtain


def test_sexes_follow_the_owners_list(real_data):
    """CREMA-D's own VideoDemographics.csv, where a copy of it is at hand."""
    listed = real_data / "cremad-metadata" / "VideoDemographics.csv"
    if not listed.is_file():
        pytest.skip("no copy of CREMA-D's VideoDemographics.csv")
    with listed.open(encoding="utf-8") as file:
        sexes = {row["ActorID"]: row["Sex"].lower() for row in csv.DictReader(file)}
    assert sexes == dict(corpora.load("cremad").speakers)


def test_page_tells_of_every_corpus_and_marks_addresses_that_were_not_tried():
    page = (Path(__file__).parents[2] / "docs/corpora.md").read_text(encoding="utf-8")
    for corpus in map(corpora.load, registry.names("corpora")):
        for fact in (f"(`{corpus.name}`)", corpus.citation, corpus.licence, *corpus.defects):
            assert fact in page
        for source in corpus.sources:
            assert f"`{source.url}`" in page
            assert (f"`{source.url}` *(not tried)*" in page) is not source.tried
