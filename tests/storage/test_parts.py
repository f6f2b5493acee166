"""Many files in few of a limited size."""

import pytest

from benchmark.storage import files, parts
from protocols.errors import DataError, StoreError

ENTRIES = {"a/b": bytes(range(256)) * 40, "c": b"", "d/e/f": b"more"}


def written(folder, entries=ENTRIES, largest=100):
    return parts.write(folder, "out", entries, largest=largest)


def test_what_was_written_comes_back_and_no_part_is_larger_than_allowed(tmp_path):
    made = written(tmp_path)
    assert len(made) > 3
    assert max(path.stat().st_size for path in made) <= 100
    assert parts.read(tmp_path, "out") == ENTRIES
    assert parts.read(tmp_path, "back") == {}


def test_a_newer_one_takes_its_place(tmp_path):
    written(tmp_path)
    made = written(tmp_path, {"c": b"new"}, largest=10**6)
    assert parts.read(tmp_path, "out") == {"c": b"new"}
    assert list(tmp_path.iterdir()) == made


def test_killed_at_any_part_the_one_before_stays(tmp_path, monkeypatch):
    written(tmp_path)
    write, left = files.write, 2

    def full(path, data):
        nonlocal left
        left -= 1
        if left < 0:
            raise StoreError("the disk is full")
        write(path, data)

    monkeypatch.setattr(files, "write", full)
    with pytest.raises(StoreError):
        written(tmp_path, {"c": bytes(range(256))})
    assert parts.read(tmp_path, "out") == ENTRIES


def test_a_part_that_is_missing_or_damaged_is_named(tmp_path):
    second = written(tmp_path)[1]
    kept = second.read_bytes()
    second.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    with pytest.raises(DataError, match=r"part 2 of \d+ of out is damaged. Copy it again"):
        parts.read(tmp_path, "out")
    second.unlink()
    with pytest.raises(DataError, match=r"part 2 of \d+ of out is missing. Copy it again"):
        parts.read(tmp_path, "out")
