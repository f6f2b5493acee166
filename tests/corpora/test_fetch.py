"""A corpus is fetched from its owner's address, by archive or by file, and checked."""

import errno
import io
import os
import random
import shutil
import stat
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import PurePosixPath

import pytest
import soundfile
from reading import contents

from benchmark.audio import containers, reader
from benchmark.corpora import archive as archive_module
from benchmark.corpora import fetch
from protocols.corpora import Source
from protocols.errors import FetchError, StoreError

pytestmark = pytest.mark.usefixtures("cache")


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def test_archive_is_unpacked_into_the_official_layout(site, corpus, folder, clips):
    deep = {f"Toy 1.0/audio/{PurePosixPath(path).name}": data for path, data in clips.items()}
    site.content["/toy.zip"] = zipped(
        {**deep, "Toy 1.0/README.txt": b"read me", "__MACOSX/._a1.wav": b"x", "Toy 1.0/zz.wav": b"not ours"}
    )
    took = fetch.fetch(corpus, folder)
    assert (took.kind, took.complete, took.unexpected) == ("official", True, ())
    found = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert found == ["Toy 1.0/README.txt", *clips]
    assert [path.name for path in folder.parent.iterdir()] == ["toy"]


def test_complete_copy_is_left_alone(site, corpus, folder, clips):
    site.content["/toy.zip"] = zipped(clips)
    fetch.fetch(corpus, folder)
    site.asked.clear()
    assert fetch.fetch(corpus, folder).complete
    assert not site.asked


def test_unpacking_that_was_stopped_does_not_download_again(site, corpus, folder, clips):
    (folder.parent / "toy.fetched.zip").write_bytes(zipped(clips))
    (folder.parent / ".part-toy-abc" / "toy").mkdir(parents=True)
    assert fetch.fetch(corpus, folder).kind == "official"
    assert not site.asked
    assert [path.name for path in folder.parent.iterdir()] == ["toy"]


