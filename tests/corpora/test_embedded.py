import errno
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
import soundfile

from benchmark.corpora import embedded
from benchmark.storage import files
from protocols.corpora import ManifestRow, load, write_manifest
from protocols.errors import RegistryError, StoreError

NAMES = ("cremad", "emodb", "emovo", "ravdess", "savee", "tess")
LIMITS = {"savee": 3, "tess": 3, "emodb": 2, "emovo": 2, "ravdess": 1, "cremad": 1}


@pytest.fixture(scope="module")
def corpora(tmp_path_factory):
    return embedded.write(tmp_path_factory.mktemp("demo"), corpora=NAMES)


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def few(corpus, folder, clips):
    """The corpus, as if these were all its clips."""
    write_manifest(clips, folder / "manifest.csv")
    return replace(corpus, manifest_file=folder / "manifest.csv")


@pytest.mark.parametrize("name", NAMES)
def test_select_takes_at_most_its_limit_of_every_class_and_speaker(name):
    corpus = load(name)
    clips = embedded.select(corpus)
    cells = Counter((clip.speaker, clip.emotion) for clip in clips)
    there = Counter((clip.speaker, clip.emotion) for clip in corpus.manifest)
    speakers = {clip.speaker for clip in clips}
    assert list(clips) == sorted(set(clips))
    assert set(clips) <= set(corpus.manifest)
    assert cells == {cell: min(n, LIMITS[name]) for cell, n in there.items() if cell[0] in speakers}
    assert len(speakers) == (30 if name == "cremad" else len(corpus.speakers))


def test_select_stays_small():
    assert sum(len(embedded.select(load(name))) for name in NAMES) <= 900


@pytest.mark.parametrize("name", NAMES)
def test_every_class_is_there_for_two_speakers(name):
    corpus = load(name)
    for label in corpus.labels:
        assert len({clip.speaker for clip in embedded.select(corpus) if clip.emotion == label}) >= 2, label


def test_every_cremad_block_has_every_class_of_both_sexes():
    clips = embedded.select(load("cremad"))
    for first, last in [(1001, 1018), (1019, 1036), (1037, 1054), (1055, 1072), (1073, 1091)]:
        block = [clip for clip in clips if first <= int(clip.speaker) <= last]
        counts = Counter((clip.emotion, clip.sex) for clip in block)
        assert len(counts) == 12
        assert set(counts.values()) == {3}


def test_every_tess_class_has_one_held_out_word_and_two_others():
    corpus = load("tess")
    held = sorted({clip.sentence for clip in corpus.manifest})[4::5]
    cells = Counter((c.speaker, c.emotion, c.sentence in held) for c in embedded.select(corpus))
    assert len(cells) == 2 * 7 * 2
    assert all(n == (1 if validation else 2) for (_, _, validation), n in cells.items())


