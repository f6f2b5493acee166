"""`predict` as a person meets it, after `run --final`."""

import json
import shutil

import numpy as np
import pytest
import runs
import soundfile

from benchmark.audio import reader
from benchmark.corpora import embedded
from benchmark.execution import model_store
from benchmark.features import feature_store, stack
from benchmark.models import plugins
from benchmark.scores import calibration
from protocols import corpora, folds
from protocols.contract import ClipBatch

pytestmark = pytest.mark.slow

DONE, WRONG, PARTIAL = 0, 2, 3
MODEL = ("--model", "mfcc-logreg", "--corpus", "savee")
HOME = "cache/models/synthetic/savee-loso/mfcc-logreg/trials-1-epochs-2-folds-0-1"
RUN = ("run", "--data", "demo", "--final", *MODEL, "--jobs", "1", "--device", "cpu")


@pytest.fixture(scope="module")
def kept(cache, tmp_path_factory):
    """A folder with a cache in which mfcc-logreg is fitted on the embedded SAVEE, and the ended process."""
    folder = tmp_path_factory.mktemp("predict")
    embedded.ensure()
    (folder / "cache").mkdir()
    (cache / "features").mkdir(exist_ok=True)
    for made in (cache / "features", *cache.glob("demo-*")):
        (folder / "cache" / made.name).symlink_to(made)
    ended = runs.command(*RUN, cwd=folder, UNHEARD_CACHE=str(folder / "cache"))
    assert ended.returncode == DONE, ended.stderr
    return folder, ended


