"""Fits that are packed, done elsewhere and brought home come to what they come to at home."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import runs

from benchmark.execution import offload, offload_fill, offload_pack, offload_unpack, stacked_fitting
from benchmark.execution.request import Request
from benchmark.records import prediction_table, record_files
from benchmark.storage import files, parts
from protocols.errors import DataError, UnheardError

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("as_in_a_worker")]
NETWORK = str(Path(runs.TOY).with_name("small_network.py"))
WIDTH = 9


def packed(tmp_path, **more):
    request = Request(
        **{"data": "demo", "corpora": ("savee",), "models": (NETWORK,), "trials": 6, "device": "cpu"},
        **{"results": tmp_path / "results", **more},
    )
    return offload_pack.pack(request, tmp_path / "carried", most=1 << 24)


def filled(tmp_path, minutes=5.0):
    return offload_fill.fill(tmp_path / "carried", device="cpu", minutes=minutes, width=WIDTH)


def finished(folder):
    """The record of a run over what is in the results folder."""
    planned = runs.planned(folder, models=(NETWORK,), trials=6)
    failed, _ = runs.run(planned)
    assert not failed
    return record_files.read(planned.jobs[0].record), planned.jobs[0].record


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return finished(tmp_path_factory.mktemp("plain") / "results")


def assert_same(found, plain):
    (record, path), (other, other_path) = found, plain
    assert record.key == other.key
    assert [(fold.params, fold.epochs) for fold in record.folds] == [
        (fold.params, fold.epochs) for fold in other.folds
    ]
    assert [[trial.state for trial in fold.trials] for fold in record.folds] == [
        [trial.state for trial in fold.trials] for fold in other.folds
    ]
    both = [
        prediction_table.read(record_files.predictions_place(each), record.labels)[0]
        for each in (path, other_path)
    ]
    np.testing.assert_allclose(both[0].probabilities, both[1].probabilities, atol=2e-3)


def test_what_was_done_elsewhere_is_replayed_at_home(tmp_path, plain):
    assert packed(tmp_path).jobs == ["savee-loso small-network seed 0"]
    done = filled(tmp_path)
    assert (done.folds, done.of, done.failed) == (2, 2, {})
    assert offload_unpack.unpack(tmp_path / "carried") == done.files == 6
    found = finished(tmp_path / "results")
    assert set(found[0].run.fitted) == {"cpu, stack of 9"}
    assert_same(found, plain)
    with pytest.raises(UnheardError, match="no network of this request has a fold to be done"):
        packed(tmp_path)


def test_killed_in_the_middle_it_goes_on_from_its_last_save(tmp_path, plain, monkeypatch):
    packed(tmp_path)
    monkeypatch.setattr(offload_fill, "SAVES", 0.0)
    train, calls = stacked_fitting._train, []

    def dying(ones, *more):
        calls.append(len(ones))
        if len(calls) == 4:
            raise KeyboardInterrupt
        train(ones, *more)

    monkeypatch.setattr(stacked_fitting, "_train", dying)
    with pytest.raises(KeyboardInterrupt):
        filled(tmp_path)
    assert offload_unpack.unpack(tmp_path / "carried") > 0  # some of it may come home before
    assert filled(tmp_path).folds == 2
    offload_unpack.unpack(tmp_path / "carried")
    assert_same(finished(tmp_path / "results"), plain)


def test_without_time_nothing_is_done_and_nothing_is_lost(tmp_path, plain):
    packed(tmp_path)
    done = filled(tmp_path, minutes=0)
    assert (done.folds, done.files) == (0, 0)
    assert offload_unpack.unpack(tmp_path / "carried") == 0
    assert_same(finished(tmp_path / "results"), plain)


def test_other_code_and_other_versions_are_refused(tmp_path, monkeypatch):
    packed(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(offload, "versions", lambda: {"torch": "0"})
        with pytest.raises(UnheardError, match=r"packed for torch [\d.]+, not 0. Install the same version"):
            filled(tmp_path)
    monkeypatch.setattr(offload, "code", lambda _: "other")
    with pytest.raises(UnheardError, match="the code here is not what it was packed with"):
        filled(tmp_path)


def test_what_is_not_packed_is_said(tmp_path):
    with pytest.raises(UnheardError, match=r"no job of this request fits into 0 MiB\. Give --max-mib more"):
        offload_pack.pack(
            Request(data="demo", corpora=("savee",), models=(NETWORK,), device="cpu", results=tmp_path),
            tmp_path / "carried",
            most=1000,
        )
    assert packed(tmp_path, seeds=2).waiting == ["savee-loso small-network seed 1"]
    with pytest.raises(DataError, match="nothing is packed there"):
        offload_unpack.unpack(tmp_path / "elsewhere")


def test_a_strange_name_leads_nowhere(tmp_path):
    packed(tmp_path)
    filled(tmp_path, minutes=0)
    header = parts.read(tmp_path / "carried", offload.BACK)
    for name in ("work/../../x.fit", "/x.fit", "other/x.fit"):
        parts.write(tmp_path / "carried", offload.BACK, header | {name: files.sealed(b"x")})
        with pytest.raises(DataError):
            offload_unpack.unpack(tmp_path / "carried")
    parts.write(tmp_path / "carried", offload.BACK, header | {"work/fits/x.round": b"damaged"})
    with pytest.raises(DataError, match=r"work/fits/x.round in it is damaged"):
        offload_unpack.unpack(tmp_path / "carried")


def test_what_is_farther_at_home_stays(tmp_path, monkeypatch):
    packed(tmp_path)
    monkeypatch.setattr(offload_fill, "SAVES", 0.0)
    filled(tmp_path)
    offload_unpack.unpack(tmp_path / "carried")
    assert offload_unpack.unpack(tmp_path / "carried") == 0
    before = {path: path.read_bytes() for path in (tmp_path / "results").rglob("*.round")}
    shutil.rmtree(tmp_path / "results" / ".work" / "fits")
    assert offload_unpack.unpack(tmp_path / "carried") == len(before) == 4
    assert {path: path.read_bytes() for path in before} == before
