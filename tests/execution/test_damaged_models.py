"""Kept models that a disk has damaged or a stranger has planted: refused, and nothing in them is run."""

import hashlib
import io
import json
import pickle
import zipfile
from pathlib import Path

import msgspec
import numpy as np
import pytest
import safetensors.numpy
import skops.io
from kept_models import SAVEE, card, keep
from sklearn.base import BaseEstimator

from benchmark.execution import model_card, model_store
from benchmark.storage import canonical, files

pytestmark = pytest.mark.usefixtures("own_cache")


def plant(folder, data):
    """Other bytes in place of the state, and a card that vouches for them."""
    (folder / model_store.STATE).write_bytes(data)
    reseal(folder, weights=hashlib.sha256(data).hexdigest())


def reseal(folder, **changes):
    """A card that vouches for other facts."""
    path = folder / model_store.CARD
    changed = msgspec.structs.replace(msgspec.json.decode(path.read_bytes(), type=model_card.Card), **changes)
    path.write_bytes(canonical.encode(model_card.sealed(changed)))


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


class Stranger(BaseEstimator):
    """An estimator that is not scikit-learn's."""


def test_a_planted_pickle_is_refused_and_not_run(plugin, model, tmp_path):
    folder, sprung = keep(plugin, model), tmp_path / "sprung"
    trap = pickle.dumps(Trap(sprung))
    (folder / model_store.STATE).write_bytes(trap)
    with pytest.raises(
        model_store.WeightsError, match=r"model\.safetensors: is damaged: it is not the file that"
    ):
        model_store.load(plugin, SAVEE)
    plant(folder, trap)
    with pytest.raises(model_store.WeightsError, match="is damaged, or no safetensors file"):
        model_store.load(plugin, SAVEE)
    plant(folder, safetensors.numpy.save({"estimator": np.frombuffer(trap, dtype=np.uint8)}))
    with pytest.raises(model_store.WeightsError, match="the state cannot be loaded"):
        model_store.load(plugin, SAVEE)
    assert not sprung.exists()
    pickle.loads(trap)
    assert sprung.exists()  # so it would have


def test_an_array_of_objects_is_refused_and_not_run(plugin, model, tmp_path):
    """NumPy's own file can hold a pickle, and skops keeps arrays in such files."""
    folder, sprung = keep(plugin, model), tmp_path / "sprung"
    file = io.BytesIO()
    np.save(file, np.array([Trap(sprung)], dtype=object), allow_pickle=True)
    plant(folder, file.getvalue())
    with pytest.raises(model_store.WeightsError, match="is damaged"):
        model_store.load(plugin, SAVEE)
    assert not sprung.exists()


def test_types_that_are_not_scikit_learns_are_refused(plugin, model):
    folder = keep(plugin, model)
    data = np.frombuffer(skops.io.dumps(Stranger()), dtype=np.uint8)
    plant(folder, safetensors.numpy.save({"estimator": data}))
    with pytest.raises(
        model_store.WeightsError, match=r"(?s)the state cannot be loaded: UntrustedTypes.*Stranger"
    ):
        model_store.load(plugin, SAVEE)


@pytest.mark.parametrize("state", [{}, {"weight": np.zeros(3)}], ids=["nothing", "another model's"])
def test_a_state_that_does_not_fit(plugin, model, state):
    plant(keep(plugin, model), safetensors.numpy.save(state))
    with pytest.raises(model_store.WeightsError, match="the state cannot be loaded: KeyError: 'estimator'"):
        model_store.load(plugin, SAVEE)


def test_half_a_state_and_none(plugin, model):
    folder = keep(plugin, model)
    whole = (folder / model_store.STATE).read_bytes()
    (folder / model_store.STATE).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(model_store.WeightsError, match="is damaged"):
        model_store.load(plugin, SAVEE)
    (folder / model_store.STATE).unlink()
    with pytest.raises(model_store.WeightsError, match="cannot be read: No such file"):
        model_store.load(plugin, SAVEE)
    assert not model_store.kept(folder, card(plugin).key)


