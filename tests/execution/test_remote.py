"""Folds on a cluster: the same records, and no node that is another one."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import runs

from benchmark.compute import executor
from benchmark.compute.node import CODE
from benchmark.execution import jobs, remote, scheduler, shared_features
from benchmark.features.chunks import FRAMES, INDEX
from benchmark.storage import files, places
from protocols.errors import DataError, StoreError, UnheardError


@pytest.fixture
def job(tmp_path):
    return runs.planned(tmp_path / "results").jobs[0]


@pytest.fixture
def shared(job, tmp_path, monkeypatch):
    """A share with the job's features, before a node with an empty cache."""
    folder = tmp_path / "share"
    shared_features.offer({each for home in job.homes for each in home}, folder)
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path / "node"))
    return folder


@pytest.mark.slow
def test_a_cluster_makes_the_same_records(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    here = runs.planned(tmp_path / "here", models=(runs.TOY,))
    assert runs.run(here)[0] == []
    there = runs.planned(tmp_path / "there", models=(runs.TOY,))
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path / "node"))
    came = []
    failed = scheduler.run(there.jobs, size=9, listen=lambda _: None, cluster="local:1", nodes=came.append)
    assert failed == []
    assert [(node.state, node.detail) for node in came] == [("joined", "1")]
    assert runs.evidence(there.results) == runs.evidence(here.results)
    assert sorted(path.name for path in places.features().glob("*/*")) == [FRAMES, INDEX]
    assert not list(there.results.glob(".work/run-*"))


def test_a_node_copies_features_once(job, shared, monkeypatch):
    [task, _] = jobs.tasks(job)
    shared_features.take(task, shared)
    [folder] = task.homes[0]
    for name in (FRAMES, INDEX):
        assert (folder / name).read_bytes() == (job.homes[0][0] / name).read_bytes()
    monkeypatch.setattr(shared_features, "_copy", lambda *_: pytest.fail("again"))
    shared_features.take(task, shared)


@pytest.mark.parametrize("name", [FRAMES, INDEX])
def test_damaged_features_are_not_taken(job, shared, name):
    [task, _] = jobs.tasks(job)
    path = shared / task.homes[0][0].name / name
    whole = path.read_bytes()
    path.write_bytes(whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:])
    with pytest.raises(DataError, match=rf"share/{path.parent.name}: (damaged|cannot be read)"):
        shared_features.take(task, shared)
    assert not (task.homes[0][0] / INDEX).exists()


def wanted(job, **other):
    files.write(job.results / "token", "")
    about = remote.badge([job], job.results / "token").about
    assert isinstance(about, remote.Wanted)
    return about._replace(**other)


def test_the_facts_about_a_node_name_code_packages_model_and_protocol(job):
    badge = remote.badge([job], job.results / "token")
    found = remote.facts(wanted(job))
    assert tuple(found.items()) == badge.facts
    assert {CODE, "Python", "torch", "numpy", f"the model {runs.TOY}", "the protocol savee-loso"} <= set(
        found
    )
    assert found[f"the model {runs.TOY}"] == job.plugin.source


def test_a_students_teacher_is_among_them(job):
    student: Any = replace(job, teacher=replace(job, plugin=replace(job.plugin, reference="prior")))
    assert "the model prior" in dict(remote.badge([student], job.results / "token").facts)


def test_a_node_without_what_the_run_needs(job, tmp_path, monkeypatch):
    with pytest.raises(StoreError, match=r"nowhere: is not here\. All machines must have the"):
        remote.facts(wanted(job, results=tmp_path / "nowhere"))
    with pytest.raises(UnheardError, match="PyTorch sees no"):
        remote.facts(wanted(job, devices=("mps",)))
    with pytest.raises(UnheardError, match="models: there is no 'gone'"):
        remote.facts(wanted(job, models=("gone",)))
    monkeypatch.setattr(files, "LATE", 0.1)
    with pytest.raises(StoreError, match="other: it is written, and not seen here"):
        remote.facts(wanted(job, token=tmp_path / "other"))


def test_a_fold_on_which_several_nodes_died_has_no_trace():
    error = pytest.importorskip("distributed").KilledWorker("fold", SimpleNamespace(address="tcp://b:1"), 3)
    assert executor.error_text(error).startswith(
        "Attempted to run task 'fold' on 4 different workers, but all"
    )
