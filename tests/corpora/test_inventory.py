import csv
import hashlib
import os
import shutil
from pathlib import PurePosixPath

import numpy as np
import pytest
import soundfile

from benchmark.audio import containers
from benchmark.corpora import completeness, embedded, file_index, inventory, layout, manifest
from protocols.corpora import Corpus, ManifestRow, load, write_manifest
from protocols.errors import DataError, UnknownName

CLIPS = [("a1", "joy"), ("a2", "rage"), ("b1", "joy")]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path / "cache"))


def parse(path: PurePosixPath) -> ManifestRow:
    label = dict([*CLIPS, ("b2", "rage")]).get(path.stem)
    if label is None:
        raise UnknownName(f"toy: {path} is not a name such as wav/a1.wav")
    return ManifestRow(path.stem, f"wav/{path.stem}.wav", path.stem[0], "female", label, path.stem[1])


def write(path, seed, *, seconds=0.1):
    path.parent.mkdir(parents=True, exist_ok=True)
    sound = np.random.default_rng(seed).uniform(-0.5, 0.5, int(seconds * 16_000))
    soundfile.write(path, sound, 16_000)


def toy(folder, *, known=True):
    """A corpus of three clips, and its official copy in `folder`."""
    clips = []
    for seed, (name, _) in enumerate(CLIPS):
        path = folder / "wav" / f"{name}.wav"
        write(path, seed)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest() if known else ""
        clips.append(parse(PurePosixPath(f"wav/{name}.wav"))._replace(sha256=sha256))
    path = folder.parent / "toy.csv"
    write_manifest(clips, path)
    return Corpus(
        name="toy", title="Toy", language="", citation="", licence="", homepage="", obtain="Ask.",
        labels=("joy", "rage"), speakers={"a": "female", "b": "female"}, parse=parse, manifest_file=path,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data" / "toy"


@pytest.fixture
def corpus(folder):
    return toy(folder)


def test_official_copy(corpus, folder):
    took = inventory.take(corpus, folder)
    assert (took.kind, took.official, took.expected, took.complete) == ("official", 3, 3, True)
    assert list(took.files) == ["a1", "a2", "b1"]
    assert took.seconds == {"a1": 0.1, "a2": 0.1, "b1": 0.1}
    lines = "".join(f"{clip.clip} {clip.sha256}\n" for clip in corpus.manifest)
    assert took.digest == hashlib.sha256(lines.encode()).hexdigest()
    completeness.require(took, allow_missing=False)


def test_one_other_file_makes_the_copy_derived(corpus, folder):
    (folder / "wav" / "a1.wav").unlink()
    write(folder / "wav" / "a1.flac", 0)
    took = inventory.take(corpus, folder)
    assert (took.kind, took.official, took.complete) == ("derived", 2, True)
    assert took.files["a1"].suffix == ".flac"


def test_missing_clip_is_named_and_can_be_allowed(corpus, folder):
    (folder / "wav" / "a2.wav").unlink()
    took = inventory.take(corpus, folder)
    assert [clip.clip for clip in took.missing] == ["a2"]
    assert not took.complete
    message = r"toy: 1 of 3 clips are missing, first wav/a2\.wav\. Check --data, or give --allow-missing\."
    with pytest.raises(DataError, match=message):
        completeness.require(took, allow_missing=False)
    completeness.require(took, allow_missing=True)


def test_name_that_no_parser_knows_is_refused(corpus, folder):
    write(folder / "wav" / "zz.wav", 9)
    took = inventory.take(corpus, folder)
    assert took.unknown == (folder / "wav" / "zz.wav",)
    with pytest.raises(DataError, match=r"toy: wav/zz\.wav: no clip of the corpus has such a name"):
        completeness.require(took, allow_missing=True)


def test_clip_beyond_the_manifest_and_second_file_are_extra(corpus, folder):
    write(folder / "wav" / "b2.wav", 9)
    write(folder / "wav" / "a1.flac", 0)
    took = inventory.take(corpus, folder)
    assert took.unexpected == (folder / "wav" / "a1.flac", folder / "wav" / "b2.wav")
    assert took.files["a1"].suffix == ".wav"
    completeness.require(took, allow_missing=False)


def test_official_place_wins_and_the_other_folder_is_left_alone(corpus, folder):
    write(folder / "AudioMP3" / "a1.mp3", 9)
    took = inventory.take(corpus, folder)
    assert (took.unexpected, took.kind) == ((), "official")


def test_what_is_hidden_or_not_audio_is_ignored(corpus, folder):
    write(folder / "wav" / "._a1.wav", 9)
    write(folder / ".git" / "zz.wav", 9)
    (folder / "readme.txt").write_text("read me")
    assert inventory.take(corpus, folder).unexpected == ()


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"", "empty"), (b"some text", "not audio"), (containers.POINTER + b"\n", "git lfs pull")],
)
def test_file_that_cannot_be_used_is_refused_even_with_allow_missing(corpus, folder, data, why):
    (folder / "wav" / "a2.wav").write_bytes(data)
    took = inventory.take(corpus, folder)
    assert "a2" not in took.files
    assert not took.missing
    with pytest.raises(DataError, match=rf"toy: wav/a2\.wav: .*{why}"):
        completeness.require(took, allow_missing=True)


