"""What of the test clips is in training or validation of their fold."""

import numpy as np
import pytest

from benchmark.verification import leakage, overlap
from benchmark.verification.overlap import Overlap
from protocols import folds
from protocols.corpora import ManifestRow
from protocols.folds import Split
from protocols.population import altered


def row(clip, speaker, sentence):
    return ManifestRow(clip, "", speaker, "female", "anger", sentence)


CLIPS = [row("a1", "a", "one"), row("a2", "a", "two"), row("b1", "b", "one"), row("b3", "b", "three")]


def parts(test, development):
    return Split(test=np.array(test), development=np.array(development), inner=())


def test_by_hand():
    found = overlap.of([parts([0, 3], [1, 2])], CLIPS, {"a1": "x", "a2": "y", "b1": "x", "b3": ""})
    assert found == Overlap(speakers=2, shared_speakers=2, speaker=1.0, text=0.5, audio=0.5, twin=0.0)


def test_over_folds():
    """Clips count once each, whatever fold tests them; a speaker who is in both in one fold is."""
    found = overlap.of([parts([0], [2, 3]), parts([2, 3, 1], [0])], CLIPS, {})
    assert (found.speakers, found.shared_speakers) == (2, 1)
    assert (found.speaker, found.text, found.audio) == (0.25, 0.5, 0.0)


def test_a_copy_that_is_a_row_of_its_own_is_a_twin():
    copies = [*CLIPS, altered(row("a1", "a", "one"), 2)]
    assert overlap.of([parts([0, 1], [2, 4])], copies, {}).twin == 0.5


def official(name):
    protocol = folds.load(name)
    population = folds.population(protocol)
    content = {clip.clip: clip.sha256 for clip in population.rows}
    return leakage.audit(protocol, population, population.rows, content)


@pytest.mark.parametrize(("name", "speakers"), [("emodb", 10), ("cremad", 91), ("tess", 2)])
def test_emoboxs_folds_have_all_speakers_in_both(name, speakers):
    found = official(f"{name}-emobox")
    assert (found.overlap.shared_speakers, found.overlap.speakers) == (speakers, speakers)
    assert (found.overlap.speaker, found.overlap.twin) == (1.0, 0.0)
    assert (found.leaks, bool(found.by_design)) == ([], True)


@pytest.mark.parametrize(
    ("name", "shared"),
    [
        ("savee-random-clips", (4, 1.0, 0.9917)),
        ("savee-unseen-texts", (4, 1.0, 0.0)),
        ("savee-loso", (0, 0.0, 1.0)),
        ("savee-unseen-both", (0, 0.0, 0.0)),
        ("cross-corpus-5", (0, 0.0, 0.0)),
    ],
)
def test_what_each_rung_has_met(name, shared):
    found = official(name).overlap
    assert (found.shared_speakers, found.speaker, found.text) == shared


def test_nearly_every_test_row_as_published_has_a_twin_in_training():
    """All but those of a clip of which all four rows are tested: 1 - 0.2^3 of them, 99.2 %, are expected."""
    found = official("ravdess-as-published")
    assert found.overlap.twin == pytest.approx(1 - 0.2**3, abs=0.002)
    assert (found.overlap.audio, found.leaks) == (0.0, [])


def test_unseen_texts_tell_nothing_of_savees_emotions():
    """A text alone tells 77 % of SAVEE's emotions, as long as it has been met."""
    assert official("savee-loso").text_only > 0.7
    assert official("savee-unseen-texts").text_only == pytest.approx(1 / 7, abs=0.02)
