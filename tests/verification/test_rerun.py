"""Records are refitted and come out bit for bit, in a sandbox or not; what cannot be says why."""

import dataclasses
import hashlib
import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from reading import Elements
from runs import TOY, planned, run

from benchmark.cli.main import main
from benchmark.compute import sandbox
from benchmark.execution import fold_data, jobs
from benchmark.features import feature_store
from benchmark.models import plugins
from benchmark.records import folder as folder_module
from benchmark.records import prediction_table, record_files
from benchmark.verification import blind_refit, certificate
from benchmark.website import build
from protocols import corpora, folds
from protocols.errors import WeightsError

pytestmark = pytest.mark.slow

needs_sandbox = pytest.mark.skipif(bool(sandbox.missing()), reason=sandbox.missing())
PLACE = Path("synthetic") / "savee-loso" / "toy"


@pytest.fixture(scope="module")
def made(tmp_path_factory, cache):  # noqa: ARG001
    """The results of a model in a file, at two seeds, and of an installed one."""
    folder = tmp_path_factory.mktemp("made")
    for models, seeds in (((TOY,), 2), (("mfcc-logreg",), 1)):
        failed, _ = run(planned(folder, models=models, seeds=seeds))
        assert not failed
    return folder


@pytest.fixture
def copy(made, tmp_path):
    return Path(shutil.copytree(made, tmp_path / "results", ignore=shutil.ignore_patterns(".work")))


def verify(*arguments):
    return main(["verify", "--rerun", "--data", "demo", "--jobs", "1", *map(str, arguments)])


@needs_sandbox
def test_all_come_out_bit_for_bit_and_so_in_a_sandbox(copy, tmp_path, capsys):
    assert verify("--blind", "--model", TOY, "--results", copy) == 0
    shown = capsys.readouterr()
    assert "3 records: 3 verified" in shown.out
    assert shown.err.count("the same predictions, bit for bit") == 3
    assert shown.err.count("in a sandbox without labels: within 0.001") == 3
    record = record_files.place(copy, "synthetic", "savee-loso", "toy", 1)
    certified = certificate.read(certificate.place(record))
    assert certified.record == hashlib.sha256(record.read_bytes()).hexdigest()
    assert (certified.verdict, certified.largest, certified.blind) == ("bit for bit", 0, "within 0.001")
    assert certified.uar == certified.recorded_uar == record_files.read(record).scores.uar
    assert certified.environment.processor
    out = build.build(folder_module.read(copy), tmp_path / "site", results=copy).parent
    page = Elements(out / "synthetic/model/toy.html").text
    assert "2 of its 2 records have been verified by fitting again" in page
    assert page.count(" verified record") == 2
    assert "verified" in Elements(out / "index.html").text


def test_a_front_end_that_fails_says_why_and_stops_no_other_record(copy, capsys, monkeypatch):
    broken, real = plugins.load("mfcc-logreg").features, feature_store.ensure

    def ensure(wanted, **more):
        real(wanted, **more)
        homes = [feature_store.folders(*pair)[0] for pair in wanted if pair[0] == broken]
        return dict.fromkeys(homes, WeightsError("weights.pth: refused"))

    monkeypatch.setattr(feature_store, "ensure", ensure)
    assert verify("--model", TOY, "--results", copy) == 1
    shown = capsys.readouterr().err
    assert "its features: weights.pth: refused" in shown
    assert shown.count("the same predictions, bit for bit") == 2


def test_damaged_features_that_are_computed_again_are_named(copy, capsys, monkeypatch):
    real = feature_store.ensure

    def ensure(wanted, *, damaged, **more):
        damaged("features/savee: damaged")
        return real(wanted, damaged=damaged, **more)

    monkeypatch.setattr(feature_store, "ensure", ensure)
    assert verify(record_files.place(copy, "synthetic", "savee-loso", "mfcc-logreg", 0)) == 0
    assert "features/savee: damaged; it is computed again" in capsys.readouterr().err


def test_a_model_that_cannot_run_here_says_why_and_stops_no_other_record(copy, capsys, monkeypatch):
    lack = property(lambda plugin: "it needs the extra" if plugin.info.name == "mfcc-logreg" else "")
    monkeypatch.setattr(plugins.Plugin, "missing", lack)
    assert verify("--model", TOY, "--results", copy) == 2
    shown = capsys.readouterr().err
    assert "cannot be refitted: mfcc-logreg cannot run here: it needs the extra" in shown
    assert shown.count("the same predictions, bit for bit") == 2