def test_lfs_pointers_are_told_apart(corpus, folder):
    (folder / "wav" / "a2.wav").write_bytes(containers.POINTER + b"\n")
    (folder / "wav" / "b1.wav").write_bytes(b"")
    took = inventory.take(corpus, folder)
    assert took.pointers == (folder / "wav" / "a2.wav",)
    assert list(took.unreadable) == [folder / "wav" / "b1.wav"]


def test_a_link_to_nowhere_is_unreadable(corpus, folder):
    (folder / "wav" / "a2.wav").unlink()
    (folder / "wav" / "a2.wav").symlink_to(folder / "annex" / "object")
    assert "No such file" in inventory.take(corpus, folder).unreadable[folder / "wav" / "a2.wav"]


def test_same_audio_under_different_labels_is_found_in_any_container(corpus, folder):
    (folder / "wav" / "a2.wav").unlink()
    samples, rate = soundfile.read(folder / "wav" / "a1.wav", dtype="int16")
    soundfile.write(folder / "wav" / "a2.flac", samples, rate)
    shutil.copy(folder / "wav" / "a1.wav", folder / "wav" / "b1.wav")  # the same label: no finding by itself
    took = inventory.take(corpus, folder)
    assert took.identical == (("a1", "a2", "b1"),)
    assert took.odd.copies == ()  # the same level
    write(folder / "wav" / "a2.flac", 1)
    assert inventory.take(corpus, folder).identical == ()


