"""On which clips an export's ranges are found, and on which others its files are compared."""

import numpy as np
import pytest

from benchmark.audio import reader
from benchmark.corpora import embedded
from benchmark.deployment import other_clips, training_clips


@pytest.fixture(scope="module")
def training():
    return sorted((embedded.ensure() / "savee").rglob("*.wav"))


def test_they_are_of_the_corpora_that_it_was_not_fitted_on(training, monkeypatch):
    monkeypatch.setattr(other_clips, "MOST", 6)
    found = other_clips.of(embedded.ensure(), ["savee", "cremad", "tess"], training)
    assert found.where == "of emodb, emovo, ravdess, on which it was not fitted"
    assert len(found.waves) == 6


def test_where_there_is_no_other_corpus_they_are_altered(training, monkeypatch, tmp_path):
    monkeypatch.setattr(other_clips, "MOST", 3)
    (tmp_path / "emodb").mkdir()  # empty
    found = other_clips.of(tmp_path, ["savee"], training)
    assert found.where == "that it was fitted on, here with noise at 10 dB or by telephone"
    some = [reader.read(training[k]) for k in training_clips.spread(len(training), 3)]
    for given, own in zip(found.waves, some, strict=True):
        assert given.shape == own.shape
        assert np.corrcoef(given, own)[0, 1] < 0.99


def test_what_cannot_be_read_is_left_out(training, tmp_path):
    bad = tmp_path / "bad.wav"
    bad.write_text("no sound")
    assert len(list(other_clips._readable([training[0], bad], 2))) == 1


def test_ranges_are_of_clips_as_they_are_and_altered(training, monkeypatch):
    monkeypatch.setattr(training_clips, "MOST", 9)
    found = training_clips.waves(training)
    assert len(found) == 18
    for own, altered in zip(found[:9], found[9:], strict=True):
        assert own.shape == altered.shape
        assert not np.array_equal(own, altered)
