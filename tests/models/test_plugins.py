"""Finding models by name and by file, and refusing what is none."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import optuna
import pytest
import runs

from benchmark.execution import plan, request
from benchmark.models import backends, installation, plugins
from protocols import registry
from protocols.contract import SklearnModel
from protocols.errors import PluginError, RegistryError

TOY = Path(runs.TOY)

HEAD = """
from protocols.contract import Features, Info, SklearnModel

def info(name="outsider"):
    return Info(name=name, version="1", title="t", summary="s")
"""
BODY = """
class Outsider(SklearnModel):
    info = info()
    defaults = {"a": 1.0}

    @staticmethod
    def features(params):
        return Features(front_end="mfcc", functionals=("mean",))
"""


@pytest.fixture
def written(tmp_path):
    def write(*parts, name="outsider.py"):
        path = tmp_path / name
        path.write_text("\n".join(parts))
        return str(path)

    return write


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


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ("version=1", r"Info: Expected `str`, got `int` - at `version`"),
        ("title='\\ud800'", r"Info: .*surrogates not allowed"),
        ("deterministic='no'", r"Info: Expected `bool`, got `str` - at `deterministic`"),
        ("pretraining=('librispeech')", r"Info: Expected `array`, got `str` - at `pretraining`"),
        ("needs={'teacher': 3}", r"Info: Expected `str`, got `int` - at `needs"),
        ("macs=1e6", r"Info: Expected `int \| null`, got `float` - at `macs`"),
        ("macs=2**60", r"Info: the integer 1152921504606846976 is beyond 2\^53"),
    ],
)
def test_what_a_record_could_not_give_back_is_refused_at_once(written, declared, message):
    fields = f"Info(**{{'name': 'a', 'version': '1', 'title': 't', 'summary': 's'}} | dict({declared}))"
    path = written(HEAD, BODY.replace("info()", fields))
    with pytest.raises(PluginError, match=re.escape(path) + ": " + message):
        plugins.load(path)


@pytest.mark.parametrize("default", ["2**60", "10**400", "'\\ud800'", "np.float64(1)", "np.int64(1)"])
def test_a_default_that_a_record_could_not_give_back_is_refused_at_once(written, default):
    path = written("import numpy as np", HEAD, BODY.replace("1.0", default))
    with pytest.raises(PluginError, match="defaults must be what JSON can hold"):
        plugins.load(path)


def test_defaults_are_a_mapping(written):
    with pytest.raises(PluginError, match="defaults must be what JSON can hold"):
        plugins.load(written(HEAD, BODY.replace('{"a": 1.0}', "None")))


def test_what_is_searched_only_sometimes_needs_a_default_too(written):
    space = """
    @staticmethod
    def space(trial):
        a = trial.suggest_float("a", 0.1, 10.0)
        return {"a": a} if a < 5 else {"a": a, "b": a / 2}
"""
    plugin = plugins.load(written(HEAD, BODY, space))
    plugin.space()
    with pytest.raises(PluginError, match="outsider: `space` gives 'b', which has no default"):
        plugin.params(optuna.trial.FixedTrial({"a": 6.0}))


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


SPACE = """
    @staticmethod
    def space(trial):
        return {"b": trial.suggest_float("b", 0.0, 1.0)}
"""


def test_every_searched_parameter_needs_a_default(written):
    plugin = plugins.load(written(HEAD, BODY + SPACE))
    with pytest.raises(PluginError, match=r"outsider: every searched parameter needs a default .*'b'"):
        plugin.space()


@pytest.mark.filterwarnings("default")
def test_a_default_lies_within_its_range(written):
    plugin = plugins.load(written(HEAD, BODY.replace("1.0", "2.0") + SPACE.replace('"b"', '"a"')))
    with pytest.raises(PluginError, match=r"needs a default within its range: The value 2\.0 .*'a'"):
        plugin.space()


@pytest.mark.parametrize(
    "changing",
    ['"mfcc", options={"n_mfcc": int(params["a"])}', '"mfcc", seconds=params["a"]'],
    ids=["options", "length"],
)
def test_a_front_end_may_not_change_with_a_searched_parameter(written, changing):
    body = BODY.replace('"mfcc"', changing).replace('functionals=("mean",)', "functionals=()")
    plugin = plugins.load(written(HEAD, body, SPACE.replace('"b"', '"a"').replace("0.0, 1.0", "1.0, 9.0")))
    with pytest.raises(PluginError, match="outsider: the front end changes with a searched parameter"):
        plugin.params(optuna.trial.FixedTrial({"a": 7.0}))


def test_only_a_clips_level_may_be_searched_of_a_front_end(written):
    body = BODY.replace('functionals=("mean",)', 'level=params["a"]').replace('{"a": 1.0}', '{"a": "kept"}')
    space = """
    @staticmethod
    def space(trial):
        return {"a": trial.suggest_categorical("a", ["kept", "removed"])}
