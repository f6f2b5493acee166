"""A corpus is fetched from its owner's address, by archive or by file, and checked."""

import argparse
import errno
import hashlib
import io
import json
import os
import random
import shutil
import stat
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np
import pytest
import soundfile
from reading import contents

from benchmark.audio import containers, reader
from benchmark.cli import corpora as verb
from benchmark.corpora import archive as archive_module
from benchmark.corpora import fetch
from protocols import registry
from protocols.corpora import Corpus, ManifestRow, Source, write_manifest
from protocols.errors import DataError, FetchError, StoreError, UnheardError, UnknownName


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("UNHEARD_DATA", raising=False)


def parse(path: PurePosixPath) -> ManifestRow:
    if path.stem not in ("a1", "a2", "a3"):
        raise UnknownName(f"toy: {path}")
    return ManifestRow(path.stem, f"wav/{path.stem}.wav", "a", "female", "joy", path.stem)


@pytest.fixture
def clips():
    """The bytes of three clips, by their official paths."""

    def one(seed):
        file = io.BytesIO()
        soundfile.write(file, np.random.default_rng(seed).uniform(-0.5, 0.5, 800), 16_000, format="WAV")
        return file.getvalue()

    return {f"wav/a{n}.wav": one(n) for n in (1, 2, 3)}


@pytest.fixture
def corpus(site, tmp_path, clips):
    rows = [
        parse(PurePosixPath(path))._replace(sha256=hashlib.sha256(data).hexdigest())
        for path, data in clips.items()
    ]
    write_manifest(rows, tmp_path / "toy.csv")
    return Corpus(
        name="toy", title="Toy", language="", citation="", licence="", homepage="", obtain="Ask the owner.",
        labels=("joy",), speakers={"a": "female"}, parse=parse, manifest_file=tmp_path / "toy.csv",
        sources=(Source(url=f"{site.url}/toy.zip"),),
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "toy"


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


@pytest.fixture
def by_file(site, corpus, clips):
    """The corpus, file by file."""
    site.content |= {f"/master/{path}": data for path, data in clips.items()}
    return replace(corpus, sources=(Source(url=f"{site.url}/master/{{path}}", archive="file"),))


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


def command(*words):
    parser = argparse.ArgumentParser()
    verb.add(parser.add_subparsers())
    args = parser.parse_args(["corpora", *map(str, words)])
    return args.run(args)


@pytest.fixture
def installed(monkeypatch):
    """Makes corpora the installed ones."""

    def install(*made):
        by_name = {corpus.name: corpus for corpus in made}
        monkeypatch.setattr(registry, "names", lambda _: sorted(by_name))
        monkeypatch.setattr(registry, "load", lambda _, name: by_name[name])

    return install


def test_fetch_then_check(installed, by_file, folder, capsys):
    installed(by_file)
    assert command("fetch", "--data", folder.parent) == 0
    capsys.readouterr()
    assert command("check", "--data", folder.parent, "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["complete"]
    assert shown["corpora"][0]["kind"] == "official"
    (folder / "wav" / "a2.wav").unlink()
    (folder / "wav" / "a3.wav").write_bytes(b"")
    assert command("check", "toy", "--data", folder.parent) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "toy: 1 missing: wav/a2.wav" in err
    assert "toy: 1 unreadable: wav/a3.wav" in err
    assert command("check", "--data", folder.parent, "--json") == 2
    (toy,) = json.loads(capsys.readouterr().out)["corpora"]
    assert toy["missing"] == ["wav/a2.wav"]


def test_check_of_a_corpus_that_is_not_there(installed, by_file, folder, capsys):
    installed(by_file)
    assert command("check", "--data", folder.parent) == 2
    assert f"toy: there is no folder {folder}. Ask the owner." in capsys.readouterr().err


def test_fetch_all_fetches_what_it_can_and_names_the_rest(installed, by_file, corpus, folder, capsys):
    installed(by_file, replace(corpus, name="closed", title="Closed", sources=()))
    assert command("fetch", "--data", folder.parent) == 3
    assert "closed: Closed has no public address to download from. Ask the owner." in capsys.readouterr().err
    assert folder.is_dir()
    assert command("fetch", "closed", "--data", folder.parent) == 2


def test_fetch_goes_on_with_the_others_after_a_failure(installed, by_file, corpus, folder, capsys):
    installed(replace(corpus, name="broken"), by_file)
    assert command("fetch", "--data", folder.parent / "new", "--json") == 2
    out, err = capsys.readouterr()
    assert "toy.zip: the server answered 404" in err
    shown = json.loads(out)
    assert [toy["kind"] for toy in shown["corpora"]] == ["official"]
    assert "404" in shown["failed"][0]


def test_manifest_of_official_files(installed, by_file, folder, tmp_path):
    installed(by_file)
    command("fetch", "--data", folder.parent)
    assert command("manifest", "toy", "--data", folder.parent, "--out", tmp_path / "new.csv") == 0
    assert (tmp_path / "new.csv").read_bytes() == (tmp_path / "toy.csv").read_bytes()
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"new\.csv: cannot be written"):
        command("manifest", "toy", "--data", folder.parent, "--out", tmp_path / "file" / "new.csv")
    with pytest.raises(UnheardError, match="not a file's name"):
        command("manifest", "toy", "--data", folder.parent, "--out", os.devnull)


def test_a_manifest_stays_until_the_new_one_is_whole(installed, by_file, folder, tmp_path, monkeypatch):
    installed(by_file)
    command("fetch", "--data", folder.parent)
    before = contents(tmp_path)

    def full(clips, path):  # noqa: ARG001
        path.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("protocols.corpora.write_manifest", full)
    with pytest.raises(StoreError, match="the disk is full"):
        command("manifest", "toy", "--data", folder.parent, "--out", tmp_path / "toy.csv")
    assert contents(tmp_path) == before


def test_folder_must_be_named_and_exist(tmp_path):
    with pytest.raises(UnheardError, match="give --data DIR, or set UNHEARD_DATA"):
        command("check")
    with pytest.raises(DataError, match=r"none: there is no such folder\. Check --data"):
        command("check", "--data", tmp_path / "none")
    with pytest.raises(UnheardError, match="name another folder"):
        command("fetch", "--data", "demo")


def test_jobs_must_be_a_number(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        command("check", "--data", tmp_path, "--jobs", "0")
    assert "'0' is not a whole number of at least 1" in capsys.readouterr().err