@pytest.mark.parametrize("text", ["", "not JSON", "{}", "[" * 100_000, '{"schema": 1}', "\ud800"])
def test_a_damaged_card(plugin, model, text):
    folder = keep(plugin, model)
    (folder / model_store.CARD).write_bytes(text.encode(errors="surrogatepass"))
    with pytest.raises(model_store.WeightsError, match=r"(?s)card\.json: is damaged.*run --final"):
        model_store.load(plugin, SAVEE)


def test_a_card_that_a_disk_has_changed_is_not_believed(plugin, model):
    path = keep(plugin, model) / model_store.CARD
    whole = path.read_bytes()
    for old, new in ((b'"temperature": 1.5', b'"temperature": 1.7'), (b'"C": 1.0', b'"C": 1.1')):
        assert old in whole
        path.write_bytes(whole.replace(old, new))
        with pytest.raises(model_store.WeightsError, match=r"card\.json: is damaged: it is not what was"):
            model_store.load(plugin, SAVEE)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"key": {}}, "is damaged"),
        ({"key": {"budget": {"trials": "many"}}}, "is damaged"),
        ({"temperature": 0.0}, "is damaged"),
        ({"params": {"no such": 1}}, r"mfcc-logreg takes no \{'no such': 1\}"),
        ({"versions": {}}, "scikit-learn: None -> "),
    ],
)
def test_a_card_that_vouches_for_nonsense(plugin, model, changes, words):
    folder = keep(plugin, model)
    reseal(folder, **changes)
    with pytest.raises(model_store.WeightsError, match=rf"(?s){words}.*run --final"):
        model_store.load(plugin, SAVEE)
    assert not model_store.kept(folder, {})


def safetensors_of(dtype, data=b"\0" * 4):
    """A safetensors file of one array, of a type that NumPy may lack."""
    header = json.dumps({"a": {"dtype": dtype, "shape": [2], "data_offsets": [0, len(data)]}}).encode()
    return len(header).to_bytes(8, "little") + header + data


@pytest.mark.parametrize("dtype", ["BF16", "F8_E4M3"])
def test_numbers_of_a_type_that_numpy_lacks(plugin, model, dtype):
    folder = keep(plugin, model)
    plant(folder, safetensors_of(dtype, b"\0" * (4 if dtype == "BF16" else 2)))
    with pytest.raises(model_store.WeightsError, match=f"of a type that NumPy lacks: '{dtype}'"):
        model_store.load(plugin, SAVEE)
    assert not model_store.kept(folder, card(plugin).key)


def bomb(name, inside):
    """An archive of which next to nothing unpacks to megabytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, inside, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


@pytest.mark.parametrize("depth", [1, 2], ids=["an archive", "an archive in it"])
def test_a_small_state_that_unpacks_to_much_is_refused(plugin, model, monkeypatch, depth):
    folder, data = keep(plugin, model), bytes(8 << 20)
    for _ in range(depth):
        data = bomb("a.npz", data)
    monkeypatch.setattr(skops.io, "loads", lambda *_, **__: pytest.fail("unpacked"))
    plant(folder, safetensors.numpy.save({"estimator": np.frombuffer(data, dtype=np.uint8)}))
    with pytest.raises(model_store.WeightsError, match=r"estimator unpacks from \d+ to 8\d+ bytes"):
        model_store.load(plugin, SAVEE)


def test_a_killed_processs_half_is_removed_by_the_next(plugin, model):
    folder = keep(plugin, model)
    (folder / f"{files.PART}{model_store.STATE}-abc").touch()
    keep(plugin, model)
    assert {path.name for path in folder.iterdir()} == {"model.safetensors", "card.md", "card.json"}


def test_a_card_of_another_time(plugin, model):
    keep(plugin, model, schema=99)
    with pytest.raises(model_store.WeightsError, match="schema 99 is unknown; this version reads 4"):
        model_store.load(plugin, SAVEE)
