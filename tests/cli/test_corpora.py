"""Corpus folders in which something is wrong, which is named; a run goes on only where it may."""

import json
import shutil

import numpy as np
import pytest
import soundfile

from benchmark.corpora import embedded
from protocols import corpora

DONE, WRONG, PARTIAL = 0, 2, 3
PRIOR = ("--model", "prior", "--device", "cpu", "--jobs", "1", "--trials", "1")

pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture
def emodb(tmp_path):
    """A folder of data with the embedded EMO-DB, to be damaged: (data, some clip's file)."""
    shutil.copytree(embedded.ensure() / "emodb", tmp_path / "data/emodb")
    first = next(
        clip for clip in corpora.load("emodb").manifest if (tmp_path / "data/emodb" / clip.path).is_file()
    )
    return tmp_path / "data", tmp_path / "data/emodb" / first.path


def run_emodb(data, *more):
    return ("run", "--data", data, "--corpus", "emodb", *PRIOR, *more)


def damage_zero(path):
    path.write_bytes(b"")


def damage_text(path):
    path.write_text("not sound at all, but words")


def damage_pointer(path):
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 99\n")


def damage_nan(path):
    soundfile.write(path, np.array([0.1, np.nan, 0.2] * 500, np.float32), 16_000, subtype="FLOAT")


def damage_infinite(path):
    soundfile.write(path, np.array([0.1, np.inf, 0.2] * 500, np.float32), 16_000, subtype="FLOAT")


def damage_truncated(path):
    path.write_bytes(path.read_bytes()[:4000])


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (damage_zero, "empty"),
        (damage_text, "not audio"),
        (damage_pointer, "Git LFS pointer"),
        (damage_nan, "NaN or infinite"),
        (damage_infinite, "NaN or infinite"),
        (damage_truncated, "cut short"),
    ],
    ids=["zero bytes", "text", "pointer", "nan", "infinite", "truncated"],
)
@pytest.mark.parametrize("more", [(), ("--allow-missing",)], ids=["", "allow-missing"])
def test_a_damaged_clip_is_refused_by_name(call, emodb, here, damage, words, more):
    data, clip = emodb
    damage(clip)
    code, out, err = call(*run_emodb(data, *more))
    assert (code, out) == (WRONG, "")
    assert f"wav/{clip.name}" in err
    assert words in err
    assert not (here / "_runs").exists()


def test_a_corpus_one_folder_too_deep_is_named(call, emodb):
    data, _ = emodb
    (data / "emodb").rename(data / "inner")
    (data / "emodb").mkdir()
    (data / "inner").rename(data / "emodb/emodb")
    code, _, err = call(*run_emodb(data))
    assert code == WRONG
    assert "too deep" in err
    assert "emodb/emodb/wav" in err


def test_an_empty_folder_and_a_strange_name(call, emodb):
    data, clip = emodb
    clip.with_name("zz99Xx.wav").write_bytes(clip.read_bytes())
    code, _, err = call(*run_emodb(data))
    assert code == WRONG
    assert "wav/zz99Xx.wav" in err
    shutil.rmtree(data / "emodb/wav")
    code, _, err = call(*run_emodb(data))
    assert code == WRONG
    assert "it holds no audio" in err


def test_what_is_left_out_is_named_before_anything_is_computed(call, emodb):
    """Also of a synthetic copy, and of a corpus that lies there under another name."""
    data, clip = emodb
    clip.unlink()
    (data / "SAVEE").mkdir()
    asked = run_emodb(data, "--corpus", "savee", "--dry-run")
    code, _, err = call(*asked)
    assert code == WRONG
    assert f"wav/{clip.name}. Remove {data / 'emodb'}, which this project made, to have it made again" in err
    code, _, err = call(*asked, "--allow-missing")
    assert code in (DONE, PARTIAL)
    assert f"missing: emodb: 1 clips, first wav/{clip.name}" in err
    assert f"missing: savee: no audio here, so no results. {data / 'SAVEE'} is there: rename it" in err


@pytest.mark.slow
def test_a_missing_clip_is_2_or_3(call, emodb, here):
    """On a copy that does not say that it is synthetic, as gaps in real speech are."""
    data, clip = emodb
    (data / "emodb" / embedded.MARKER).unlink()
    clip.unlink()
    code, _, err = call(*run_emodb(data))
    assert code == WRONG
    assert f"clips are missing, first wav/{clip.name}" in err
    code, out, err = call(*run_emodb(data, "--allow-missing", "--seeds", "1"))
    assert (code, out) == (PARTIAL, "")
    assert f"clips, first wav/{clip.name}" in err
    record = json.loads((here / "_runs/derived/emodb-loso/prior/seed-0.json").read_bytes())
    assert clip.stem in record["corpora"][0]["missing"]


@pytest.mark.slow
def test_a_missing_corpus_is_2_or_3(call, emodb):
    data, _ = emodb
    both = ("run", "--data", data, "--corpus", "emodb", "--corpus", "savee", *PRIOR)
    code, _, err = call(*both)
    assert code == WRONG
    assert "savee: there is no folder" in err
    code, _, err = call(*both, "--allow-missing", "--dry-run")
    assert code in (DONE, PARTIAL)
    code, out, err = call(*run_emodb(data, "--corpus", "savee", "--allow-missing"))
    assert (code, out) == (PARTIAL, "")
    assert "missing: savee: no audio here" in err


def test_synthesise_says_what_it_left_alone(call, here):
    (here / "savee").mkdir()
    code, _, err = call("corpora", "synthesise", "savee", "emodb", "--data", here)
    assert code == DONE
    assert f"{here}/savee: was there, and is left alone" in err
    assert f"{here}/emodb: a synthetic corpus" in err
    assert not list((here / "savee").iterdir())
