"""Finding models by name and by file, and refusing what is none."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import optuna
import pytest
import runs
from outsider import BODY, HEAD, SPACE

from benchmark.execution import plan, request
from benchmark.models import backends, installation, plugins
from protocols import registry
from protocols.contract import SklearnModel
from protocols.errors import PluginError, RegistryError

TOY = Path(runs.TOY)


def test_a_model_by_name():
    plugin = plugins.load("mfcc-logreg")
    assert plugin.info.name == "mfcc-logreg"
    assert plugin.package.startswith("unheard ")
    assert list(plugin.space()) == ["C"]
    assert plugin.params(optuna.trial.FixedTrial({"C": 0.5})) == {"C": 0.5}


def test_a_model_by_path(written):
    plugin = plugins.load(str(TOY))
    assert (plugin.info.name, plugin.package) == ("toy", "")
    assert len(plugin.source) == 64
    other = plugins.load(written(TOY.read_text() + "# changed\n"))
    assert other.source != plugin.source


def test_an_unknown_name_gives_the_nearest():
    with pytest.raises(RegistryError, match=r"models: there is no 'mfcc-logred'\. Did you mean mfcc-logreg"):
        plugins.load("mfcc-logred")


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((HEAD, "1 / 0"), r"cannot be imported: ZeroDivisionError: division by zero"),
        ((HEAD, "def f(:"), r"cannot be imported: SyntaxError"),
        ((HEAD, "raise SystemExit(0)"), r"cannot be imported: SystemExit: 0"),
        ((HEAD,), r"exactly one model \(a class with `info`\); found none"),
        ((HEAD, BODY, BODY.replace("Outsider", "Second")), r"exactly one model .* found Outsider, Second"),
        ((HEAD, BODY.replace("info()", "'me'")), r"exactly one model .* found none"),
        ((HEAD, BODY.replace("info()", "info('Two Words')")), r"the name 'Two Words' must be lower case"),
        ((HEAD, BODY.replace("info()", "info('two/../words')")), r"the name 'two/../words' must be lower"),
        ((HEAD, BODY.replace("(SklearnModel)", "")), r"is no SklearnModel or TorchModel, and lacks fit"),
        ((HEAD, BODY.replace("1.0", "(1, 2)")), r"defaults must be what JSON can hold"),
        ((HEAD, BODY.replace("1.0", "object()")), r"defaults must be what JSON can hold"),
        ((HEAD, BODY.replace("1.0", "float('inf')")), r"defaults must be what JSON can hold"),
    ],
    ids=[
        "raises",
        "syntax",
        "exits",
        "no model",
        "two",
        "no info",
        "name",
        "name that leads elsewhere",
        "no methods",
        "tuple",
        "object",
        "infinity",
    ],
)
def test_a_file_that_is_no_model_is_refused(written, parts, message):
    path = written(*parts)
    with pytest.raises(PluginError, match=message) as error:
        plugins.load(path)
    assert path in str(error.value)


@pytest.mark.parametrize("extra", ["no.such.module", ".."])
def test_an_extra_that_cannot_even_be_looked_for_is_missing(written, extra):
    info = f"Info(name='a', version='1', title='t', summary='s', extra={extra!r})"
    assert "it needs the extra" in plugins.load(written(HEAD, BODY.replace("info()", info))).missing


def test_a_file_that_is_not_there():
    with pytest.raises(PluginError, match=r"nowhere\.py: there is no such file\. --model takes a name or"):
        plugins.load("nowhere.py")


def test_an_installed_model_that_cannot_be_imported(install):
    install("lost", "import nowhere", {"lost-model": "Lost"})
    words = (
        r"cannot be imported: ModuleNotFoundError: No module named 'nowhere'\. Repair or uninstall lost 1\."
    )
    with pytest.raises(PluginError, match=f"^lost-model: {words}$"):
        plugins.load("lost-model")
    good, bad = installation.models()
    assert "prior" in {plugin.info.name for plugin in good}
    assert re.fullmatch(words, bad["lost-model"])


def test_an_installed_model_that_cannot_be_searched_is_named_before_any_work(install):
    install("lost", HEAD + BODY + SPACE.replace("suggest_float", "suggest_flot"), {"outsider": "Outsider"})
    good, bad = installation.models()
    assert "prior" in {plugin.info.name for plugin in good}
    assert bad["outsider"].startswith("`space` fails: AttributeError: ")
    with pytest.raises(PluginError, match="outsider: `space` fails: AttributeError"):
        plan.make(request.Request(data="demo", models=["outsider"]))


@pytest.mark.parametrize("source", ["raise SystemExit(3)", "class Lost:\n    pass", "Lost = 3", ""])
def test_whatever_an_installed_model_is_the_others_stay(install, source):
    install("lost", source, {"lost-model": "Lost"})
    good, bad = installation.models()
    assert "prior" in {plugin.info.name for plugin in good}
    assert list(bad) == ["lost-model"]


def test_an_installed_model_must_have_the_name_of_its_entry_point(monkeypatch):
    entry = SimpleNamespace(dist=SimpleNamespace(name="guest", version="2.0"))
    prior = plugins.load("prior").model
    monkeypatch.setattr(registry, "entries", lambda _group: {"alias": entry})
    monkeypatch.setattr(registry, "load", lambda _group, _name: prior)
    with pytest.raises(PluginError, match="alias: its info says that its name is 'prior'"):
        plugins.load("alias")


def test_what_is_missing_is_the_extra(monkeypatch):
    plugin = plugins.load("egemaps-svm")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert plugin.missing == "it needs the extra: pip install 'unheard[egemaps]'"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    assert plugin.missing == ""


def test_make_gives_each_kind_its_own_training():
    toy: Any = backends.make(plugins.load(str(TOY)), 4, seed=1, device="cpu", params={"sharpness": 2.0})
    assert (toy.n_classes, toy.sharpness) == (4, 2.0)
    small = plugins.load("small-cnn")
    trainer = backends.make(small, 4, seed=1, device="cpu", params=dict(small.model.defaults))
    assert type(trainer).__name__ == "Trainer"
    logreg = plugins.load("mfcc-logreg")
    assert isinstance(backends.make(logreg, 4, seed=1, device="cpu", params={"C": 1.0}), SklearnModel)


TORCH = """
import torch
from protocols.contract import Augmentation, Features, Info, Recipe, TorchModel