def link(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return file.getvalue()


def encrypted(members: dict[str, bytes]) -> bytes:
    """The members' flags say so."""
    data = bytearray(zipped(members))
    for magic, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(magic) + flags] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (encrypted({"readme.txt": b"x"}), "which is encrypted"),
        (zipped({"readme": b"x", "readme/a.txt": b"x"}), "is not a zip archive that can be read"),
        (zipped({"x" * 300: b"x"}), "is not a zip archive that can be read"),
        (zipped({"../evil.txt": b"x"}), "a path that leaves it"),
        (zipped({"wav/../../evil.txt": b"x"}), "a path that leaves it"),
        (zipped({"/etc/evil.txt": b"x"}), "a path that leaves it"),
        (zipped({"wav\\..\\evil.txt": b"x"}), "a path that leaves it"),
        (zipped({"C:/evil.txt": b"x"}), "a path that leaves it"),
        (link("wav"), "a symbolic link"),
        (zipped({"wav/a1.wav": b"other bytes"}), r"wav/a1\.wav in the archive is not the official file"),
        (
            zipped({"readme.txt": b"x"}),
            r"3 of 3 clips are not in the archive, first wav/a1\.wav.*Ask the owner",
        ),
        (b"<html>Please log in</html>", "a web page came in place of the file"),
        (b'{"status": "ERROR"}', "is not a zip archive"),
    ],
)
def test_archive_that_is_not_as_it_should_be_leaves_nothing(site, corpus, folder, data, why):
    site.content["/toy.zip"] = data
    with pytest.raises(FetchError, match=why):
        fetch.fetch(corpus, folder)
    assert not list(folder.parent.iterdir())
    assert not list(folder.parent.parent.rglob("evil*"))


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_a_damaged_archive_is_not_met_again(corpus, folder, clips, method):
    """Whatever the damage: what zipfile raises for it, OSErrors among it, is in no list."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, data in clips.items():
            made.writestr(name, data)
    whole, archive = file.getvalue(), folder.parent / "toy.fetched.zip"
    rng, refused = random.Random(method), 0
    for _ in range(40):
        data = bytearray(whole)
        for _ in range(rng.choice([1, 8])):
            data[rng.choice([rng.randrange(len(data)), len(data) - rng.randrange(1, 250)])] = rng.randrange(
                256
            )
        archive.write_bytes(data)
        try:
            fetch.fetch(corpus, folder)
            shutil.rmtree(folder)
        except FetchError:
            refused += 1
            assert not folder.exists()
        assert not archive.exists()
    assert refused > 20


def test_a_full_disk_keeps_the_archive(corpus, folder, clips, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    archive = folder.parent / "toy.fetched.zip"
    archive.write_bytes(zipped(clips))
    monkeypatch.setattr(archive_module.shutil, "copyfileobj", full)
    with pytest.raises(StoreError, match="the disk is full"):
        fetch.fetch(corpus, folder)
    assert archive.exists()


@pytest.mark.parametrize("number", [errno.EIO, errno.EFBIG, errno.EACCES])
def test_no_download_is_lost_to_a_disk_that_does_not_take_it(corpus, folder, clips, monkeypatch, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    archive = folder.parent / "toy.fetched.zip"
    archive.write_bytes(zipped(clips))
    with monkeypatch.context() as patch:
        patch.setattr(archive_module.shutil, "copyfileobj", refuse)
        with pytest.raises(StoreError, match=r"cannot be written: .* name another folder with --data\.$"):
            fetch.fetch(corpus, folder)
    assert fetch.fetch(corpus, folder).kind == "official"


def test_a_link_to_an_empty_folder_is_filled_and_stays(site, corpus, folder, clips, tmp_path):
    site.content["/toy.zip"] = zipped(clips)
    (tmp_path / "disk").mkdir()
    folder.symlink_to(tmp_path / "disk")
    assert fetch.fetch(corpus, folder).kind == "official"
    assert folder.is_symlink()
    assert [path.name for path in folder.parent.iterdir()] == ["toy"]


def test_of_two_at_once_the_later_finds_what_the_first_has_got(site, corpus, folder, clips):
    """Two that write one part would mix their bytes."""
    site.content["/toy.zip"] = zipped(clips)
    with ThreadPoolExecutor(2) as pool:
        took = list(pool.map(lambda _: fetch.fetch(corpus, folder), range(2)))
    assert [each.kind for each in took] == ["official", "official"]
    assert len(site.asked) == 1


def test_archive_that_unpacks_to_too_much_is_refused(corpus, folder, clips, monkeypatch):
    monkeypatch.setattr(archive_module, "LARGEST", 1000)
    archive = folder.parent / "bomb.zip"
    archive.write_bytes(zipped(clips))
    with pytest.raises(FetchError, match=r"Toy unpacks to more than"):
        archive_module.unpack(archive, corpus, into=folder)
    assert not folder.exists()


def test_wrong_checksum_of_an_archive_is_named(site, corpus, folder, clips):
    site.content["/toy.zip"] = zipped(clips)
    wrong = replace(corpus, sources=(Source(url=f"{site.url}/toy.zip", md5="bc69"),))
    with pytest.raises(FetchError, match=r"md5 .* instead of bc69"):
        fetch.fetch(wrong, folder)
    assert not list(folder.parent.iterdir())


def test_archive_is_not_mixed_with_an_incomplete_copy(site, corpus, folder, clips):
    site.content["/toy.zip"] = zipped(clips)
    (folder / "wav").mkdir(parents=True)
    (folder / "wav" / "a1.wav").write_bytes(clips["wav/a1.wav"])
    with pytest.raises(FetchError, match=r"data/toy is there but not complete"):
        fetch.fetch(corpus, folder)
    assert not site.asked


def test_corpus_without_an_address_says_how_to_get_it(corpus, folder):
    with pytest.raises(
        FetchError, match=r"toy: Toy has no public address to download from\. Ask the owner\."
    ):
        fetch.fetch(replace(corpus, sources=()), folder)


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_is_in_the_folders_place_is_named_before_the_download(site, corpus, folder, kind):
    folder.touch() if kind == "file" else folder.symlink_to("nowhere")
    with pytest.raises(FetchError, match=rf"toy: .*toy is a {kind}"):
        fetch.fetch(corpus, folder)
    assert not site.asked


def test_synthetic_copy_is_not_fetched_over(corpus, folder, clips):
    (folder / "wav").mkdir(parents=True)
    (folder / "wav" / "a1.wav").write_bytes(clips["wav/a1.wav"])
    (folder / "SYNTHETIC.txt").touch()
    with pytest.raises(FetchError, match="is synthetic"):
        fetch.fetch(corpus, folder)


def test_files_are_fetched_one_by_one_and_only_those_that_lack(site, by_file, folder, clips):
    (folder / "wav").mkdir(parents=True)
    (folder / "wav" / "a1.wav").write_bytes(clips["wav/a1.wav"])
    (folder / "wav" / "a2.wav").write_bytes(containers.POINTER + b"\noid sha256:00\n")
    seen = []
    took = fetch.fetch(by_file, folder, progress=lambda *counts: seen.append(counts))
    assert took.kind == "official"
    assert sorted(path for path, _ in site.asked) == ["/master/wav/a2.wav", "/master/wav/a3.wav"]
    assert seen == [(1, 2), (2, 2)]


def test_somebodys_own_copies_are_not_replaced(site, by_file, folder, clips):
    (folder / "wav").mkdir(parents=True)
    for name in ("a1", "a2"):
        sound, rate = soundfile.read(io.BytesIO(clips[f"wav/{name}.wav"]))
        soundfile.write(folder / "wav" / f"{name}.wav", sound / 2, rate)
    before = contents(folder)
    took = fetch.fetch(by_file, folder)
    assert (took.kind, took.complete) == ("derived", True)
    assert [path for path, _ in site.asked] == ["/master/wav/a3.wav"]
    assert before.items() <= contents(folder).items()


def test_a_file_that_is_larger_than_any_clip_is_stopped(by_file, folder, monkeypatch):
    monkeypatch.setattr(reader, "LARGEST", 1000)
    with pytest.raises(FetchError, match="sends more than 1000 bytes"):
        fetch.fetch(by_file, folder)
    assert not list(folder.rglob("*.part"))


def test_file_that_is_not_the_official_one_is_named(site, by_file, folder):
    site.content["/master/wav/a2.wav"] = b"a page, not audio"
    with pytest.raises(FetchError, match=r"/wav/a2\.wav: what came is not what was published: sha256"):
        fetch.fetch(by_file, folder)
    assert not (folder / "wav" / "a2.wav").exists()
    assert not list(folder.rglob("a2.wav.part"))


# The command
