"""Runs with enrolment: what a model is given of its speakers, and what a record says of it."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import runs
from honest import change, problems

from benchmark.execution import fold_data, jobs, model_choice, plan, stacked_folds, suites
from benchmark.execution.request import Request
from benchmark.models import plugins
from benchmark.records import record_files
from benchmark.verification import blind_refit
from protocols.contract import ENROLMENT
from protocols.errors import PluginError

SMALL = Path(runs.TOY).with_name("small_network.py")


@pytest.fixture
def mine(tmp_path):
    """Writes a model like the toy, or like the small network, that declares what it does with enrolment."""

    def write(use, like=Path(runs.TOY)):
        path = tmp_path / "mine.py"
        text = like.read_text().replace('version="1"', f'version="1", enrolment="{use}"')
        path.write_text(
            text.replace('name="toy"', 'name="mine"').replace('name="small-network"', 'name="mine"')
        )
        return str(path)

    return write


def task_of(reference, tmp_path, *, seed=0):
    [job] = runs.planned(tmp_path / "results", models=[reference]).jobs
    task = replace(jobs.tasks(job)[-1], seed=seed)
    return task, fold_data.load(task, job.protocol)


def data_of(reference, tmp_path, **more):
    return task_of(reference, tmp_path, **more)[1]


def names(data, clips, rows):
    """The rows that the clips of the speaker are, for each clip; the clips' features tell them."""
    known = {clip.tobytes(): row for row, clip in zip(rows, data.hidden(rows).inputs, strict=True)}
    return [[known[clip.tobytes()] for clip in each] for each in clips.enrolment]


@pytest.mark.parametrize("k", ENROLMENT)
def test_a_clip_has_others_of_its_speaker_from_its_own_part(mine, tmp_path, k):
    data = data_of(f"{mine('own')}@{k}", tmp_path)
    train, validation = data.parts.inner[0]
    for rows, clips in (
        (train, data.train(train)),
        (validation, data.validation(validation)),
        (data.parts.test, data.hidden(data.parts.test)),
    ):
        for row, drawn in zip(rows, names(data, clips, rows), strict=True):
            own = rows[data.speakers[rows] == data.speakers[row]]
            assert len(drawn) == min(len(own) - 1, 10**6 if k == "all" else int(k))
            assert set(drawn) <= set(own) - {row}
            assert len(set(drawn)) == len(drawn)


def test_seed_and_clip_alone_decide_what_is_drawn(mine, tmp_path):
    reference = f"{mine('own')}@5"
    data = data_of(reference, tmp_path)
    rows = data.parts.test
    drawn = names(data, data.hidden(rows), rows)
    assert drawn == names(data, data.hidden(rows), rows)
    assert drawn[::-1] == names(data, data.hidden(rows[::-1]), rows)  # however they are ordered
    few = data.hidden(rows[3:5], among=rows)  # and however few are asked about
    assert drawn[3:5] == names(data, few, rows)
    other = data_of(reference, tmp_path, seed=1)
    assert drawn != names(other, other.hidden(rows), rows)
    assert len({tuple(sorted(each)) for each in drawn}) > len(rows) // 2  # each clip's own


def test_in_the_sandbox_a_few_clips_at_a_time_have_the_same(mine, tmp_path):
    task, data = task_of(f"{mine('own')}@5", tmp_path)
    rows, order = data.parts.test, np.random.default_rng(0).permutation(len(data.parts.test))
    winner = SimpleNamespace(params=dict(data.plugin.model.defaults), epochs=None)
    batches = blind_refit._given(replace(task, winner=winner), data, order).test
    assert len(batches) > 1
    drawn, whole = [each for few in batches for each in names(data, few, rows)], data.hidden(rows)
    assert drawn == [names(data, whole, rows)[row] for row in order]