class Net(TorchModel):
    info = Info(name="net", version="1", title="Net", summary="A net."{needs})

    @staticmethod
    def features(params):
        return Features(front_end="mfcc"{features})

    @staticmethod
    def recipe(params):
        return Recipe({recipe})

    @staticmethod
    def build(n_classes, channels, params):
        {build}
"""


def test_a_network_that_looks_at_numbers_is_counted_and_a_broken_one_is_named(tmp_path):
    from benchmark.cost import measure

    packed = (
        "class Packed(torch.nn.Module):\n"
        "            def __init__(self):\n"
        "                super().__init__()\n"
        "                self.gru = torch.nn.Linear(channels, n_classes)\n"
        "            def forward(self, x, lengths):\n"
        "                return self.gru(x[:, : int(lengths.max())]).mean(1)\n"
        "        return Packed()"
    )
    for name, build in (("packed", packed), ("broken", "return torch.nn.Linear(1, 1)")):
        source = TORCH.format(needs="", features="", recipe="", build=build).replace("net", name)
        (tmp_path / f"{name}.py").write_text(source)
    counted = measure.of_network(plugins.load(str(tmp_path / "packed.py")))
    assert counted.official.model == {"linear": 301 * 20 * 7}
    with pytest.raises(PluginError, match=r"broken: it fails on a clip of speech: TypeError: "):
        measure.of_network(plugins.load(str(tmp_path / "broken.py")))
