"""`corpora fetch`, `check` and `manifest` on the command line."""

import argparse
import errno
import json
import os
from dataclasses import replace

import pytest
from reading import contents

from benchmark.cli import corpora as verb
from protocols import registry
from protocols.errors import DataError, StoreError, UnheardError

pytestmark = pytest.mark.usefixtures("cache")


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
