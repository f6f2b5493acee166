"""The librosa loop computes what the store computes, so that their times can be compared."""

import json

import numpy as np
import pytest

from benchmark.audio import reader
from benchmark.features import front_ends
from benchmark.models import plugins
from benchmark.speed import features, memory, speech_clips
from protocols import registry

NAMES = [name for name in registry.names("models") if features.wanted([plugins.load(name)])]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    speech_clips.write(folder, files=2)
    return folder


@pytest.mark.parametrize("features_of", NAMES)
def test_both_sides_compute_the_same(folder, features_of):
    wave = reader.read(sorted(folder.iterdir())[1])
    for each in features.wanted([plugins.load(features_of)]):
        ours, theirs = front_ends.compute(each, wave), features.by_librosa(each, wave)
        assert ours.shape == theirs.shape
        inside = slice(None) if each.functionals else slice(3, -3)  # librosa ends deltas otherwise
        assert np.abs(ours[inside] - theirs[inside]).max() < 2e-2 * np.abs(theirs).max()


def test_each_front_end_is_timed_once():
    found = features.wanted([plugins.load(name) for name in NAMES])
    assert len(found) == 8
    assert {each.front_end for each in found} == {"mfcc", "log-mel"}


def test_a_larger_corpus_has_the_same_files_under_other_names(folder):
    found = speech_clips.taken(folder, times=3)
    assert len(found.files) == found.expected == 6
    assert len(set(found.files.values())) == 2


@pytest.mark.filterwarnings("ignore:'.*' is deprecated:DeprecationWarning")  # of what librosa.load imports
def test_one_side_is_timed_twice(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path))
    features.main("librosa", str(folder), "small-cnn")
    first, second = json.loads(capsys.readouterr().out)
    assert 0 < second <= first + 1


def test_memory_is_what_the_process_had_at_most(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path))
    memory.main("2", str(folder), "small-cnn")
    assert float(capsys.readouterr().out) > 50
    [home] = (tmp_path / "features").iterdir()
    assert home.name.startswith("speed-log-mel")