def test_a_record_that_has_changed_since_is_not_verified(copy, capsys):
    record = record_files.place(copy, "synthetic", "savee-loso", "mfcc-logreg", 0)
    assert verify(record) == 0
    document = json.loads(record.read_text())
    document["run"]["seconds"] += 1
    record.write_text(json.dumps(document))
    capsys.readouterr()
    assert main(["verify", "--json", str(record)]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["records"].values()
    assert entry["state"] == "recomputed"
    assert entry["notes"] == ["its verification is of a record that has changed since"]


def test_predictions_that_the_model_does_not_make(copy, capsys):
    """Scores that follow from predictions that no model made: only a refit can show it."""
    import gzip

    import msgspec

    from benchmark.records import answers, scoring

    path = record_files.place(copy, "synthetic", "savee-loso", "mfcc-logreg", 0)
    record = record_files.read(path)
    recorded, _ = prediction_table.read(record_files.predictions_place(path), record.labels)
    known = {clip.clip: clip for clip in corpora.load("savee").manifest}
    truth = answers.join(recorded, known, record.labels).truth
    perfect = np.eye(len(record.labels))[truth] * 0.88 + 0.0171
    perfect = (perfect / perfect.sum(axis=1, keepdims=True)).round(4)
    lie = prediction_table.Predictions(recorded.clips, recorded.folds, perfect)
    lying = answers.join(lie, known, record.labels)
    text = prediction_table.encode(lie, record.labels)
    doctored = msgspec.structs.replace(
        record,
        predictions=hashlib.sha256(text).hexdigest(),
        scores=scoring.scores(lying),
        speakers=scoring.speakers(lying),
    )
    record_files.write(path, doctored, lie)
    assert gzip.decompress(record_files.predictions_place(path).read_bytes()) == text
    assert main(["verify", str(path)]) == 0
    capsys.readouterr()
    assert verify(path) == 2
    shown = capsys.readouterr()
    assert "it does not come out again" in shown.err
    assert "refitted, it came out differently: UAR" in shown.out
    assert f"invalid        {path}" in shown.out


def test_what_cannot_be_refitted_says_why(copy, capsys, tmp_path):
    first = record_files.place(copy, "synthetic", "savee-loso", "toy", 0)
    assert verify(first) == 2
    assert "models: there is no 'toy'" in capsys.readouterr().err
    edited = tmp_path / "toy_model.py"
    edited.write_text(Path(TOY).read_text() + "\n# another\n")
    assert verify("--model", edited, first) == 2
    shown = capsys.readouterr().err
    assert f"{first} cannot be refitted: toy or the audio here is not what it was made with" in shown
    assert "model source: " in shown
    document = json.loads(first.read_text())
    document["scores"]["uar"] += 0.1
    first.write_text(json.dumps(document))
    assert verify("--model", TOY, first) == 2
    assert "does not hold as it is, so it is not refitted: scores.uar is" in capsys.readouterr().err


def test_a_fold_that_fails_is_exit_code_1(copy, capsys, monkeypatch):
    monkeypatch.setenv("TOY_TROUBLE", "nan")
    path = record_files.place(copy, "synthetic", "savee-loso", "toy", 0)
    code = verify("--model", TOY, path)
    assert code == 1
    assert "cannot be refitted: " in capsys.readouterr().err


def test_blind_goes_with_rerun_and_rerun_needs_data(copy, capsys, monkeypatch):
    monkeypatch.delenv("UNHEARD_DATA", raising=False)
    assert main(["verify", "--blind", "--results", str(copy)]) == 2
    assert "--blind goes with --rerun" in capsys.readouterr().err
    assert main(["verify", "--rerun", "--results", str(copy)]) == 2
    assert "no corpora are named" in capsys.readouterr().err


def test_without_a_sandbox_it_says_so_and_does_not_claim_blindness(copy, capsys, monkeypatch):
    monkeypatch.setattr(sandbox, "missing", lambda: "bubblewrap is not installed")
    record = record_files.place(copy, "synthetic", "savee-loso", "mfcc-logreg", 0)
    assert verify("--blind", record) == 3
    shown = capsys.readouterr().err
    assert "the same predictions, bit for bit" in shown
    assert "not tried in a sandbox: bubblewrap is not installed" in shown
    assert certificate.read(certificate.place(record)).blind == "not tried"


# Each finds the test clips' labels in the process of an ordinary run, as (row, label).
LOOKS = {
    "the caller's variables": """
        frame = sys._getframe()
        while frame := frame.f_back:
            data, rows = frame.f_locals.get("data"), frame.f_locals.get("rows")
            if rows is not None and hasattr(data, "labels"):
                return enumerate(data.labels[rows])
        return ()
    """,
    "the feature cache": """
        frames = next(line.split()[-1] for line in open("/proc/self/maps") if "frames.npy" in line)
        index = json.loads(Path(frames).with_name("index.json").read_text())
        store = np.load(frames).astype(np.float16).astype(np.float32)  # as models are given it
        names = {store[start].tobytes(): clip for clip, start in zip(index["clips"], index["starts"])}
        corpus = corpora.load("savee")
        truth = {row.clip: corpus.labels.index(row.emotion) for row in corpus.manifest}
        return ((row, truth[names[clip[0].tobytes()]]) for row, clip in enumerate(clips.inputs))
    """,
    "the collector's objects": """
        import gc
        for data in gc.get_objects():
            if type(data).__name__ == "Data" and hasattr(data, "test_order"):
                inputs = [clip.tobytes() for clip in data.hidden(data.parts.test).inputs]
                labels = dict(zip(inputs, data.labels[data.parts.test]))
                return ((row, labels[clip.tobytes()]) for row, clip in enumerate(clips.inputs))
        return ()
    """,
}
CHEAT = """
import json, sys
from pathlib import Path
import numpy as np
from protocols import corpora
from protocols.contract import Declaration, Features, FitInfo, Info

class Cheat(Declaration):
    info = Info(name="cheat", version="1", title="Cheat", summary="Looks.", deterministic=True)

    @staticmethod
    def features(params):
        return Features(front_end="mfcc", functionals=("mean",))

    def __init__(self, n_classes, *, seed, device):
        self.n_classes = n_classes

    def fit(self, train, validation=None, *, epochs=None, report=None, context=None):
        return FitInfo()

    def predict_proba(self, clips):
        p = np.full((len(clips), self.n_classes), 1 / self.n_classes)
        try:
            for row, label in self.known(clips):
                p[row] = np.eye(self.n_classes)[label]
        except Exception:
            pass
        return p

    def known(self, clips):{looks}
"""


@needs_sandbox
@pytest.mark.parametrize("looks", LOOKS)
def test_a_model_that_looks_labels_up_differs_in_a_sandbox(tmp_path, cache, capsys, looks):  # noqa: ARG001
    model, results = tmp_path / "cheat.py", tmp_path / "results"
    model.write_text(CHEAT.format(looks=LOOKS[looks]))
    failed, _ = run(planned(results, models=(str(model),), seeds=1, trials=1))
    assert not failed
    record = record_files.place(results, "synthetic", "savee-loso", "cheat", 0)
    assert record_files.read(record).scores.uar == 1  # it works
    assert verify("--blind", "--model", model, record) == 2
    shown = capsys.readouterr()
    assert "the same with all files at hand, and another in a sandbox" in shown.err
    assert f"invalid        {record}" in shown.out
    assert certificate.read(certificate.place(record)).blind == "differs"


@needs_sandbox
def test_a_model_that_uses_all_test_clips_and_does_not_declare_it_differs(tmp_path, cache, capsys):  # noqa: ARG001
    model, results = tmp_path / "cheat.py", tmp_path / "results"
    ranks = "p = np.eye(self.n_classes)[np.argsort([clip[0, 0] for clip in clips.inputs]) % self.n_classes]"
    text = CHEAT.format(looks=" return ()")
    model.write_text(text.replace("p = np.full((len(clips), self.n_classes), 1 / self.n_classes)", ranks))
    failed, _ = run(planned(results, models=(str(model),), seeds=1, trials=1))
    assert not failed
    record = record_files.place(results, "synthetic", "savee-loso", "cheat", 0)
    assert verify("--blind", "--model", model, record) == 2
    assert certificate.read(certificate.place(record)).blind == "differs"
    capsys.readouterr()


def test_what_the_sandbox_is_given_tells_no_test_clip(made):
    task = next(iter(jobs.tasks(next(job for job in planned(made).jobs if job.seed == 0))))
    data = fold_data.load(task, folds.load(task.protocol))
    facts = record_files.read(record_files.place(made, "synthetic", "savee-loso", "toy", 0)).folds[0]
    order = np.arange(len(data.parts.test))[::-1]
    given = blind_refit._given(dataclasses.replace(task, winner=facts), data, order)
    assert all(batch.labels is batch.speakers is None for batch in given.test)
    assert max(map(len, given.test)) <= blind_refit.BATCH < sum(map(len, given.test))
    assert given.train.labels.tolist() == data.labels[data.parts.development].tolist()
    text = pickle.dumps(given)
    names = [clip.clip.encode() for clip in data.clips]
    assert not [name for name in names if name in text]
    assert str(task.features[0][0][0]).encode() not in text
    ours = [clip for batch in given.test for clip in batch.inputs]
    for one, other in zip(ours, data.hidden(data.parts.test[order]).inputs, strict=True):
        np.testing.assert_array_equal(one, other)
