"""Weights on disk: what was kept comes back bit for bit, and nothing else is let in."""

import json
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from kept_models import SAVEE, card, keep

from benchmark.execution import model_card, model_store, record_key
from benchmark.features.familiarity import Familiar
from benchmark.models import plugins
from benchmark.storage import canonical

pytestmark = pytest.mark.usefixtures("own_cache")


COMMAND = "python -m benchmark run --final --model mfcc-logreg --protocol savee-loso"


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


def test_the_card_comes_last(plugin, model, monkeypatch):
    written = []
    monkeypatch.setattr(model_store.files, "write", lambda path, _data: written.append(path.name))
    keep(plugin, model)
    assert written == [model_store.STATE, model_store.TEXT, model_store.CARD]
