"""What a record declares of its copy of a corpus, and what its key repeats; a name that comes twice."""

import hashlib

import honest
import pytest
from honest import change, problems

from benchmark.corpora import inventory
from protocols import corpora

FALSE = {
    "a copy's digest": (
        ("corpora", 0, "digest", "official"),
        "its corpus copy has the digest 'official', which",
    ),
    "a copy's digest, and more": (("corpora", 0, "digest", "c" * 65), "its corpus copy has the digest 'ccc"),
    "no time": (("run", "finished", "today"), "its run finished at 'today', which is no time"),
    "a test speaker twice": (("folds", 0, "test", ["JE", "JE"]), "fold 0: it lists other test speakers than"),
    "a test speaker less": (("folds", 0, "test", []), "fold 0: it lists other test speakers than its"),
    "a UAR above one": (
        ("folds", 1, "trials", 0, "uar", 1.01),
        "fold 1: trial 0 has a UAR or a cross-entropy",
    ),
    "a UAR below zero": (("folds", 1, "trials", 1, "uar", -0.01), "fold 1: trial 1 has a UAR or a cross-"),
    "a cross-entropy below zero": (
        ("folds", 2, "trials", 1, "cross_entropy", -0.1),
        "fold 2: trial 1 has a UAR or a cross-entropy that cannot be",
    ),
    "another torch than its key's": (
        ("environment", "versions", "torch", "9"),
        "its versions differs between",
    ),
    "clips of the speaker that its name has not": (
        ("model", "enrolment", "5"),
        "its name has no clips of the speaker, its model 5, its key 'none'",
    ),
    "unknown numerics": (("key", "numerics", "fp64"), "its class of numerics is 'fp64', which is none of"),
}


@pytest.mark.parametrize("kind", FALSE)
def test_a_false_claim_is_named(drawn, kind):
    honest.assert_named(drawn, *FALSE[kind])


def test_a_model_with_clips_of_the_speaker_is_named_with_their_number(tmp_path):
    path = honest.write(tmp_path, model="a-model@all", enrolment="all")
    [problem] = problems(path)
    assert problem == "its name has all clips of the speaker, its model all, its key 'none'"
    change(path, "key", "enrolment", "all")
    assert problems(path) == []
    other = honest.write(tmp_path, model="a-model@7")
    assert problems(other)[0].startswith("its model is called 'a-model@7', which is not lower case letters")


def official(corpus="savee"):
    """The digest of the owner's files, from the manifest, by the formula of docs/corpora.md."""
    lines = sorted(f"{row.clip} {row.sha256}\n" for row in corpora.load(corpus).manifest)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def test_the_digest_of_a_copy_does_not_depend_on_the_order_of_its_clips():
    assert inventory.copy_digest({"b": "1", "a": "2"}) == inventory.copy_digest({"a": "2", "b": "1"})


@pytest.mark.parametrize("board", ["official", "derived"])
def test_a_copy_is_official_by_its_bytes_alone(tmp_path, board):
    path = honest.write(tmp_path, board=board)
    named = f"of SAVEE's official files, {official()[:12]}"
    false = f"its corpus copy is official, but has not the digest {named}"
    assert problems(path) == ([false] if board == "official" else [])
    change(path, "corpora", 0, "digest", official())
    change(path, "key", "corpus copy", official())
    false = f"its corpus copy is derived, but has the digest {named}"
    assert problems(path) == ([false] if board == "derived" else [])


def test_an_official_copy_lacks_nothing(tmp_path):
    path = honest.write(tmp_path, board="official")
    change(path, "corpora", 0, "digest", official())
    change(path, "key", "corpus copy", official())
    change(path, "corpora", 0, "missing", [corpora.load("savee").manifest[0].clip])
    assert "its corpus copy is official, but 1 clips are missing" in problems(path)


@pytest.mark.parametrize("text", ['{"schema": 1, "schema": 2}', '{"a": [{"b": 1, "\\u0062": 2}]}'])
def test_a_name_that_comes_twice_is_refused(drawn, text):
    drawn.write_text(text)
    [found] = problems(drawn)
    assert found.startswith(f"{drawn}: not a record: the name ")
    assert found.endswith("comes twice in one object")


def test_what_is_built_on_a_frozen_network_declares_pretraining(drawn):
    change(drawn, "features", {"front_end": "ssl", "options": {}})
    words = "its front end ssl was trained on outside data, and it declares no pretraining"
    assert words in problems(drawn)
    change(drawn, "model", "pretraining", ["LibriSpeech"])
    assert words not in problems(drawn)