def test_what_a_person_should_listen_to_is_reported_and_stops_nothing(corpus, folder):
    samples, rate = soundfile.read(folder / "wav" / "a1.wav", dtype="int16")
    soundfile.write(folder / "wav" / "b1.wav", samples // 3, rate)
    took = inventory.take(corpus, folder)
    assert took.odd.copies == (("a1", "b1"),)
    assert took.odd.short == ("a1", "a2", "b1")  # of 0.1 s
    assert (took.odd.silent, took.odd.long) == ((), ())
    soundfile.write(folder / "wav" / "a2.wav", np.zeros(31 * 16_000), 16_000)
    soundfile.write(folder / "wav" / "b1.wav", np.zeros(31 * 16_000), 16_000)
    took = inventory.take(corpus, folder)
    assert (took.odd.silent, took.odd.long) == (("a2", "b1"), ("a2", "b1"))
    assert took.odd.copies == ()
    assert took.complete
    completeness.require(took, allow_missing=False)


def test_folder_that_is_not_there(corpus, tmp_path):
    with pytest.raises(DataError, match=r"toy: there is no folder .*none\. Check --data\."):
        inventory.take(corpus, tmp_path / "empty" / "none")


def test_empty_and_wrong_folder(corpus, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(
        DataError, match=r"empty is not a copy of Toy: it holds no audio.* such as wav/a1\.wav"
    ):
        inventory.take(corpus, tmp_path / "empty")
    write(tmp_path / "wrong" / "song.wav", 1)
    with pytest.raises(
        DataError, match=r"wrong is not a copy of Toy: it holds 1 audio files, first song\.wav"
    ):
        inventory.take(corpus, tmp_path / "wrong")


def test_one_folder_too_deep(corpus, folder, tmp_path):
    shutil.move(folder, tmp_path / "toy")
    shutil.move(tmp_path / "toy", folder / "download")
    with pytest.raises(DataError, match=r"too deep: .*Move what .*data/toy/download holds to .*data/toy\."):
        inventory.take(corpus, folder)


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("savee", ["AudioData/DC/a01.wav", "DC_a02.wav", "ALL/JE_n30.wav", "AudioData/KL_su15.flac"]),
        ("tess", ["oaf_ANGRY/OAF_back_angry.wav", "OAF_neutral/OA_bite_neutral.wav"]),
        ("cremad", ["AudioWAV/1040_ITH_SAD_X.wav"]),
    ],
)
def test_usual_layouts_are_read(tmp_path, name, paths):
    match = layout.match(load(name), [PurePosixPath(path) for path in paths], folder=tmp_path)
    assert (len(match.chosen), match.unknown, match.extra) == (len(paths), [], [])


def test_files_that_did_not_change_are_not_read_again(corpus, folder, monkeypatch):
    first = inventory.take(corpus, folder)
    read = []
    monkeypatch.setattr(
        file_index, "facts_of", lambda path, real=file_index.facts_of: read.append(path.name) or real(path)
    )
    assert inventory.take(corpus, folder) == first
    write(folder / "wav" / "a2.wav", 7, seconds=0.2)
    assert inventory.take(corpus, folder).seconds["a2"] == 0.2
    assert read == ["a2.wav"]


def test_corrupt_index_is_made_anew(corpus, folder, tmp_path):
    first = inventory.take(corpus, folder)
    (index,) = (tmp_path / "cache" / "files").iterdir()
    index.write_text('{"version": 3')
    assert inventory.take(corpus, folder) == first
    assert index.read_bytes().endswith(b"}")


def test_killed_inventory_keeps_what_it_has(corpus, folder, monkeypatch):
    monkeypatch.setattr(file_index, "SAVE_EVERY", 1)

    def stop_at_two(done, total):
        assert total == 3
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        inventory.take(corpus, folder, progress=stop_at_two)
    seen = []
    inventory.take(corpus, folder, progress=lambda *counts: seen.append(counts))
    assert seen == [(1, 1)]


def test_links_that_lead_back_do_not_hold_it_up(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.wav").touch()
    for name in ("b", "in/c", "in/d"):
        (tmp_path / name).symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "e").symlink_to(tmp_path / "in", target_is_directory=True)
    assert [str(path) for path in layout.audio_files(tmp_path)] == ["e/a.wav", "in/a.wav"]


def test_a_pipe_and_a_link_to_a_device_are_unreadable(corpus, folder):
    for name in ("a1", "a2"):
        (folder / "wav" / f"{name}.wav").unlink()
    os.mkfifo(folder / "wav" / "a1.wav")
    (folder / "wav" / "a2.wav").symlink_to("/dev/zero")
    took = inventory.take(corpus, folder)
    assert list(took.files) == ["b1"]
    assert [path.name for path in took.unreadable] == ["a1.wav", "a2.wav"]
    assert all("is a device or a pipe" in why for why in took.unreadable.values())