"""
    plugin = plugins.load(written(HEAD, body, space))
    plugin.space()
    for level in ("kept", "removed"):
        assert [each.level for each in plugin.features_with({"a": level})] == [level]


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
CHANGED = ", augmentation=(Augmentation('gain', 0, 3),)"


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"features": CHANGED}, "net.py: `copies` and `augmentation` go together"),
        ({"features": ", copies=2"}, "net.py: `copies` and `augmentation` go together"),
        ({"features": f", copies=-1{CHANGED}"}, "net.py: `copies` and `augmentation` go together"),
        (
            {"features": ", copies=1, augmentation=(Augmentation('louder', 0, 3),)"},
            "there is no augmentation 'louder'",
        ),
        ({"features": ", colour=1"}, "net.py: `features` fails: TypeError"),
        ({"recipe": "schedule='cosin'"}, "net.py: there is no schedule 'cosin'; known: constant, cosine"),
        ({"recipe": "optimiser='sgd'"}, "net.py: there is no optimiser 'sgd'; known: adam, adamw"),
        (
            {"recipe": "augmentation=(Augmentation('gain', 0, 3),)"},
            "there is no augmentation 'gain' here; known: time-mask",
        ),
        ({"recipe": "epochs=0"}, "a recipe has at least one epoch"),
        ({"recipe": "batch_size=0"}, "and one clip a batch"),
        ({"recipe": "distillation=1.0"}, "distillation needs a teacher"),
        ({"recipe": "distillation_epochs=2"}, "has epochs of distillation alone, and no distillation"),
        (
            {"needs": ", needs={'teacher': 'vit-teacher'}", "recipe": "distillation=1.0, mixup=0.2"},
            "mixup and distillation do not go together",
        ),
        ({"recipe": "lr=1"}, "net.py: `recipe` fails: TypeError"),
        ({"recipe": "epochs='2'"}, "net.py: Recipe: Expected `int`, got `str` - at `epochs`"),
        ({"recipe": "augmentation=Augmentation('gain', 0, 3)"}, "net.py: Recipe: Expected `array`"),
        ({"recipe": ") and dict("}, "net.py: gives a dict where its Recipe belongs"),
        ({"features": ", seconds='3'"}, "net.py: "),
        ({"features": ", seconds=0.0"}, "net.py: clips of 0 seconds; give more than 0, or None"),
        ({"features": ", seconds=float('nan')"}, "net.py: clips of nan seconds"),
        (
            {"features": ", copies=1, augmentation=(Augmentation('gain', 'a', 3),)"},
            "net.py: Features: Expected `float`",
        ),
        ({"features": ", options={'n_mfcc': __import__('numpy').int64(13)}"}, "numpy.int64 is unsupported"),
        (
            {"features": "), Features(front_end='pitch', options={'hop': 320}"},
            "mfcc and pitch have the hops 160 and 320: front ends with different hops would come side",
        ),
        (
            {"features": "), Features(front_end='pich'"},
            "there is no front end 'pich'; known: byol-s, ",
        ),
        ({"features": "), ('pitch'"}, "net.py: gives a str where its Features belongs"),
    ],
)
def test_what_a_network_declares_is_looked_at(tmp_path, parts, message):
    path = tmp_path / "net.py"
    path.write_text(TORCH.format(**{"needs": "", "features": "", "recipe": "", "build": "pass", **parts}))
    with pytest.raises(PluginError) as error:
        plugins.load(str(path))
    assert message in str(error.value)


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