@pytest.fixture
def call(call, kept, monkeypatch, tmp_path):
    """The command line in an empty folder, with the cache of what is kept."""
    monkeypatch.setenv("UNHEARD_CACHE", str(kept[0] / "cache"))
    monkeypatch.delenv("UNHEARD_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    return call


@pytest.fixture
def clips():
    """Some embedded clips' files."""
    folder = embedded.ensure() / "savee"
    return [folder / clip.path for clip in embedded.select(corpora.load("savee"))[:30:10]]


def test_run_final_says_where_it_kept_the_model(kept):
    folder, ended = kept
    home = folder / HOME
    assert ended.stdout == ""
    assert f"mfcc-logreg on all of savee is kept: {home}" in ended.stderr
    assert sorted(path.name for path in home.iterdir()) == ["card.json", "card.md", "model.safetensors"]


def test_what_is_kept_is_not_fitted_again(call, kept):
    home = kept[0] / HOME
    made = (home / model_store.CARD).stat().st_mtime_ns
    code, _, err = call(*RUN, "--results", kept[0] / "_runs")
    assert code == DONE
    assert "1 records, 1 of them already there" in err
    assert "is kept" not in err
    assert (home / model_store.CARD).stat().st_mtime_ns == made


def test_a_table_for_people(call, clips):
    code, out, err = call("predict", *MODEL, *clips)
    assert code == DONE
    assert sum(f"{label} 0." in out for label in corpora.load("savee").labels) == 7
    assert "mfcc-logreg 1, fitted on all speakers of savee (synthetic copy)" in err
    assert "(epochs 2, folds [0, 1], trials 1, seed 0 alone; a board shows the mean over seeds)" in err
    assert "Nobody has measured this very model" in err
    assert "knows nothing about people" in err


def test_json_is_the_final_model_at_its_temperature(call, kept, clips):  # noqa: ARG001
    code, out, _ = call("predict", *MODEL, *clips, "--json")
    assert code == DONE
    document = json.loads(out)
    assert document["labels"] == list(corpora.load("savee").labels)
    assert document["board"] == "synthetic"
    assert [row["file"] for row in document["files"]] == [str(path) for path in clips]
    plugin = plugins.load("mfcc-logreg")
    card, model = model_store.load(plugin, folds.load("savee-loso"))
    inputs = [stack.compute(plugin.features, reader.read(path)) for path in clips]
    expected = calibration.calibrated(model.predict_proba(ClipBatch(inputs)), card.temperature)
    assert card.temperature != 1
    for row, p in zip(document["files"], expected, strict=True):
        given = [row["probabilities"][label] for label in document["labels"]]
        np.testing.assert_allclose(given, p, atol=5.1e-5)
        assert row["label"] == document["labels"][int(np.argmax(given))]


def test_the_length_policy_is_the_engines(tmp_path):
    """A clip of 5 s, of which small-cnn uses the middle 3, and one of 1 s."""
    paths = [tmp_path / "long.wav", tmp_path / "short.wav"]
    rng = np.random.default_rng(0)
    for path, seconds in zip(paths, (5, 1), strict=True):
        soundfile.write(path, rng.normal(scale=0.1, size=16_000 * seconds), 16_000)
    plugin = plugins.load("small-cnn")
    used = feature_store.clips(plugin.features, [reader.read(path) for path in paths])
    whole = stack.compute(plugin.features, reader.read(paths[0]))  # (251, 40) or so
    assert (used.frames, used.lengths.tolist()) == (151, [151, 51])
    store = feature_store.Store(whole, {"a": (0, len(whole))})
    np.testing.assert_array_equal(used.inputs[0], store.inputs(["a"], frames=151)[0])
    first = (len(whole) - 151) // 2
    np.testing.assert_array_equal(used.inputs[0], whole[first : first + 151])


def test_any_container_rate_and_number_of_channels(call, clips, tmp_path):
    sound, rate = soundfile.read(clips[0])
    again = tmp_path / "[bold]same.flac"
    soundfile.write(again, np.stack([sound, sound], axis=1), rate)
    code, out, _ = call("predict", *MODEL, clips[0], again, "--json")
    assert code == DONE
    first, second = json.loads(out)["files"]
    assert first["probabilities"] == second["probabilities"]
    assert "[bold]same.flac" in call("predict", *MODEL, again.name)[1]


@pytest.mark.parametrize("spoil", ["absent", "folder", "text", "empty"])
def test_a_file_that_cannot_be_read_is_named(call, clips, tmp_path, spoil):
    bad = tmp_path / "bad.wav"
    {
        "absent": lambda: None,
        "folder": bad.mkdir,
        "text": lambda: bad.write_text("words, not sound, and enough of them to be sure"),
        "empty": bad.touch,
    }[spoil]()
    code, out, err = call("predict", *MODEL, bad, clips[0], "--json")
    assert code == PARTIAL
    assert f"error: {bad}: " in err
    refused, good = json.loads(out)["files"]
    assert (refused["label"], refused["probabilities"]) == (None, {})
    assert f"error: {bad}: {refused['problem']}" in err
    assert good == json.loads(call("predict", *MODEL, clips[0], "--json")[1])["files"][0]
    assert good["problem"] is None
    code, out, err = call("predict", *MODEL, bad)
    assert (code, out) == (WRONG, "")
    assert f"error: {bad}: " in err


def test_what_makes_a_prediction_doubtful_is_in_table_and_json(call, tmp_path):
    rng = np.random.default_rng(0)
    for name, seconds, gain in (("short", 0.01, 0.1), ("long", 9, 0.1), ("off", 0.85, 0)):
        soundfile.write(tmp_path / f"{name}.wav", rng.normal(scale=gain, size=int(16_000 * seconds)), 16_000)
    names = ("short.wav", "long.wav", "off.wav")
    code, out, _ = call("predict", *MODEL, *names, "--json")
    assert code == DONE
    short, long, off = json.loads(out)["files"]
    assert (short["seconds"], short["seconds_used"]) == (0.01, 0.01)
    assert [note[:30] for note in short["notes"]] == [
        "shorter than any training clip",
        "unlike every training clip",
    ]
    assert [note[:29] for note in long["notes"]] == [
        "longer than any training clip",
        "unlike every training clip",  # it is noise
    ]
    assert off["notes"] == ["silent"]
    shown = call("predict", *MODEL, *names)[1]
    assert "9.00" in shown
    assert "silent" in shown
    assert "longer than any training clip (" in shown


def test_a_recording_has_a_time_course_and_a_folder_all_its_files(call, clips, tmp_path):
    (tmp_path / "talks").mkdir()
    sounds = [reader.read(clip) for clip in clips]
    soundfile.write(tmp_path / "talks/a.wav", np.concatenate(sounds), 16_000, subtype="FLOAT")
    (tmp_path / "talks/b.m4a").write_bytes(b"")
    code, out, err = call("predict", *MODEL, "talks", "--windows", 0.5, "--hop", 0.25, "--json")
    assert code == PARTIAL
    assert err.splitlines()[-2:] == [
        "error: talks/b.m4a: the file is empty (zero bytes). Get it again.",
        "1 of 2 files have no prediction.",
    ]
    talk = json.loads(out)["files"][0]
    starts = [window["start"] for window in talk["windows"]]
    assert starts[:3] == [0, 0.25, 0.5]
    assert talk["windows"][-1]["end"] == pytest.approx(talk["seconds"])
    rows = np.array([list(window["probabilities"].values()) for window in talk["windows"]])
    assert list(talk["probabilities"].values()) == pytest.approx(rows.mean(axis=0), abs=1e-4)
    [clip] = json.loads(call("predict", *MODEL, clips[0], "--json")[1])["files"]
    assert "unlike every training clip" not in clip["notes"]


@pytest.mark.parametrize("how", [(), ("--json",)])
def test_without_weights_it_names_the_command(call, clips, how):
    code, out, err = call("predict", "--model", "nearest-mean", "--corpus", "emovo", *clips, *how)
    assert (code, out) == (WRONG, "")
    assert "nearest-mean has not been fitted on emovo here" in err
    assert "python -m benchmark run --final --model nearest-mean --protocol emovo-loso" in err


def test_damaged_weights_name_the_command(call, kept, clips, tmp_path, monkeypatch):
    shutil.copytree(kept[0] / "cache/models", tmp_path / "cache/models")
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path / "cache"))
    (tmp_path / HOME / "model.safetensors").write_bytes(b"\x80\x04N.")
    code, out, err = call("predict", *MODEL, clips[0])
    assert (code, out) == (WRONG, "")
    assert "model.safetensors: is damaged" in err
    assert "python -m benchmark run --final --model mfcc-logreg --protocol savee-loso" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--model", "mfcc-logre", "--corpus", "savee", "x.wav"], "Did you mean mfcc-logreg"),
        (["--model", "mfcc-logreg", "--corpus", "save", "x.wav"], "Did you mean savee"),
        (["--model", "mfcc-logreg", "--corpus", "savee"], "name a FILE or a FOLDER"),
        (["--corpus", "savee", "x.wav"], "--model"),
    ],
)
def test_a_wrong_request(call, arguments, words):
    code, out, err = call("predict", *arguments)
    assert (code, out) == (WRONG, "")
    assert words in err


def test_a_model_without_state_is_named_and_the_run_is_complete(call):
    code, _, err = call(
        *("run", "--data", "demo", "--final", "--model", runs.TOY, "--corpus", "savee", "--dry-run"),
        *("--device", "cpu"),
    )
    assert code == DONE
    assert "toy: offers no state" in err
    assert "would fit" not in err
    code, _, err = call(*RUN, "--model", "prior", "--dry-run")
    assert code == DONE
    assert "would fit prior on all of savee" in err
    assert "would fit mfcc-logreg" not in err


def test_a_model_that_cannot_run_here_says_why(call, monkeypatch):
    monkeypatch.setattr(plugins.Plugin, "missing", "it needs the extra: pip install 'unheard[x]'")
    code, out, err = call("predict", *MODEL, "x.wav")
    assert (code, out) == (WRONG, "")
    assert "mfcc-logreg cannot run here: it needs the extra: pip install 'unheard[x]'" in err