def test_copies_have_draws_of_their_own(mine, tmp_path):
    path = Path(mine("own"))
    text = path.read_text().replace("import Declaration", "import Augmentation, Declaration")
    copies = 'copies=2, augmentation=(Augmentation("gain", -6, 6),)'
    path.write_text(text.replace('functionals=("mean",)', f'functionals=("mean",), {copies}'))
    data = data_of(f"{path}@5", tmp_path)
    rows = data.parts.development
    train = data.train(rows)
    assert train.enrolment is not None
    drawn = names(data, train, rows)
    assert len(train.copies) == 2
    assert all(row not in each for row, each in zip([*rows] * 3, drawn, strict=True))
    assert drawn[: len(rows)] != drawn[len(rows) : 2 * len(rows)]


def test_without_a_number_nothing_is_given_and_nothing_changes(mine, tmp_path):
    data = data_of(mine("normalise"), tmp_path)
    assert data.train(data.parts.development).enrolment is None
    job, enrolled = (
        runs.planned(tmp_path / "results", models=[name], compute=False).jobs[0]
        for name in ("mfcc-logreg", "mfcc-logreg@all")
    )
    assert "enrolment" not in job.key
    assert {**job.key, "model": "mfcc-logreg@all 1", "enrolment": "all"} == enrolled.key
    assert (enrolled.record.parent.name, enrolled.fits == job.fits) == ("mfcc-logreg@all", False)
    assert enrolled.features == job.features  # which are computed once


@pytest.mark.slow
def test_a_record_says_how_many_and_is_the_same_however_it_is_made(tmp_path):
    made = {}
    for size in (1, 2):
        results = tmp_path / str(size)
        planned = runs.planned(results, models=["mfcc-logreg", "mfcc-logreg@5"])
        assert not runs.run(planned, size=size)[0]
        made[size] = runs.evidence(results)
    assert made[1] == made[2]
    plain, enrolled = (record_files.read(job.record) for job in planned.jobs)
    assert (plain.model.enrolment, plain.model.deterministic) == ("", True)
    assert (enrolled.model.name, enrolled.model.enrolment, enrolled.key["enrolment"]) == (
        "mfcc-logreg@5",
        "5",
        "5",
    )
    assert enrolled.model.title == "MFCC statistics, logistic regression, 5 clips of the speaker"
    assert not enrolled.model.deterministic  # the seed draws the clips
    assert enrolled.folds[0].inner_uar != plain.folds[0].inner_uar
    path = planned.jobs[1].record
    assert problems(path) == []
    change(path, "model", "enrolment", "20")
    assert problems(path)[0] == "its name has 5 clips of the speaker, its model 20, its key '5'"
    change(path, "key", "enrolment", "20")
    assert any(
        problem.startswith("its key is not what mfcc-logreg@5 gives here: enro") for problem in problems(path)
    )


def test_the_suite_has_those_that_take_clips_without_any_and_with_each_number():
    found = {
        job.plugin.info.name for job in plan.make(Request(suite="enrolment", data="demo", device="cpu")).jobs
    }
    assert {"mfcc-logreg", *(f"mfcc-logreg@{k}" for k in ENROLMENT), "functionals-lda@20"} <= found
    assert "ds-cnn" not in found
    assert not any("@" in plugin.info.name for plugin in model_choice.choose((), suites.find("all"))[0])


def test_a_model_that_cannot_be_given_clips_says_why(tmp_path):
    with pytest.raises(PluginError, match=r'prior declares Info\.enrolment="none": it is given no clips'):
        plugins.load("prior@5")
    student = tmp_path / "small_student.py"
    text = SMALL.with_name(student.name).read_text()
    student.write_text(text.replace('version="1"', 'version="1", enrolment="normalise"'))
    (tmp_path / SMALL.name).write_bytes(SMALL.read_bytes())
    with pytest.raises(
        PluginError, match="small-student learns from a teacher, which is given no clips of the"
    ):
        plugins.load(f"{student}@5")


def test_networks_with_enrolment_are_trained_one_by_one(mine, tmp_path):
    job = runs.planned(tmp_path / "results", models=[f"{mine('normalise', SMALL)}@5"], trials=1).jobs[0]
    [first, *_] = jobs.tasks(job)
    [left] = stacked_folds.fill([first])
    assert left.why == "clips with enrolment are not the same in all fits"
