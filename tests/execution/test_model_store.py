"""Weights on disk: what was kept comes back bit for bit, and nothing else is let in."""

import hashlib
import io
import json
import pickle
import zipfile
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
import safetensors.numpy
import skops.io
from sklearn.base import BaseEstimator

from benchmark.execution import environment, model_card, model_store, record_key
from benchmark.features.familiarity import Familiar
from benchmark.models import backends, plugins
from benchmark.records import schema
from benchmark.storage import canonical, files
from protocols import corpora, folds
from protocols.contract import ClipBatch

SAVEE = folds.load("savee-loso")
COMMAND = "python -m benchmark run --final --model mfcc-logreg --protocol savee-loso"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Each test has a cache of its own."""
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def plugin():
    return plugins.load("mfcc-logreg")


@pytest.fixture
def clips():
    rng = np.random.default_rng(0)
    inputs = [rng.normal(size=(1, 160)).astype(np.float32) for _ in range(70)]
    return ClipBatch(inputs, np.arange(70) % 7)


@pytest.fixture
def model(plugin, clips):
    fitted = backends.make(plugin, 7, seed=1, device="cpu", params={"C": 1.0})
    fitted.fit(clips)
    return fitted


def card(plugin, board="derived", **changes):
    facts = {name: getattr(plugin.info, name) for name in schema.ModelFacts.__struct_fields__[:9]}
    made = model_card.Card(
        schema=model_card.SCHEMA,
        board=board,
        model=schema.ModelFacts(**{**facts, "pretraining": []}, source=plugin.source, package=plugin.package),
        protocol=schema.ProtocolFacts(name="savee-loso", version=1, digest="d"),
        corpora=[
            schema.CorpusFacts(name="savee", kind=board, digest="c", clips=70, missing=[], selection="full")
        ],
        labels=list(corpora.load("savee").labels),
        params={"C": 1.0},
        epochs=None,
        temperature=1.5,
        seed=1,
        teacher="",
        features=record_key.features(plugin),
        key={"model": "mfcc-logreg 1", "budget": {"trials": 20, "epochs": None, "folds": None}},
        uar=0.5,
        versions={name: environment.installed(name) for name in record_key.DECISIVE},
        warning=model_card.WARNING,
    )
    return msgspec.structs.replace(made, **changes)


def keep(plugin, fitted, board="derived", **changes):
    made = card(plugin, board, **changes)
    folder = model_store.home(board, "savee-loso", "mfcc-logreg", made.key["budget"])
    model_store.save(folder, fitted.state(), made)
    return folder


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


def test_what_was_kept_comes_back_bit_for_bit(plugin, model, clips):
    folder = keep(plugin, model)
    found, again = model_store.load(plugin, SAVEE)
    assert found == msgspec.structs.replace(card(plugin), weights=found.weights, digest=found.digest)
    np.testing.assert_array_equal(again.predict_proba(clips), model.predict_proba(clips))
    assert model_store.kept(folder, found.key)
    assert not model_store.kept(folder, {**found.key, "model": "mfcc-logreg 2"})


@pytest.mark.parametrize(
    "array",
    [np.arange(12.0, dtype=np.float32).reshape(3, 4).T, np.array(7), np.zeros((0, 3)), np.array([True])],
    ids=["a transposed view", "no dimension", "nothing in it", "truth"],
)
def test_arrays_of_any_shape(plugin, array):
    made = card(plugin)
    folder = model_store.home("derived", "savee-loso", "mfcc-logreg", made.key["budget"])
    model_store.save(folder, {"a": array}, made)
    read = model_store.state(folder, model_store.read(folder))["a"]
    assert (read.shape, read.dtype) == (array.shape, array.dtype)
    np.testing.assert_array_equal(read, array)


def test_a_card_of_before_its_clips_were_described_is_readable(plugin, model):
    """Its digest was taken without the field; one of today counts it."""
    folder = keep(plugin, model)
    facts = json.loads((folder / model_store.CARD).read_bytes())
    del facts["familiar"]
    facts["digest"] = canonical.digest({**facts, "digest": ""})
    (folder / model_store.CARD).write_bytes(canonical.encode(facts))
    assert model_store.load(plugin, SAVEE)[0].familiar is None
    known = Familiar(mean=[0.5], deviation=[0.1], farthest=2.0)
    kept = model_store.read(keep(plugin, model, familiar=known))
    assert kept.familiar == known
    assert kept.digest != facts["digest"]


def test_the_card_says_what_the_model_is(plugin, model):
    text = (keep(plugin, model) / model_store.TEXT).read_text()
    words = ["UAR on unheard speakers: 50.0 (savee-loso, seed 0)", "Nobody has measured this very model",
             "C 1.0", "derived copy, 70 clips", plugin.source, "Temperature: 1.5", "trials 20"]  # fmt: skip
    assert [word for word in words if word not in text] == []
    assert "synthetic" not in text
    assert "knows nothing about people" in model_card.described(card(plugin, "synthetic"))


def test_missing(plugin):
    with pytest.raises(
        model_store.WeightsError, match=r"mfcc-logreg has not been fitted on savee here"
    ) as error:
        model_store.load(plugin, SAVEE)
    assert str(error.value).endswith(COMMAND)


def test_official_copies_are_preferred_then_derived_ones(plugin, model):
    for board in ("synthetic", "derived", "official"):
        keep(plugin, model, board)
        assert model_store.load(plugin, SAVEE)[0].board == board


@pytest.mark.parametrize(
    ("name", "less"),
    [
        ("trials-5", {"trials": 5, "epochs": None, "folds": None}),
        ("trials-20-epochs-2", {"trials": 20, "epochs": 2, "folds": None}),
        ("trials-20-folds-0-3", {"trials": 20, "epochs": None, "folds": [0, 3]}),
    ],
)
def test_a_quick_look_replaces_no_full_search(plugin, model, name, less):
    full = keep(plugin, model)
    quick = keep(plugin, model, key={**card(plugin).key, "budget": less})
    assert [full.name, quick.name] == ["trials-20", name]
    assert model_store.load(plugin, SAVEE)[0].key["budget"]["trials"] == 20
    assert model_store.load(plugin, SAVEE)[0].key == card(plugin).key
    (full / model_store.CARD).unlink()
    assert model_store.load(plugin, SAVEE)[0].key["budget"] == less


def test_a_damaged_one_hides_no_whole_one(plugin, model):
    damaged = keep(plugin, model)
    keep(plugin, model, key={**card(plugin).key, "budget": {"trials": 1, "epochs": 2, "folds": [0]}})
    whole = (damaged / model_store.CARD).read_bytes()
    for name, content in (
        (model_store.CARD, b"{"),
        (model_store.STATE, b"{"),
        (model_store.CARD, whole.replace(b'"temperature": 1.5', b'"temperature": 9.5')),
    ):
        assert content != whole
        before = (damaged / name).read_bytes()
        (damaged / name).write_bytes(content)
        assert model_store.load(plugin, SAVEE)[0].key["budget"]["trials"] == 1
        (damaged / name).write_bytes(before)
    assert model_store.load(plugin, SAVEE)[0].key["budget"]["trials"] == 20


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": "0"}, "version: 0 -> 1"),
        ({"source": "0" * 64}, "source file: 0000"),
        ({"labels": ["anger", "joy"]}, r"labels: \['anger', 'joy'\] -> "),
        ({"features": {"front_end": "wave"}}, "features: {'front_end': 'wave'} -> "),
        ({"versions": {"scikit-learn": "1.0"}}, "scikit-learn: 1.0 -> "),
    ],
)
def test_another_code_than_todays_is_named(plugin, model, changes, words):
    of_model = {name: changes[name] for name in ("version", "source") if name in changes}
    if of_model:
        changes = {"model": msgspec.structs.replace(card(plugin).model, **of_model)}
    keep(plugin, model, **changes)
    with pytest.raises(model_store.WeightsError, match=words) as error:
        model_store.load(plugin, SAVEE)
    assert "was fitted by other code" in str(error.value)
    assert str(error.value).endswith(f"To fit it again:\n  {COMMAND}")


def test_code_is_the_same_where_a_card_has_lists_for_tuples():
    """Of the augmented copies that a step is for."""
    vit = plugins.load("vit-student-alone")
    kept = msgspec.json.decode(canonical.encode(card(vit)), type=model_card.Card)
    assert record_key.differences(*model_store._decisive(kept, vit, kept.labels)) == []


def test_the_command_quotes_a_path(plugin):
    with pytest.raises(model_store.WeightsError, match=r"--model 'my models/one\.py' --protocol"):
        model_store.load(replace(plugin, reference="my models/one.py"), SAVEE)


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


def test_the_card_comes_last(plugin, model, monkeypatch):
    written = []
    monkeypatch.setattr(model_store.files, "write", lambda path, _data: written.append(path.name))
    keep(plugin, model)
    assert written == [model_store.STATE, model_store.TEXT, model_store.CARD]
