from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from benchmark.verification import leakage
from protocols import folds
from protocols.corpora import Corpus, ManifestRow
from protocols.folds import Fold, Protocol
from protocols.population import Population
from protocols.selection import Selection

NAMES = ["savee-loso", "ravdess-6fold", "cremad-5fold", "tess-2fold", "emodb-loso", "emovo-loso"]
LABELS = ("anger", "joy")


def toy_corpus(sentence):
    """Three speakers, two clips of each of two emotions; `sentence(emotion, take)` says what they say."""
    return [
        ManifestRow(f"{speaker}{emotion[0]}{take}", "", speaker, "female", emotion, sentence(emotion, take))
        for speaker in "abc"
        for emotion in LABELS
        for take in (0, 1)
    ]


CORPUS = Corpus(
    name="toy", title="", language="", citation="", licence="", homepage="", obtain="", labels=LABELS,
    speakers=dict.fromkeys("abc", "female"), parse=lambda path: ManifestRow(*[str(path)] * 6),
)  # fmt: skip
PROTOCOL = Protocol(
    name="toy-loso",
    version=1,
    corpora=("toy",),
    rule="",
    objective="uar",
    apart=("speaker",),
    validation_apart=("speaker",),
    overall=True,
    folds=tuple(
        Fold(Selection(speakers=(test,)), (Selection(speakers=(v,)),)) for test, v in ("ab", "bc", "ca")
    ),
    digest="",
)


def audit(clips, *, content=None, protocol=PROTOCOL):
    return leakage.audit(protocol, Population((CORPUS,), {}), clips, content or {})


def test_a_clean_toy():
    clips = toy_corpus(lambda _emotion, take: f"s{take}")
    found = audit(clips, content={clip.clip: clip.clip for clip in clips})
    assert found.leaks == found.flags == []
    assert (found.chance, found.clips) == (0.5, 12)
    assert [fold.test for fold in found.folds] == [["a"], ["b"], ["c"]]
    assert found.folds[0].shared_speakers == found.folds[0].shared_audio == {}
    assert found.folds[0].shared_sentences == 1
    assert found.folds[0].classes == {
        "test": {"anger": 2, "joy": 2},
        "train+validation": {"anger": 4, "joy": 4},
        "validation 0": {"anger": 2, "joy": 2},
    }
    assert found.text_only == 0.5  # both sentences say nothing: always the first class


def test_words_that_give_the_label_away():
    found = audit(toy_corpus(lambda emotion, _take: f"{emotion}!"))
    assert found.text_only == 1
    assert found.flags == ["text predicts label"]


def test_words_that_train_does_not_have():
    clips = toy_corpus(lambda emotion, _take: f"{emotion}!")
    clips = [clip._replace(sentence=f"{clip.speaker} {clip.sentence}") for clip in clips]
    found = audit(clips)
    assert found.folds[1].shared_sentences == 0
    assert found.text_only == 0.5


def test_half_of_the_sentences_are_shared():
    clips = toy_corpus(lambda _emotion, take: f"s{take}")
    clips = [clip._replace(sentence="new") if clip.clip in ("aa0", "aj0") else clip for clip in clips]
    assert audit(clips).folds[0].shared_sentences == 0.5


def test_the_same_audio_in_train_and_test():
    clips = toy_corpus(lambda _emotion, take: f"s{take}")
    content = {clip.clip: clip.clip for clip in clips} | {"aa0": "same", "bj1": "same"}
    found = audit(clips, content=content)
    assert found.folds[0].shared_audio == {"train+validation/test": [["bj1", "aa0"]]}
    assert found.folds[2].shared_audio == {"train/validation 0": [["bj1", "aa0"]]}
    assert found.leaks == [
        "toy-loso: fold 0: the same audio is in both train+validation and test: bj1 = aa0",
        "toy-loso: fold 1: the same audio is in both train+validation and test: aa0 = bj1",
        "toy-loso: fold 2: the same audio is in both train and validation 0: bj1 = aa0",
    ]


def test_audio_whose_content_is_not_known_is_not_the_same():
    clips = toy_corpus(lambda _emotion, take: f"s{take}")
    assert audit(clips, content={clip.clip: "" for clip in clips}).leaks == []


def test_a_speaker_in_train_and_validation():
    """A split by sentence where two speakers train: `folds.load` refuses it, and so does the audit."""
    clips = toy_corpus(lambda _emotion, take: f"s{take}")
    fold = replace(PROTOCOL.folds[0], validation=(Selection(sentences=("s0",)),))
    leaky = replace(PROTOCOL, folds=(fold,), validation_apart=("sentence",))
    found = audit(clips, protocol=leaky)
    assert found.folds[0].shared_speakers == {"train/validation 0": ["b", "c"]}
    assert "one training speaker" in found.flags


