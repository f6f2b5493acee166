"""Every kind of fact has its words."""

from typing import get_args

import pytest

from benchmark.ranking.overall import Coverage
from benchmark.ranking.reasons import Note, NoteKind, Unranked, UnrankedKind
from benchmark.records.tuning import Tuning
from benchmark.website import wording
from protocols.selection import Selection

REASONS = {
    "the protocol leaks by design: all speakers train": Unranked("leaks", "all speakers train"),
    "the protocol leaks by design: the texts are the labels": Unranked(
        "leaks", "by its question: the texts are the labels"
    ),
    "the protocol does not rank": Unranked("protocol"),
    "it does not hold, as verify shows (invalid)": Unranked("invalid"),
    "made with another version of the split, the engine or the model (stale)": Unranked("stale"),
    "of other seeds than those that count": Unranked("seed"),
    "version 1 of search and training, not 2": Unranked("engine", 1, 2),
    "another version of the split": Unranked("split", "a", "b"),
    "the miniature corpus": Unranked("miniature", "miniature", "full"),
    "1 trial, not 20": Unranked("trials", 1, 20),
    "5 trials, not 1": Unranked("trials", 5, 1),
    "epochs: 2, not as the recipe says": Unranked("epochs", 2, None),
    "epochs: as the recipe says, not 3": Unranked("epochs", None, 3),
    "fold 0 only": Unranked("folds", (0,), None),
    "folds 0, 1 only": Unranked("folds", (0, 1), None),
    "trained in bf16, not fp32": Unranked("numerics", "bf16", "fp32"),
    "all folds": Unranked("folds", None, (0,)),
    "2 clips missing, not 0": Unranked("missing", ("a", "b"), ()),
    "1 clip missing, not 2": Unranked("missing", ("a",), ("a", "b")),
    "other labels": Unranked("labels", ("joy",), ("anger",)),
    "another copy of the corpus": Unranked("copy", ("a",), ("b",)),
    "other test clips or folds": Unranked("clips"),
    "a variant of vit-teacher": Unranked("variant", "vit-teacher"),
    "its pretraining includes EMO-DB": Unranked("pretraining", "EMO-DB"),
    "it is given 5 clips of the speaker": Unranked("enrolment", "5"),
    "it is given all other clips of the speaker": Unranked("enrolment", "all"),
    "it uses several test clips together": Unranked("transductive"),
    "another version of a model that is ranked": Unranked("version", "1"),
    "no results here": Unranked("absent"),
}
NOTES = {
    "1 of 3 seeds": Note("seeds", 1, 3),
    "fold 0 only": Note("folds", (0,)),
    "trained in bf16": Note("numerics", "bf16"),
    "miniature corpus": Note("miniature"),
    "missing clips: 1": Note("missing", ("x",)),
}


def test_what_other_seeds_did():
    assert [wording.seeds(one) for one in (None, True, False)] == ["", "each searched", "winners refitted"]


@pytest.mark.parametrize(("words", "reason"), REASONS.items())
def test_a_reason_has_words(words, reason):
    assert wording.reason(reason) == words


@pytest.mark.parametrize(("words", "note"), NOTES.items())
def test_a_note_has_words(words, note):
    assert wording.note(note) == words


def test_no_kind_is_left_without_words():
    assert {reason.kind for reason in REASONS.values()} == set(get_args(UnrankedKind))
    assert {note.kind for note in NOTES.values()} == set(get_args(NoteKind))


def test_several_reasons_stand_in_one_line():
    both = [Unranked("split", "a", "b"), Unranked("copy", ("a",), ("b",))]
    assert wording.reasons(both) == "another version of the split; another copy of the corpus"
    assert wording.reasons([]) == ""


def test_a_reduced_budget_is_named_where_models_are_compared():
    assert wording.compared([Unranked("trials", 5, 20)]) == "reduced budget: 5 trials, not 20"
    more = [Unranked("trials", 50, 20), Unranked("folds", (0,), None)]
    assert wording.compared(more) == "50 trials, not 20; fold 0 only"
    assert wording.compared([Unranked("absent")]) == "no results here"
    assert wording.compared([]) == ""


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ((("A", "B"), (), ("C",)), "2 of 3: no C audio here"),
        ((("A", "B"), ("C",), ()), "2 of 3: not every model has C"),
        (((), ("A",), ("B", "C")), "0 of 3: no B or C audio here; not every model has A"),
        ((("A",), (), ()), "1 of 1"),
    ],
)
def test_coverage_names_the_gaps(facts, words):
    covered, partial, absent = facts
    assert wording.coverage(Coverage(covered=covered, partial=partial, absent=absent)) == words


def test_a_selection_names_its_units_but_for_speakers_or_sentences_alone():
    assert wording.selection(Selection(speakers=("a", "b"))) == "a, b"
    assert wording.selection(Selection(sentences=tuple("abcdefgh"))) == "a, b, c, d, e, f, … (8 in all)"
    assert wording.selection(Selection(corpora=("savee",))) == "corpora savee"
    both = Selection(corpora=("savee",), speakers=("DC",))
    assert wording.selection(both) == "corpora savee; speakers DC"
    assert wording.selection(Selection()) == "all clips"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            Tuning(searched=("C", "gamma"), trials=(20,), anew=True, fixed={}),
            "Searched in each fold: 2 settings (C, gamma), in at most 20 trials on inner folds of the "
            "training speakers; each seed searches anew.",
        ),
        (
            Tuning(searched=("C",), trials=(5, 20), anew=False, fixed={}),
            "Searched in each fold: 1 setting (C), in at most 5–20 trials on inner folds of the training "
            "speakers; other seeds refit what seed 0 found.",
        ),
        (
            Tuning(fixed={"ridge": 1.0}),
            "Nothing is searched: its settings (ridge = 1) are fixed in its file, the same in all folds.",
        ),
        (Tuning(fixed={}), "Nothing is searched: it has no settings."),
    ],
)
def test_how_a_model_is_tuned(found, words):
    assert wording.tuned(found) == words
