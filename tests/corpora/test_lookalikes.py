"""What lies where a corpus's folder should be is named, with what to do."""

import pytest

from benchmark.corpora import inventory, layout, lookalikes, manifest, report
from protocols.corpora import load
from protocols.errors import DataError


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def clip(folder, corpus):
    """Puts the corpus's first clip into a folder, without any audio in it."""
    path = folder / load(corpus).manifest[0].path
    path.parent.mkdir(parents=True)
    path.touch()
    return folder


@pytest.mark.parametrize(
    ("corpus", "name"),
    [
        ("emodb", "EMODB"),
        ("emodb", "Emo-DB"),
        ("emodb", "emo_db_2"),
        ("cremad", "CREMA-D-master"),
        ("ravdess", "RAVDESS Emotional speech audio"),
        ("tess", "TESS"),
    ],
)
def test_a_folder_of_another_spelling(data, corpus, name):
    (data / name).mkdir()
    expected = f"{data / name} is there: rename it to {data / corpus}."
    assert lookalikes.hint(load(corpus), data) == expected
    with pytest.raises(DataError) as caught:
        inventory.take(load(corpus), data / corpus)
    assert str(caught.value) == f"{corpus}: there is no folder {data / corpus}. {expected}"
    assert report.of(load(corpus), data, jobs=1)["problem"] == str(caught.value)
    with pytest.raises(DataError, match="is there: rename it to"):
        manifest.describe(load(corpus), data / corpus)


@pytest.mark.parametrize(
    ("corpus", "name"),
    [
        ("savee", "savee.zip"),
        ("emovo", "EMOVO.tar.gz"),
        ("emodb", "download.zip"),
        ("ravdess", "Audio_Speech_Actors_01-24.zip"),
        ("tess", "TESS.7z"),
    ],
)
def test_an_archive_beside(data, corpus, name):
    (data / name).touch()
    expected = f"{data / name} is not unpacked: unpack it into {data / corpus}."
    assert lookalikes.hint(load(corpus), data) == expected
    assert lookalikes.hint(load("cremad"), data) == ""


def test_an_archive_inside(data):
    folder = data / "savee"
    folder.mkdir()
    (folder / "AudioData.zip").touch()
    expected = f"{folder / 'AudioData.zip'} is not unpacked: unpack it there."
    with pytest.raises(DataError) as caught:
        layout.match(load("savee"), [], folder=folder)
    assert str(caught.value).endswith(expected)
    with pytest.raises(DataError) as caught:
        manifest.describe(load("savee"), folder)
    assert str(caught.value).endswith(expected)


def test_the_corpus_s_own_folder_as_data(data):
    own = clip(data / "emodb", "emodb")
    assert lookalikes.hint(load("emodb"), own) == f"{own} is the folder of EMO-DB itself: give --data {data}."
    other = clip(data / "speech", "emovo")
    expected = f"{other} is the folder of EMOVO itself: give --data {data} and rename this one to emovo."
    assert lookalikes.hint(load("emovo"), other) == expected
    assert lookalikes.hint(load("savee"), other) == ""


def test_the_folder_above_as_data(data):
    clip(data / "audio/emodb", "emodb")
    assert lookalikes.hint(load("emodb"), data) == (
        f"{data / 'audio/emodb'} is there: give --data {data / 'audio'}."
    )


def test_a_file_and_a_link_to_nowhere(data):
    (data / "emodb").touch()
    assert lookalikes.hint(load("emodb"), data).startswith(f"{data / 'emodb'} is a file: unpack it")
    (data / "savee").symlink_to("/mnt/disk/savee")
    assert lookalikes.hint(load("savee"), data) == (
        f"{data / 'savee'} is a link to /mnt/disk/savee, which is not there."
    )


def test_nothing_like_it(data):
    (data / "music").mkdir()
    (data / "music.zip").touch()
    (data / ".emodb").mkdir()
    assert lookalikes.hint(load("emodb"), data) == lookalikes.hint(load("emodb"), data / "none") == ""


def test_a_file_as_data(data):
    (data / "corpora.zip").touch()
    with pytest.raises(DataError, match=r"corpora\.zip: it is a file, and no folder\. Check --data"):
        inventory.corpora_folder(str(data / "corpora.zip"))