def test_a_corpus_that_we_do_not_know_has_one_clip_a_class_and_speaker(tmp_path):
    clips = [
        ManifestRow(f"{s}{e}{i}", f"{s}{e}{i}.wav", s, "female", e, f"{i}")
        for s in "ab"
        for e in "xy"
        for i in range(4)
    ]
    corpus = few(
        replace(load("emodb"), name="theirs", labels=("x", "y"), speakers={"a": "female", "b": "female"}),
        tmp_path,
        clips,
    )
    assert [(clip.speaker, clip.emotion) for clip in embedded.select(corpus)] == [
        ("a", "x"), ("a", "y"), ("b", "x"), ("b", "y"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_layout_reads_back_as_the_manifest_says(corpora, name):
    corpus, folder = load(name), corpora / name
    found = [path.relative_to(folder) for path in folder.rglob("*.wav")]
    parsed = sorted(corpus.parse(PurePosixPath(path)) for path in found)
    assert parsed == [clip._replace(sha256="", corpus="") for clip in embedded.select(corpus)]
    notice = (folder / embedded.MARKER).read_text()
    assert f"these {len(found)} files" in notice
    assert corpus.title in notice
    assert len(contents(folder)) == len(found) + 1


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_16_bit_mono_wav_with_sound(corpora, name):
    for path in (corpora / name).rglob("*.wav"):
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.subtype, info.format) == (16000, 1, "PCM_16", "WAV")
        samples = soundfile.read(path)[0]
        assert np.isfinite(samples).all()
        assert 0.01 < np.abs(samples).max() <= 1
        assert 0.4 < len(samples) / 16000 < 1.6


def test_all_clips_of_a_corpus_differ(corpora):
    audio = contents(corpora / "ravdess").values()
    assert len(set(audio)) == len(audio)


def test_a_speaker_s_name_is_another_voice_in_another_corpus(corpora):
    emodb = next(c for c in embedded.select(load("emodb")) if c.speaker == "03")
    embedded._write_clip((corpora / "one.wav", "emodb", emodb, embedded.SYLLABLES))
    embedded._write_clip((corpora / "two.wav", "ravdess", emodb, embedded.SYLLABLES))
    assert (corpora / "one.wav").read_bytes() == (corpora / "emodb" / emodb.path).read_bytes()
    assert (corpora / "one.wav").read_bytes() != (corpora / "two.wav").read_bytes()


def test_two_writes_give_the_same_bytes(corpora, tmp_path):
    embedded.write(tmp_path, corpora=["tess", "emovo"])
    for name in ("tess", "emovo"):
        assert contents(tmp_path / name) == contents(corpora / name)


def test_full_writes_every_clip_misspelt_names_too(tmp_path, monkeypatch):
    words = ("bite", "back")
    clips = [clip for clip in load("tess").manifest if clip.sentence in words and clip.speaker == "OAF"]
    corpus = few(load("tess"), tmp_path, clips)
    monkeypatch.setattr(embedded, "load", lambda _: corpus)
    embedded.write(tmp_path, corpora=["tess"], full=True)
    found = [path.relative_to(tmp_path / "tess").as_posix() for path in (tmp_path / "tess").rglob("*.wav")]
    assert sorted(found) == sorted(clip.path for clip in clips)
    assert "OAF_neutral/OA_bite_neutral.wav" in found
    seconds = [soundfile.info(tmp_path / "tess" / path).duration for path in found]
    assert 1.8 < np.mean(seconds) < 3.5


def test_a_folder_that_exists_is_left_alone(tmp_path):
    (tmp_path / "savee").mkdir()
    assert embedded.write(tmp_path, corpora=["savee"]) == tmp_path
    assert [path.name for path in tmp_path.rglob("*")] == ["savee"]


def test_a_run_that_stops_leaves_nothing_that_looks_done(tmp_path, monkeypatch):
    done = []

    def stop_at_third(job):
        done.append(job)
        if len(done) == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(embedded, "_write_clip", stop_at_third)
    with pytest.raises(StoreError, match="the embedded corpora cannot be written: the disk is full"):
        embedded.write(tmp_path, corpora=["tess"])
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []


def test_what_a_killed_run_left_is_removed(tmp_path):
    (tmp_path / ".part-tess-abc" / "tess").mkdir(parents=True)
    embedded.write(tmp_path, corpora=["tess"])
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["tess"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file.*: the embedded corpora cannot be written"):
        embedded.write(tmp_path / "file", corpora=["tess"])


@pytest.mark.parametrize(
    ("make", "flag"), [(lambda: embedded.write(Path("data")), "--data"), (embedded.ensure, "UNHEARD_CACHE")]
)
def test_a_folder_that_cannot_be_written_says_which_to_name_instead(tmp_path, monkeypatch, make, flag):
    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(files.FileLock, "acquire", refuse)
    with pytest.raises(StoreError, match=rf"permission denied\. Name another folder with {flag}\.$"):
        make()


def test_an_unknown_corpus_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(RegistryError, match="Did you mean savee"):
        embedded.write(tmp_path, corpora=["tess", "save"])
    assert list(tmp_path.iterdir()) == []


def test_two_at_once_write_one_copy(corpora, tmp_path, monkeypatch):
    written = []
    write_corpus = embedded._write_corpus

    def counted(folder, corpus, *, full):
        written.append(corpus.name)
        write_corpus(folder, corpus, full=full)

    monkeypatch.setattr(embedded, "_write_corpus", counted)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: embedded.write(tmp_path, corpora=["tess"]), range(2)))
    assert written == ["tess"]
    assert contents(tmp_path / "tess") == contents(corpora / "tess")


def test_ensure_writes_once_a_version(tmp_path, monkeypatch):
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path))
    monkeypatch.setattr(embedded.registry, "names", lambda _: ["tess"])
    folder = embedded.ensure()
    assert folder.parent == tmp_path
    assert (folder / "tess" / embedded.MARKER).exists()
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert embedded.ensure() == folder
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    monkeypatch.setattr(embedded, "VERSION", "another")
    assert embedded.ensure() != folder