def test_leaks_by_speaker_are_named():
    found = leakage.FoldAudit(
        fold=3,
        test=["a"],
        shared_speakers={"train+validation/test": ["a", "b"], "train/validation 0": ["c"]},
        shared_audio={},
        classes={},
        shared_sentences=0.0,
    )
    both = leakage._leaks(found, PROTOCOL)
    assert both == [
        "toy-loso: fold 3: speaker a, b is in both train+validation and test",
        "toy-loso: fold 3: speaker c is in both train and validation 0",
    ]
    assert leakage._leaks(found, replace(PROTOCOL, validation_apart=("sentence",))) == both[:1]


def test_a_leak_by_design_is_a_flag_and_no_leak():
    """The speakers of the test clips train too, and the split says so."""
    clips = toy_corpus(lambda _emotion, take: f"s{take}")
    fold = Fold(Selection(clips=("aa0", "aj0")), (Selection(clips=("aa1", "bj1")),))
    by_chance = replace(
        PROTOCOL,
        folds=(fold,),
        apart=("clip",),
        validation_apart=("clip",),
        leaks="clips at random",
        ranks=False,
    )
    found = audit(clips, protocol=by_chance)
    assert found.folds[0].test == ["a"]
    assert found.folds[0].shared_speakers["train+validation/test"] == ["a"]
    assert (found.leaks, "leaks by design" in found.flags) == ([], True)
    undeclared = audit(clips, protocol=replace(by_chance, leaks=""))
    assert undeclared.leaks == ["toy-loso: fold 0: speaker a is in both train+validation and test"]
    assert "leaks by design" not in undeclared.flags


def official(name):
    protocol = folds.load(name)
    population = folds.population(protocol)
    content = {clip.clip: clip.sha256 for clip in population.rows}
    return protocol, population.corpora[0], leakage.audit(protocol, population, population.rows, content)


@pytest.mark.parametrize("name", NAMES)
def test_no_protocol_leaks(name):
    protocol, corpus, found = official(name)
    assert found.leaks == []
    assert found.digest == protocol.digest
    assert len(found.folds) == len(protocol.folds)
    shared = {pair for fold in found.folds for pair in fold.shared_speakers}
    assert shared == ({"train/validation 0"} if name == "tess-2fold" else set())
    assert sum(sum(fold.classes["test"].values()) for fold in found.folds) == len(corpus.manifest)


def text_only_again(protocol, clips, labels):
    """The UAR of guessing the class in which the sentence is most usual, with add-one smoothing.

    Every class is as likely beforehand: P(class | sentence) goes with (clips of the class that say it + 1)
    / (clips of the class + sentences).
    """
    sentences = {clip.sentence for clip in clips}
    hits, total = Counter(), Counter()
    for fold in protocol.folds:
        train = [clip for clip in clips if clip.speaker not in fold.test.speakers]
        of_class = Counter(clip.emotion for clip in train)
        saying = Counter((clip.sentence, clip.emotion) for clip in train)
        for clip in clips:
            if clip.speaker in fold.test.speakers:
                share = [
                    (saying[clip.sentence, label] + 1) / (of_class[label] + len(sentences))
                    for label in labels
                ]
                total[clip.emotion] += 1
                hits[clip.emotion] += labels[int(np.argmax(share))] == clip.emotion
    return np.mean([hits[label] / total[label] for label in labels])


@pytest.mark.parametrize("name", ["savee-loso", "emovo-loso", "ravdess-6fold"])
def test_the_text_only_baseline_by_its_formula(name):
    protocol, corpus, found = official(name)
    again = text_only_again(protocol, corpus.manifest, corpus.labels)
    assert found.text_only == pytest.approx(again, abs=1e-3)
    assert found.chance == pytest.approx(1 / len(corpus.labels), abs=1e-4)


def test_savees_text_predicts_the_label():
    """Ten generic sentences of fifteen (and 12 of 30 neutral ones) name their class at once."""
    _, _, found = official("savee-loso")
    assert found.flags == ["text predicts label"]
    assert found.text_only > 0.7


def test_the_other_texts_do_not():
    flagged = {name: official(name)[2].flags for name in NAMES}
    assert [name for name, flags in flagged.items() if "text predicts label" in flags] == ["savee-loso"]
    assert flagged["tess-2fold"] == ["one training speaker"]
