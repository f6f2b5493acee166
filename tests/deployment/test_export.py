"""`export`: a model as files that a machine without the project answers by."""

import json
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from benchmark.audio import reader
from benchmark.corpora import embedded, inventory
from benchmark.cost import graph, measure
from benchmark.deployment import export, folder
from benchmark.deployment.trial import Trial
from benchmark.execution import model_store, prediction
from benchmark.features import feature_store
from benchmark.models import plugins
from protocols import corpora
from protocols.errors import DataError, PluginError, StoreError

pytestmark = pytest.mark.usefixtures("as_in_a_worker")
LABELS = corpora.load("savee").labels
NOISE = np.random.default_rng(0).normal(scale=0.1, size=40_000)
WHERE = (str(folder.__file__).partition("/benchmark")[0], "site-packages", '.py"', "Traceback", "line ")


def card_of(plugin, digest):
    return SimpleNamespace(
        board="synthetic",
        model=SimpleNamespace(
            name=plugin.info.name, version="2", licence="MIT", title="A network", summary="S.", enrolment=""
        ),
        protocol=SimpleNamespace(name="savee-loso", version=1),
        corpora=[SimpleNamespace(name="savee", kind="synthetic", digest=digest)],
        labels=list(LABELS),
        params=dict(plugin.model.defaults),
        temperature=0.7,
        seconds=(0.8, 2.5),
        features={"front_end": "log-mel"},
        key={"budget": {"trials": 1}},
        uar=0.5,
        weights="abc",
        digest="def",
        warning="Nobody has measured this very model.",
    )


@pytest.fixture
def kept(monkeypatch):
    """An untrained small-cnn in the place of one that `run --final` kept: plugin, card, model."""
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    plugin = plugins.load("small-cnn")
    digest = inventory.take(corpora.load("savee"), embedded.ensure() / "savee").digest
    found = card_of(plugin, digest), measure.untrained(plugin, len(LABELS))
    monkeypatch.setattr(model_store, "load", lambda *_, **__: found)
    return plugin, *found


def exported_before(out):
    """What an export of a model with an archive leaves, as far as the next one looks at it."""
    onnx = pytest.importorskip("onnx")
    out.mkdir()
    before = onnx.helper.make_model(onnx.helper.make_graph([], "before", [], []))
    onnx.helper.set_model_props(before, {"card": "abc", "model": "large-cnn"})
    onnx.save(before, out / folder.WHOLE)
    (out / folder.ARCHIVE).write_text("of an export before")


