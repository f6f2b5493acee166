"""What a blind refit is given, what it sees, and what of its answer is believed."""

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import protocols
from benchmark.compute import sandbox
from benchmark.features.front_ends import mn04
from benchmark.storage import places
from benchmark.verification import blind_fit, blind_refit
from benchmark.verification.blind_fit import Given, Setting
from protocols.contract import ClipBatch, Features
from protocols.errors import PluginError

LOOK = """
import json, pathlib, sys
import baselines.prior, protocols
from protocols import corpora
home = pathlib.Path(protocols.__file__).parent
try:
    labels = [clip.emotion for clip in corpora.load("savee").manifest]
except Exception as error:
    labels = type(error).__name__
print(json.dumps([labels, [[str(x) for x in (home / n).iterdir()] for n in ("manifests", "splits")],
                  sorted(x.name for x in home.parent.iterdir()), pathlib.Path(sys.argv[1]).exists()]))
"""
PLUGIN = """
import numpy as np
from protocols.contract import Declaration, Features, FitInfo, Info

class Model(Declaration):
    info = Info(name="{name}", version="1", title="T", summary="S", needs={needs})

    @staticmethod
    def features(params):
        return Features(front_end="mfcc", functionals=("mean",))

    def __init__(self, n_classes, *, seed, device, **params):
        self.n_classes, self.number = n_classes, seed + params.get("more", 0)

    def fit(self, train, validation=None, *, epochs=None, report=None, context=None):
        self.number += len(train) + 1000 * epochs + train.labels.sum()
        if context:
            self.number += 10**6 * context["teacher"].number

    def predict_proba(self, clips):
        return np.full((len(clips), self.n_classes), self.number) + [[clip[0, 0]] for clip in clips.inputs]
"""


@pytest.mark.skipif(bool(sandbox.missing()), reason=sandbox.missing())
def test_the_sandbox_runs_the_engine_and_has_no_manifest_split_or_corpus(tmp_path):
    (tmp_path / "box").mkdir()
    plugin = SimpleNamespace(plugin=SimpleNamespace(files=[]))
    command = sandbox.command(
        [
            "env",
            f"PYTHONPATH={places.PACKAGE.parent}",
            sys.executable,
            "-P",
            "-c",
            LOOK,
            tmp_path / "corpora",
        ],
        read=blind_refit._needed(plugin),
        write=tmp_path / "box",
        hide=blind_refit._telling(),
        devices=False,
    )
    (tmp_path / "corpora").mkdir()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    labels, folders, beside, data = json.loads(done.stdout)
    assert labels == "DataError"
    assert folders == [[], []]
    assert {"benchmark", "protocols"} <= set(beside)
    if (places.CHECKOUT / "results").is_dir():
        assert "results" not in beside
    assert not data


def test_all_that_tells_is_hidden(cache):
    home = places.PACKAGE.parent / "protocols"
    assert {home / "manifests", home / "splits", cache} <= set(blind_refit._telling())
    assert home == places.Path(str(protocols.__file__)).parent


def test_a_network_that_begins_with_weights_is_given_their_file_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("UNHEARD_WEIGHTS", str(tmp_path))
    (tmp_path / mn04.FILE).touch()

    def given(front_end):
        plugin = SimpleNamespace(features=[Features(front_end=front_end)])
        return blind_refit._weights(SimpleNamespace(plugin=plugin))

    assert given("mn04-trained") == [tmp_path / mn04.FILE]
    assert given("mn04") == given("mfcc") == []


def test_a_student_is_given_its_teacher_as_in_an_ordinary_fit(tmp_path):
    (tmp_path / "teacher.py").write_text(PLUGIN.format(name="teacher", needs={}))
    (tmp_path / "student.py").write_text(PLUGIN.format(name="student", needs={"teacher": "teacher.py"}))
    clips = tuple(np.full((1, 2), number, np.float32) for number in range(3))
    student = Setting(model=str(tmp_path / "student.py"), seed=1, params={}, epochs=2)
    teacher = Setting(model=str(tmp_path / "teacher.py"), seed=1, params={"more": 5}, epochs=3)
    given = Given(
        setting=student,
        teacher=teacher,
        n_classes=2,
        device="cpu",
        numerics="fp32",
        train=ClipBatch(clips, np.array([0, 1, 1]), np.zeros(3, np.int64)),
        test=(ClipBatch(clips[:0:-1]), ClipBatch(clips[:1])),
    )
    taught = 1 + 5 + 3 + 3000 + 2
    own = 1 + 3 + 2000 + 2
    expected = own + 10**6 * taught + np.array([2, 1, 0])
    np.testing.assert_array_equal(blind_fit.predictions(given)[:, 0], expected)


def test_agreement_is_within_a_thousandth(tmp_path):
    task = SimpleNamespace(work=tmp_path, fold=3)
    np.save(blind_refit.result(task), np.array([[0.5, 0.5], [0.1, 0.9]]))
    assert blind_refit.same(task, [[0.5, 0.5], [0.1, 0.9]])
    assert blind_refit.same(task, [[0.5, 0.5], [0.1009, 0.8991]])
    assert not blind_refit.same(task, [[0.5, 0.5], [0.102, 0.898]])
    assert not blind_refit.same(task, [[0.1, 0.9], [0.5, 0.5]])


@pytest.mark.parametrize(
    ("came", "words"),
    [
        (np.full((3, 2), 0.5, dtype=object), "cannot be read"),
        (np.full((300, 2), 0.5), "too large"),
        (np.full((3, 3), 0.5), "no probabilities of shape"),
        (np.full((3, 2), np.nan), "no probabilities of shape"),
        (np.full((3, 2), 0.5, dtype=complex), "no probabilities of shape"),
        (None, "No such file"),
    ],
)
def test_what_comes_out_of_the_sandbox_is_not_trusted(tmp_path, came, words):
    if came is not None:
        np.save(tmp_path / blind_fit.CAME, came, allow_pickle=True)
    with pytest.raises(PluginError, match=words):
        blind_refit._read(tmp_path / blind_fit.CAME, (3, 2))
