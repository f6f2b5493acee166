"""Records are refitted and come out bit for bit, test clips disguised or not; what cannot be says why."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from reading import Elements
from runs import TOY, planned, run

from benchmark.cli.main import main
from benchmark.corpora import embedded, inventory
from benchmark.execution import jobs
from benchmark.features import feature_store
from benchmark.models import plugins
from benchmark.records import folder as folder_module
from benchmark.records import prediction_table, record_files
from benchmark.verification import anonymisation, certificate
from benchmark.website import build
from protocols import corpora, folds
from protocols.corpora import ManifestRow
from protocols.errors import WeightsError

pytestmark = pytest.mark.slow

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


def test_all_come_out_bit_for_bit_disguised_or_not(copy, tmp_path, capsys):
    assert verify("--blind", "--model", TOY, "--results", copy) == 0
    shown = capsys.readouterr()
    assert "3 records: 3 verified" in shown.out
    assert shown.err.count("the same predictions, bit for bit") == 3
    assert shown.err.count("with disguised test clips: identical") == 3
    record = record_files.place(copy, "synthetic", "savee-loso", "toy", 1)
    certified = certificate.read(certificate.place(record))
    assert certified.record == hashlib.sha256(record.read_bytes()).hexdigest()
    assert (certified.verdict, certified.largest, certified.blind) == ("bit for bit", 0, "identical")
    assert certified.uar == certified.recorded_uar == record_files.read(record).scores.uar
    assert certified.environment.processor
    out = build.build(folder_module.read(copy), tmp_path / "site", results=copy).parent
    page = Elements(out / "synthetic/model/toy.html").text
    assert page.count(" verified ") == 2
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
    assert f"recomputed     {path}" in shown.out


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


def test_the_disguise_hides_test_clips_and_nothing_else(made, tmp_path):
    job = next(job for job in planned(made).jobs if job.seed == 0)
    copy = inventory.take(corpora.load("savee"), embedded.ensure() / "savee")
    assert job.corpora[0].digest == copy.digest
    task = jobs.tasks(job)[0]
    protocol = folds.load("savee-loso")
    one = anonymisation.make(task, protocol, tmp_path)
    assert one.hidden().names == {}
    tested = set(protocol.folds[0].test.speakers)
    before = corpora.load("savee").manifest
    after = [
        ManifestRow._make([*line.split(","), "savee"]) for line in one.manifest.read_text().splitlines()[1:]
    ]
    for old, new in zip(before, after, strict=True):
        assert old.speaker == new.speaker
        if old.speaker in tested:
            assert one.names[new.clip] == old.clip
            assert not {old.clip, old.path, old.sentence} & set(new)
        else:
            assert old == new
    same = [o.emotion == n.emotion for o, n in zip(before, after, strict=True) if o.speaker in tested]
    assert 0 < sum(same) < len(same) / 2  # random labels: one in seven is right by chance
    plain, disguised = (feature_store.load(homes[0]) for [homes] in (task.features, one.task.features))
    assert plain.spans != disguised.spans
    assert list(plain.spans.values()) == list(disguised.spans.values())
    names = {clip.clip for clip in before if clip.speaker in tested}
    assert not names & set(disguised.spans)
    split, hidden = (
        folds.split(a_protocol, a_protocol.folds[0], rows)
        for a_protocol, rows in ((protocol, before), (one.protocol, after))
    )
    assert np.array_equal(split.test, hidden.test)
    assert np.array_equal(split.development, hidden.development)
