"""A folder of many models' records is made of one."""

import runs

from benchmark.records import folder, record_files
from benchmark.speed import site
from benchmark.storage import files


def test_one_record_becomes_many_that_can_be_read(tmp_path):
    import made_up

    record = made_up.record()
    place = record_files.place(
        tmp_path / "one", record.board, record.protocol.name, record.model.name, record.seed
    )
    files.write(place, record_files.encode(record))
    files.write(record_files.predictions_place(place), b"")
    site.copy(tmp_path / "one", tmp_path / "many", models=3)
    assert [each.model.name for each in folder.read(tmp_path / "many")] == [
        "model-0000", "model-0001", "model-0002"
    ]  # fmt: skip
    assert not runs.litter(tmp_path / "many")
