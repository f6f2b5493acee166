"""What a request means, and what is wrong with it, before anything is computed."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import runs

from benchmark.corpora import embedded
from benchmark.execution import jobs, model_choice, plan
from benchmark.execution.request import Request
from benchmark.records.schema import Budget
from protocols import corpora
from protocols.errors import DataError, PluginError, RegistryError, UnheardError

SIX = ["savee", "ravdess", "cremad", "tess", "emodb", "emovo"]


@pytest.fixture
def data(tmp_path):
    """A folder with SAVEE alone, that does not say that it is synthetic."""
    shutil.copytree(embedded.ensure() / "savee", tmp_path / "data/savee")
    (tmp_path / "data/savee" / embedded.MARKER).unlink()
    return tmp_path / "data"


def make(**wanted):
    return plan.make(Request(**{"models": ["prior"], "device": "cpu", **wanted}))


def test_the_demo_is_all_corpora_on_a_tiny_budget():
    made = make(models=["prior", "small-cnn"])
    assert made.synthetic
    assert sorted(made.inventories) == sorted(SIX)
    assert all(job.budget == Budget(trials=1, epochs=2, folds=[0, 1]) for job in made.jobs)
    assert {job.seed for job in made.jobs} == {0}
    assert len(made.jobs) == 12
    assert made.results == Path("_runs")
    assert (made.absent, made.partial, made.skipped) == ({}, [], [])
    assert {copy.selection for job in made.jobs for copy in job.corpora} == {"miniature"}


def test_a_full_run_is_rule_4_and_rule_7(data):
    made = make(data=str(data), corpora=["savee"], models=["prior", "small-cnn"], allow_missing=True)
    assert not made.synthetic
    assert made.results == Path("results")
    assert all(job.budget == Budget(trials=20, epochs=None, folds=None) for job in made.jobs)
    assert [(job.plugin.info.name, job.seed) for job in made.jobs] == [
        (name, seed) for name in ("prior", "small-cnn") for seed in (0, 1, 2)
    ]
    assert made.jobs[0].folds == [0, 1, 2, 3]
    assert made.jobs[0].board == "derived"
    assert made.partial == ["savee"]


@pytest.mark.parametrize(
    ("changes", "where"), [({"trials": 5}, "_runs"), ({"seeds": 1}, "_runs"), ({"seeds": 4}, "results")]
)
def test_reduced_budgets_go_elsewhere(data, changes, where):
    made = make(data=str(data), corpora=["savee"], allow_missing=True, **changes)
    assert made.results == Path(where)


def test_named_folds_are_run_alone_and_stand_apart(data):
    made = make(data=str(data), corpora=["savee"], folds=[2, 0, 2], seeds=1, allow_missing=True)
    assert [job.folds for job in made.jobs] == [[0, 2]]
    assert made.results == Path("_runs")
    heavy = make(models=["vit-student-alone"], corpora=["savee"], folds=[1])
    assert [job.folds for job in heavy.jobs] == [[1]]
    for fold in (4, -1):
        with pytest.raises(UnheardError, match=f"--fold {fold}: savee-loso has the folds 0 to 3"):
            make(corpora=["savee", "emodb"], folds=[0, fold])


def test_what_is_asked_for_is_obeyed(tmp_path):
    made = make(models=[runs.TOY], corpora=["emovo", "tess"], seeds=2, trials=7, epochs=3, results=tmp_path)
    assert {(job.budget.trials, job.budget.epochs) for job in made.jobs} == {(7, 3)}
    assert {job.protocol.name for job in made.jobs} == {"tess-2fold", "emovo-loso"}
    assert sorted(job.seed for job in made.jobs) == [0, 0, 1, 1]
    assert made.results == tmp_path


def test_a_model_that_is_named_twice_runs_once():
    assert len(make(models=["prior", "prior"], corpora=["savee"]).jobs) == 1


def test_quick_is_the_cheap_models():
    made = make(suite="quick", models=[], corpora=["savee"])
    names = {job.plugin.info.name for job in made.jobs}
    assert "prior" in names
    assert "small-cnn" not in names
    assert all(job.plugin.info.cheap for job in made.jobs)


@pytest.mark.parametrize(
    ("request_", "error", "message"),
    [
        ({"suite": "qick"}, UnheardError, r"suites: there is no 'qick'\. Did you mean quick\?"),
        ({"models": ["small-cn"]}, RegistryError, r"models: there is no 'small-cn'\. Did you mean small-cnn"),
        ({"corpora": ["emodbb"]}, RegistryError, r"corpora: there is no 'emodbb'\. Did you mean emodb"),
        ({"data": "/nowhere/at/all"}, DataError, r"/nowhere/at/all: there is no such folder"),
    ],
)
def test_what_does_not_exist_is_named(request_, error, message):
    with pytest.raises(error, match=message):
        make(**request_)


def test_two_models_of_one_name(tmp_path):
    second = tmp_path / "again.py"
    second.write_text(Path(runs.TOY).read_text())
    with pytest.raises(PluginError, match=r"two of the models are called 'toy'; rename one"):
        make(models=[runs.TOY, str(second)])


def test_a_missing_corpus(data):
    (data / "savee" / embedded.MARKER).write_text("")  # so that its gaps are none
    with pytest.raises(DataError, match=r"ravdess: there is no folder .*/data/ravdess\. .*--allow-missing"):
        make(data=str(data), corpora=["ravdess", "savee"], allow_missing=False)
    made = make(data=str(data), seeds=1, allow_missing=True)
    assert sorted(made.absent) == sorted(set(SIX) - {"savee"})
    assert [job.protocol.name for job in made.jobs] == ["savee-loso"]


def test_a_folder_without_any_corpus(tmp_path):
    for allow_missing in (False, True):
        with pytest.raises(
            DataError, match=r"holds none of the corpora\. It must have one folder a corpus: savee"
        ):
            make(data=str(tmp_path), allow_missing=allow_missing)


def test_missing_clips_are_counted_and_the_first_is_named(data):
    corpus = corpora.load("savee")
    gone = next(clip for clip in corpus.manifest if (data / "savee" / clip.path).is_file())
    (data / "savee" / gone.path).unlink()
    with pytest.raises(
        DataError, match=r"savee: \d+ of 480 clips are missing, first AudioData/DC/a01\.wav"
    ) as error:
        make(data=str(data), corpora=["savee"])
    assert "--allow-missing" in str(error.value)
    made = make(data=str(data), corpora=["savee"], allow_missing=True)
    assert gone.clip in made.jobs[0].corpora[0].missing


@pytest.mark.slow
def test_a_model_without_its_extra_is_skipped_by_name_and_refused_when_named(monkeypatch):
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "opensmile" else real(name, *rest)
    )
    made = make(models=[], corpora=["savee"])
    skipped = dict(made.skipped)
    assert skipped["egemaps-svm"] == "it needs the extra: pip install 'unheard[egemaps]'"
    assert "wavlm_base.pth" in skipped["wavlm-base-probe"]
    assert "mfcc-logreg" not in skipped
    assert "egemaps-svm" not in {job.plugin.info.name for job in made.jobs}
    with pytest.raises(PluginError, match=r"egemaps-svm cannot run here: it needs the extra: pip install"):
        make(models=["egemaps-svm"], corpora=["savee"])


def test_a_gpu_that_is_not_there(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UnheardError, match="--device cuda: PyTorch sees no GPU here"):
        make(device="cuda", corpora=["savee"])
    assert {job.device for job in make(device="auto", corpora=["savee"]).jobs} == {"cpu"}


def test_the_demo_runs_one_epoch_of_one_fold_of_one_corpus_of_a_costly_model():
    made = make(models=["vit-student", "small-cnn"])
    assert made.heavy == ["vit-teacher", "vit-student"]
    assert [
        (job.plugin.info.name, job.protocol.name, job.folds) for job in made.jobs if job.folds == [0]
    ] == [
        ("vit-teacher", "tess-2fold", [0]),  # few clips, one inner set
        ("vit-student", "tess-2fold", [0]),
    ]
    assert [job.plugin.info.name for job in made.jobs if job.folds == [0, 1]] == ["small-cnn"] * 6
    assert make(models=["small-cnn"]).heavy == []
    assert {job.plugin.info.name: job.budget.epochs for job in made.jobs} == {
        "vit-teacher": 1, "vit-student": 1, "small-cnn": 2
    }  # fmt: skip
    assert make(models=["functionals-lda", "mfcc-logreg"]).heavy == ["functionals-lda"]  # for its features
    assert make(models=["light-sernet", "ds-cnn"]).heavy == ["light-sernet"]  # for an epoch's rows


def test_real_speech_runs_costly_models_whole(data):
    made = make(data=str(data), corpora=["savee"], models=["vit-teacher"], allow_missing=True)
    assert made.heavy == []
    assert made.jobs[0].folds == [0, 1, 2, 3]


def test_a_students_teacher_is_never_swapped_for_a_file_of_the_same_name(tmp_path):
    path = tmp_path / "vt.py"
    path.write_text(
        "import dataclasses\nfrom baselines.prior import Prior\n"
        "class Mine(Prior):\n    info = dataclasses.replace(Prior.info, name='vit-teacher')\n"
    )
    with pytest.raises(PluginError, match="two of the models are called 'vit-teacher'"):
        make(models=[str(path), "vit-student"], corpora=["savee"])


@pytest.mark.slow
def test_a_student_whose_teacher_cannot_run_here_is_skipped_with_it(monkeypatch):
    teacher = model_choice.plugins.load("vit-teacher").model
    monkeypatch.setattr(teacher, "info", replace(teacher.info, extra="no-such-module"))
    monkeypatch.setattr(model_choice.installation, "find", model_choice.plugins.load)  # nothing that is kept
    skipped = dict(make(models=[], corpora=["savee"]).skipped)
    assert (
        skipped["vit-teacher"]
        == skipped["vit-student"]
        == ("it needs the extra: pip install 'unheard[no-such-module]'")
    )
    assert "vit-student-alone" not in skipped


def test_a_class_of_numerics_is_in_the_key_of_a_network_and_the_device_is_not():
    [job] = make(models=["small-cnn"], corpora=["savee"], numerics="bf16").jobs
    assert job.key["numerics"] == jobs.tasks(job)[0].numerics == "bf16"
    assert replace(job, device="cuda").key == job.key
    assert replace(job, numerics="fp32").fits != job.fits


def test_models_with_a_fit_of_their_own_have_fp32_alone():
    made = make(models=[], suite="quick", corpora=["savee"], numerics="tf32")
    assert "prior" in {name for name, why in made.skipped if "a fit of its own, in fp32" in why}
    assert {job.key["numerics"] for job in made.jobs} <= {"tf32"}
    with pytest.raises(PluginError, match=r"prior cannot run here: --numerics bf16 is for networks that the"):
        make(numerics="bf16")
    with pytest.raises(UnheardError, match=r"--numerics fp64: there is no such class"):
        make(numerics="fp64")
