import errno
import multiprocessing
import os
import resource

import pytest
from filelock import Timeout

from benchmark.storage import files
from protocols.errors import StoreError


def test_write_makes_folders_and_overwrites(tmp_path):
    path = tmp_path / "a" / "b.txt"
    files.write(path, "Größe")
    assert path.read_bytes() == "Größe".encode()
    files.write(path, b"\x00")
    assert path.read_bytes() == b"\x00"
    assert list(path.parent.iterdir()) == [path]


def test_a_file_may_be_read_by_all(tmp_path):
    files.write(tmp_path / "a", "x")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644


def test_the_file_appears_only_at_the_end(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with files.atomic(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_text() == "old"
        assert len(list(tmp_path.glob(f"{files.PART}*"))) == 1
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_killed_processs_half_is_swept_and_a_neighbours_is_not(tmp_path):
    halves = []
    for name in ("seed-1.json", "seed-10.json"):
        with files.atomic(tmp_path / name):
            halves += tmp_path.glob(f"{files.PART}*")
        (tmp_path / name).unlink()
    for half in halves:
        half.touch()
    files.sweep(tmp_path / "seed-1.json")
    assert list(tmp_path.iterdir()) == halves[1:]


def write_half(path, error):
    with files.atomic(path) as file:
        file.write(b"half of the ne")
        raise error


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()])
def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(type(error)):
        write_half(path, error)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("number", "cure"),
    [
        (errno.ENOSPC, "the disk is full; free some space"),
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EROFS, "the file system is read-only; name another folder with --results"),
        (errno.EACCES, "permission denied; name another folder"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_a_disk_that_does_not_take_it(tmp_path, monkeypatch, number, cure):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fsync(_descriptor):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(StoreError) as refused:
        files.write(path, "new")
    assert str(refused.value).startswith(f"{path}: cannot be written: {cure}")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_where_a_folder_should_be(tmp_path):
    (tmp_path / "a").write_text("a file")
    with pytest.raises(StoreError, match="a/b: cannot be written"):
        files.write(tmp_path / "a" / "b", "x")
    with pytest.raises(StoreError, match="a/b: cannot be written"), files.lock(tmp_path / "a" / "b"):
        pass


def hold(path, held, end):
    with files.lock(path):
        held.set()
        end.wait(30)


def test_a_lock_excludes_a_second_process_and_ends_with_it(tmp_path):
    path = tmp_path / "job" / "lock"
    spawn = multiprocessing.get_context("spawn")
    held, end = spawn.Event(), spawn.Event()
    other = spawn.Process(target=hold, args=(path, held, end))
    other.start()
    try:
        assert held.wait(30)
        with pytest.raises(Timeout), files.lock(path, timeout=0):
            pass
    finally:
        other.kill()  # it never gets to release the lock
        other.join()
    with files.lock(path, timeout=5):
        assert path.exists()


def test_a_lock_may_be_taken_again(tmp_path):
    for _ in range(2):
        with files.lock(tmp_path / "lock", timeout=0):
            pass


def test_a_folder_is_made_ready_and_left_empty(tmp_path):
    files.ready(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    assert not list((tmp_path / "a" / "b").iterdir())


def test_a_folder_without_room_is_not_ready(tmp_path):
    """An empty file still fits on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, limits[1]))
    try:
        with pytest.raises(StoreError, match="cannot be written: File too large"):
            files.ready(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_ready(tmp_path, monkeypatch):
    def fsync(_descriptor):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(StoreError, match="read-only; name another folder with --results"):
        files.ready(tmp_path)


def test_a_folder_appears_only_at_the_end(tmp_path):
    path = tmp_path / "corpus"
    with files.folder(path) as made:
        (made / "a.wav").write_text("x")
        assert not path.exists()
    assert [file.name for file in path.iterdir()] == ["a.wav"]
    assert list(tmp_path.iterdir()) == [path]


def test_an_empty_folder_may_be_there_and_no_other(tmp_path):
    path = tmp_path / "corpus"
    path.mkdir()
    with files.folder(path) as made:
        (made / "a.wav").touch()
    with pytest.raises(OSError, match="not empty"), files.folder(path):
        pass
    assert [file.name for file in path.iterdir()] == ["a.wav"]
    assert list(tmp_path.iterdir()) == [path]


def half_a_folder(path, error):
    with files.folder(path) as made:
        (made / "a.wav").touch()
        raise error


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()])
def test_an_error_leaves_no_folder(tmp_path, error):
    with pytest.raises(type(error)):
        half_a_folder(tmp_path / "corpus", error)
    assert list(tmp_path.iterdir()) == []


def test_a_killed_processs_folder_is_swept_and_a_neighbours_is_not(tmp_path):
    others = [".part-tess2-abc", ".part-tess-2-abc", ".part-t[e]ss-abc"]
    for name in (".part-tess-abc", *others):
        (tmp_path / name / "tess").mkdir(parents=True)
    files.sweep(tmp_path / "tess")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(others)
    files.sweep(tmp_path / "t[e]ss")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(others[:2])


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({}, "x: cannot be written: the disk is full; free some space and run the same command again: it"),
        ({"what": "the site"}, "x: the site cannot be written: the disk is full; free"),
        ({"instead": "Check --out"}, "x: cannot be written: the disk is full. Check --out."),
    ],
)
def test_what_cannot_be_written_is_named_with_its_cure(tmp_path, more, message):
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert str(files.unwritable(tmp_path / "x", error, **more)).startswith(f"{tmp_path}/{message}")


def test_what_is_sealed_is_found_whole_or_not_at_all():
    kept = files.sealed(b"a\nb")
    assert files.unsealed(kept) == b"a\nb"
    for place in range(len(kept)):
        assert files.unsealed(kept[:place]) == b""
        assert files.unsealed(kept[:place] + bytes([kept[place] ^ 1]) + kept[place + 1 :]) == b""
