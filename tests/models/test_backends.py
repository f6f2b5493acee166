"""What the engine knows of each kind of model, and that it asks nowhere else."""

import ast
from pathlib import Path

import numpy as np
import pytest
from runs import TOY

from benchmark.checks import shared_state
from benchmark.models import backends, plugins
from benchmark.training.trainer import Trainer
from protocols.contract import ClipBatch, Recipe, SklearnModel, TorchModel
from protocols.errors import PluginError

KINDS = {"plain": TOY, "torch": "small-cnn", "sklearn": "mfcc-logreg"}
ENGINE = Path(backends.__file__).parents[2]
CLASSES = 4


def made(kind):
    plugin = plugins.load(KINDS[kind])
    params = dict(plugin.model.defaults)
    return plugin.backend, backends.make(plugin, CLASSES, seed=1, device="cpu", params=params)


def clip(frames=20, channels=60):
    return ClipBatch([np.zeros((frames, channels), np.float32)])


@pytest.mark.parametrize("path", sorted(ENGINE.rglob("*.py")), ids=lambda path: str(path.relative_to(ENGINE)))
def test_no_other_file_asks_for_the_kind(path):
    if path.parent == Path(backends.__file__).parent:
        return
    calls = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("isinstance", "issubclass")
    ]
    named = {name.id for call in calls for name in ast.walk(call.args[1]) if isinstance(name, ast.Name)}
    assert not named & {"SklearnModel", "TorchModel", "Trainer"}


def test_each_kind_has_its_own_backend():
    names = {
        kind: type(plugins.load(reference).backend).__name__.lower() for kind, reference in KINDS.items()
    }
    assert names == {kind: kind for kind in KINDS}


def test_each_kind_makes_its_own_model():
    assert isinstance(made("torch")[1], Trainer)
    assert isinstance(made("sklearn")[1], SklearnModel)
    assert made("plain")[1].sharpness == 1.0


def test_what_a_kind_may_change_has_a_name_that_check_knows():
    import torch  # noqa: F401  (what is shared then includes its state)

    known = {*shared_state.readers(), shared_state.DRAWN}
    for kind in KINDS:
        assert set(made(kind)[0].checking.may_change) <= known


def test_only_a_network_adds_its_recipe_to_the_key():
    keys = {kind: made(kind)[0].key(plugins.load(reference).model) for kind, reference in KINDS.items()}
    assert keys["plain"] == keys["sklearn"] == {}
    assert keys["torch"]["recipe"]["epochs"] == 20
    later = {"augmentation", "mixup", "distillation", "distillation_epochs", "betas"}
    assert not later & set(keys["torch"]["recipe"])


def test_a_later_field_of_a_recipe_is_in_the_key_where_it_is_used():
    model = plugins.load("vit-student").model
    recipe = plugins.load("vit-student").backend.key(model)["recipe"]
    assert (recipe["distillation"], recipe["distillation_epochs"]) == (1.0, 50)
    assert "mixup" not in recipe


def test_an_epoch_learns_from_all_rows_of_a_clip_where_its_recipe_says_so():
    class Both(TorchModel):
        @staticmethod
        def recipe(params):
            return Recipe(copies=params["copies"])

    backend = made("torch")[0]
    assert [backend.rows(Both, {"copies": copies}, 3) for copies in ("one", "all")] == [1, 4]
    assert made("sklearn")[0].rows(Both, {}, 3) == 1


def test_which_kinds_can_be_kept_and_by_what():
    found = {
        kind: (plugin.backend.keepable(plugin.model), plugin.backend.state_libraries)
        for kind, reference in KINDS.items()
        for plugin in [plugins.load(reference)]
    }
    assert found == {"plain": (False, ()), "torch": (True, ()), "sklearn": (True, ("scikit-learn",))}


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_comes_to_cost_what_a_trained_one_does(kind):
    backend, model = made(kind)
    frames = 1 if kind != "torch" else 20
    backend.prepare(model, clip(frames), CLASSES, dict)
    assert backend.weights(model) is None if kind == "plain" else backend.weights(model) > 0
    if kind != "torch":
        assert model.predict_proba(clip(frames)).shape == (1, CLASSES)
        assert backend.parameters(model) is None
    else:
        assert backend.parameters(model) == sum(p.numel() for p in model.network.parameters())


def test_an_estimator_is_counted_by_shapes_and_others_are_traced():
    backend, model = made("sklearn")
    backend.prepare(model, clip(1), CLASSES, dict)
    assert (backend.counted_by, backend.macs(model)) == ("fitted shapes", {"linear": CLASSES * 60})
    for kind in ("plain", "torch"):
        backend, model = made(kind)
        assert backend.counted_by == "fvcore"
        with pytest.raises(NotImplementedError, match="is to be traced"):
            backend.macs(model)


def test_only_a_network_knows_how_long_it_trains():
    epochs = {kind: made(kind)[0].most_epochs(plugins.load(ref).model, plugins.load(ref).model.defaults)
              for kind, ref in KINDS.items()}  # fmt: skip
    assert epochs == {"plain": None, "torch": 20, "sklearn": None}
    assert Recipe().epochs == 40


@pytest.mark.parametrize("kind", ["plain", "sklearn"])
def test_only_a_network_goes_into_an_onnx_file(kind):
    backend, model = made(kind)
    with pytest.raises(PluginError, match="mine: only a TorchModel's network is exported to ONNX"):
        backend.onnx_network(model, "mine")