def test_workers_find_the_same(tmp_path):
    for seed in range(60):
        write(tmp_path / f"{seed}.wav", seed, seconds=0.01)
    paths = layout.audio_files(tmp_path)
    one = list(file_index._facts(tmp_path, [str(path) for path in paths], jobs=1))
    assert list(file_index._facts(tmp_path, [str(path) for path in paths], jobs=2)) == one
    assert len({fact.sound for fact in one}) == 60


def die(path):
    if path.stem.startswith("bad"):
        os._exit(3)
    return file_index.Facts(size=1, mtime=1, sha256=path.stem)


def test_a_file_that_ends_the_process_that_reads_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(file_index, "facts_of", die)
    names = [f"{n}.wav" for n in range(60)]
    names[30] = "bad.wav"
    found = list(file_index._facts(tmp_path, names, jobs=2))
    assert [fact.sha256 for fact in found] == [*map(str, range(30)), "", *map(str, range(31, 60))]
    assert found[30].problem == "the process that read it died (out of memory?). Get it again."


@pytest.mark.slow
def test_where_every_reading_process_dies_no_more_are_tried(tmp_path, monkeypatch):
    monkeypatch.setattr(file_index, "facts_of", die)
    monkeypatch.setattr(file_index, "DEATHS", 2)
    with pytest.raises(DataError, match=r"bad2\.wav: the process that read it died .*, as of 1 files before"):
        list(file_index._one_by_one([tmp_path / f"bad{n}.wav" for n in (1, 2, 3)]))


def test_synthetic_miniature_is_complete_and_lacks_what_it_lacks(tmp_path):
    emovo = load("emovo")
    embedded.write(tmp_path, corpora=["emovo"])
    took = inventory.take(emovo, tmp_path / "emovo")
    assert (took.kind, took.complete, took.official) == ("synthetic", True, 0)
    assert took.expected == len(embedded.select(emovo)) < len(emovo.manifest)
    gone = min(took.files)
    took.files[gone].unlink()
    assert [clip.clip for clip in inventory.take(emovo, tmp_path / "emovo").missing] == [gone]


def test_describe_writes_the_manifest_of_official_files(corpus, folder, tmp_path):
    clips = manifest.describe(corpus, folder)
    write_manifest(clips, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == corpus.manifest_file.read_bytes()
    with (tmp_path / "again.csv").open() as file:
        assert [row["clip"] for row in csv.DictReader(file)] == ["a1", "a2", "b1"]


def test_describe_refuses_what_makes_no_manifest(corpus, folder, tmp_path):
    with pytest.raises(DataError, match="holds no audio"):
        manifest.describe(corpus, tmp_path / "none")
    write(folder / "a1.wav", 3)
    with pytest.raises(DataError, match=r"a1\.wav is a second file of a1"):
        manifest.describe(corpus, folder)
    (folder / "a1.wav").write_bytes(b"")
    with pytest.raises(DataError, match="empty"):
        manifest.describe(corpus, folder)


def test_official_bytes_of_real_files(real_data):
    for name, official in {"ravdess": 3, "tess": 3, "emovo": 2, "cremad": 1}.items():
        took = inventory.take(load(name), real_data / "hard-cases" / name)
        assert (took.official, took.kind, took.unexpected) == (official, "derived", ())
        assert not took.unreadable
    twins = inventory.take(load("ravdess"), real_data / "hard-cases" / "ravdess")
    assert twins.sounds["03-01-03-01-02-01-07"] == twins.sounds["03-01-03-01-02-02-07"]
    assert twins.identical == ()  # both are labelled happiness


def test_a_folder_that_cannot_be_read_is_named_and_its_clips_are_not_missing(corpus, folder, monkeypatch):
    scan = os.scandir

    def refusing(path="."):
        if os.fspath(path) == str(folder / "wav"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(DataError, match=r"wav: cannot be read: Permission denied\. Check the folder\."):
        inventory.take(corpus, folder)