@pytest.fixture
def asked(tmp_path, monkeypatch, capsys):
    """Ask run.py, in this process, beside a model with one answer only: exit code, stdout, stderr."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    text = '<ir_version: 10, opset_import: ["": 20]> ask (float[samples] wave) => (float[1, 2] p) {{ {} }}'
    made = onnx.parser.parse_model(text.format("p = Constant <value = float[1, 2] {0.25, 0.75}> ()"))
    facts = {"labels": '["anger", "joy"]', "sample_rate": "16000", "seconds_least": "0.5"}
    onnx.helper.set_model_props(made, {**facts, "seconds_most": "2", "seconds_used": "1.5"})
    onnx.save(made, tmp_path / folder.WHOLE)
    script = shutil.copy(Path(folder.__file__).with_name(folder.SCRIPT), tmp_path)

    def ask(*arguments):
        monkeypatch.setattr(sys, "argv", [script, *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(script, run_name="__main__")
        return ended.value.code, *capsys.readouterr()

    return ask


def written(path, samples, rate=16_000):
    soundfile.write(path, np.asarray(samples, np.float32), rate, subtype="FLOAT")
    return path


@pytest.mark.slow
def test_the_folder_answers_as_predict_does(kept, call, tmp_path):
    plugin, card, model = kept
    out = tmp_path / "device"
    exported_before(out)
    code, printed, err = call("export", "small-cnn", "--corpus", "savee", "--out", out, "--json")
    assert code == 0, err
    assert sorted(path.name for path in out.iterdir()) == [
        *("README.txt", "model.int8.onnx", "model.onnx", "run.py")
    ]
    document = json.loads(printed)
    whole, small = document["files"]
    assert document["replaced"] == "large-cnn"
    assert document["clips"].startswith("of cremad, emodb, emovo, ravdess, tess, on which it was not fitted")
    assert whole["difference"] < 2e-4
    assert whole["flips"] == 0
    assert (whole["bytes"], small["bytes"]) == tuple(
        (out / name).stat().st_size for name in (folder.WHOLE, folder.SMALL)
    )
    assert small["bytes"] < 0.6 * whole["bytes"] < 100_000
    assert whole["difference"] < small["difference"] < 0.1
    clip = next((embedded.ensure() / "savee").rglob("*.wav"))
    ended = subprocess.run(
        [sys.executable, "-I", out / "run.py", clip],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    name, *ranked = ended.stdout.rstrip().split("\t")
    assert name == str(clip)
    wanted = prediction.probabilities(model, card, feature_store.clips(plugin.features, [reader.read(clip)]))
    given = {label: float(p) for label, p in (each.split(" ") for each in ranked)}
    np.testing.assert_allclose([given[label] for label in LABELS], wanted[0], atol=3e-4)
    assert ranked == sorted(ranked, key=lambda each: -float(each.split(" ")[1]))
    for file in (folder.WHOLE, folder.SMALL):
        data = (out / file).read_bytes()
        assert [word for word in WHERE if word.encode() in data] == []
        assert all(f"{value}".encode() in data for value in ("MIT", "small-cnn", "0.7", "abc", *LABELS))


@pytest.mark.parametrize(
    ("samples", "warning"),
    [
        (np.zeros(16_000), "silent"),
        (np.stack([NOISE[:16_000], -NOISE[:16_000]], axis=1), "silent"),
        (NOISE[:16_000], ""),
        (NOISE[:1], "shorter than any training clip (0.5 s)"),
        (NOISE[:28_000], "the middle 1.5 s only"),
        (NOISE, "longer than any training clip (2.0 s); the middle 1.5 s only"),
    ],
)
def test_the_script_warns_of_what_makes_an_answer_doubtful(asked, tmp_path, samples, warning):
    file = written(tmp_path / "clip.wav", samples)
    expected = f"warning: {file}: {warning}\n" if warning else ""
    assert asked(file) == (0, f"{file}\tjoy 0.7500\tanger 0.2500\n", expected)


def test_a_bad_file_stops_no_other(asked, tmp_path):
    good = written(tmp_path / "good.wav", NOISE[:16_000])
    bad = {
        "is not there": tmp_path / "none.wav",
        "has no samples": written(tmp_path / "empty.wav", []),
        "has samples that are no numbers": written(tmp_path / "nan.wav", [0.1, np.nan]),
        "has 8000 Hz. Resample it: ffmpeg -i FILE -ar 16000": written(tmp_path / "8k.wav", NOISE, 8000),
        "Format not recognised": tmp_path / folder.SCRIPT,
    }
    code, out, err = asked(*bad.values(), good)
    assert (code, out.count("\n")) == (1, 1)
    assert out.startswith(str(good))
    for line, (message, file) in zip(err.splitlines(), bad.items(), strict=True):
        assert line.startswith(f"error: {file}: ")
        assert message in line


def test_a_wrong_model_is_named(asked, tmp_path):
    other = written(tmp_path / "other.onnx.wav", NOISE)
    code, out, _ = asked("--model", other, other)
    assert code.startswith(f"error: {other}: cannot be asked: ")
    assert out == ""


@pytest.mark.parametrize("name", [folder.SCRIPT, folder.WHOLE, "notes.txt"])
@pytest.mark.parametrize(
    ("place", "message"), [("", ": holds {name}, and no export"), ("{name}", "is a file")]
)
def test_what_somebody_else_has_written_stays(tmp_path, name, place, message):
    (tmp_path / name).write_text("mine")
    place, message = (words.format(name=name) for words in (place, message))
    with pytest.raises(StoreError, match=message):
        folder.check(tmp_path / place)


def test_only_an_export_is_replaced(tmp_path):
    assert folder.check(tmp_path) == folder.check(tmp_path / "new") == ""
    exported_before(tmp_path / "device")
    assert folder.check(tmp_path / "device") == "large-cnn"


def test_another_copy_of_the_corpus_is_refused(kept, tmp_path):
    _, card, _ = kept
    card.corpora[0].digest = "another"
    with pytest.raises(DataError, match="not the copy of savee that the model was fitted on"):
        export.export("small-cnn", corpus="savee", out=tmp_path / "device")
    assert not (tmp_path / "device").exists()


def test_without_the_extra_it_says_how_to_get_it(call, tmp_path, monkeypatch):
    monkeypatch.setattr(graph, "LIBRARIES", ("no_such_library",))
    code, _, err = call("export", "small-cnn", "--corpus", "savee", "--out", tmp_path / "device")
    assert code == 2
    assert "export needs no_such_library: pip install 'unheard[onnx]'" in err


@pytest.mark.parametrize("difference", [0.002, float("nan")])
def test_a_file_that_answers_otherwise_is_refused(difference):
    found = Trial(
        file="model.onnx", bytes=1, latency=1.0, difference=difference, median=0.0, flips=0.0, clips=1
    )
    with pytest.raises(PluginError, match=f"differ from those of `predict` by {difference}"):
        export._refuse_other(found)


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ("mn04-probe", "its front end mn04 is a pretrained encoder"),
        ("egemaps-svm", "its front end egemaps is computed by opensmile"),
        ("mfcc-logreg@5", "it is given other clips of the speaker"),
        ("small-cnn@5", "it is given other clips of the speaker"),
    ],
)
def test_what_can_never_be_exported_is_asked_for_nothing(call, tmp_path, monkeypatch, model, why):
    monkeypatch.setattr(graph, "LIBRARIES", ("no_such_library",))
    monkeypatch.setattr(plugins.Plugin, "missing", "it needs something")
    code, out, err = call("export", model, "--corpus", "savee", "--out", tmp_path / "device")
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {model} cannot be exported, because {why}")


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("small-cnn", "small-cnn has not been fitted on emovo here"),
        ("nearest-mean", "cannot be exported, because skl2onnx knows no form in ONNX for its estimator"),
        ("smal-cnn", "Did you mean small-cnn"),
    ],
)
def test_a_wrong_request(call, tmp_path, model, message):
    pytest.importorskip("onnxscript")
    code, out, err = call("export", model, "--corpus", "emovo", "--out", tmp_path / "device")
    assert (code, out) == (2, "")
    assert message in err
    assert not (tmp_path / "device").exists()
