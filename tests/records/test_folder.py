"""A results folder is read whole, or it is said why not."""

import os
from functools import partial

import made_up
import numpy as np
import pytest

from benchmark.records import folder, prediction_table, record_files
from protocols.errors import RecordError

TABLE = prediction_table.Predictions(["a", "b"], np.array([0, 1]), np.array([[0.5, 0.25, 0.25]] * 2))


@pytest.fixture
def record(tmp_path):
    """The path of a record in a results folder, which is `tmp_path`."""
    made = made_up.record()
    path = record_files.place(tmp_path, made.board, made.protocol.name, made.model.name, made.seed)
    record_files.write(path, made, TABLE)
    return path


@pytest.mark.parametrize("read", [folder.read, folder.paths])
def test_a_folder_that_cannot_be_read_is_named_and_never_passed_over(tmp_path, record, monkeypatch, read):
    assert len(read(tmp_path)) == 1
    scan = os.scandir

    def refusing(path="."):
        if os.fspath(path) == str(record.parents[1]):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(RecordError, match=rf"{record.parents[1].name}: cannot be read: Permission denied"):
        read(tmp_path)


def test_a_pipe_is_not_waited_for(tmp_path, record):
    read = partial(folder.read, tmp_path)
    [made] = read()
    predictions = record_files.predictions_place(record)
    predictions.unlink()
    os.mkfifo(predictions)
    assert folder.predictions(tmp_path)(made) is None
    record.unlink()
    os.mkfifo(record)
    with pytest.raises(RecordError, match=r"seed-0\.json: cannot be read: it is no plain file"):
        read()


def test_the_copies_in_a_site_are_none_of_the_records(tmp_path, record):
    copy = tmp_path / "site" / record_files.IN_A_SITE / record.relative_to(tmp_path)
    copy.parent.mkdir(parents=True)
    copy.write_bytes(record.read_bytes())
    assert sorted(folder.paths(tmp_path)) == sorted([copy, record])
    (tmp_path / "site" / record_files.SITE).touch()
    assert folder.paths(tmp_path) == [record]
    assert folder.paths(tmp_path / "site") == [copy]


def test_a_link_to_a_results_folder_is_that_folder(tmp_path, record):
    link = tmp_path.with_name(f"{tmp_path.name}-link")
    link.symlink_to(tmp_path)
    assert folder.paths(link) == [link / record.relative_to(tmp_path)]
