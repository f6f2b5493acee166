"""`export`: a model as files that a machine without the project answers by."""

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

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
    onnx.helper.set_model_props(before, {"card": "abc"})
    onnx.save(before, out / folder.WHOLE)
    (out / folder.ARCHIVE).write_text("of an export before")


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
    whole, small = json.loads(printed)["files"]
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


@pytest.mark.parametrize("name", [folder.SCRIPT, folder.WHOLE])
@pytest.mark.parametrize(("place", "message"), [("", ": is there, and no"), ("{name}", "is a file")])
def test_what_somebody_else_has_written_stays(tmp_path, name, place, message):
    (tmp_path / name).write_text("mine")
    place = place.format(name=name)
    with pytest.raises(StoreError, match=message):
        folder.check(tmp_path / place)


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
    found = Trial(file="model.onnx", bytes=1, latency=1.0, difference=difference, flips=0.0, clips=1)
    with pytest.raises(PluginError, match=f"differ from those of `predict` by {difference}"):
        export._refuse_other(found)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("small-cnn", "small-cnn has not been fitted on emovo here"),
        ("mn04-probe", "mn04-probe is not exported: its front end mn04 is a pretrained encoder"),
        ("mfcc-logreg@5", "mfcc-logreg@5 is not exported: a model that is given other clips of the speaker"),
        ("smal-cnn", "Did you mean small-cnn"),
    ],
)
def test_a_wrong_request(call, tmp_path, monkeypatch, model, message):
    pytest.importorskip("onnxscript")
    monkeypatch.setattr(plugins.Plugin, "missing", "")
    code, out, err = call("export", model, "--corpus", "emovo", "--out", tmp_path / "device")
    assert (code, out) == (2, "")
    assert message in err
    assert not (tmp_path / "device").exists()
