"""What the contract has words for and nobody carries out, and the words of its first version."""

import re

import optuna
import pytest
from outsider import BODY, HEAD, SPACE

from benchmark.models import old_words, plugins
from protocols.errors import PluginError

NET = """
import torch
from protocols.contract import Augmentation, Features, Info, Recipe, TorchModel

class Net(TorchModel):
    info = Info(name="net", version="1", title="Net", summary="A net."{info})
    {body}

    @staticmethod
    def features(params):
        return Features(front_end="mfcc"{features})

    @staticmethod
    def recipe(params):
        return Recipe({recipe})

    @staticmethod
    def build(n_classes, channels, params):
        return torch.nn.Linear(channels, n_classes)
"""


def load(tmp_path, **parts):
    path = tmp_path / "net.py"
    path.write_text(NET.format(**{"info": "", "features": "", "recipe": "", "body": "", **parts}))
    return plugins.load(str(path))


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            {"recipe": "ema=1.0"},
            r"Recipe\.ema=1 is no decay of an average; give 0 \(off\), or more, but less",
        ),
        ({"recipe": "betas=(0.9, 1.0)"}, r"Recipe\.betas=\(0\.9, 1\.0\); give two numbers, from 0 to below"),
        ({"recipe": "copies='some'"}, r"Recipe: Invalid enum value \'some\'"),
        (
            {"info": ", enrolment='own'"},
            r'Info\.enrolment="own" is for models with their own `fit`, which see',
        ),
        ({"info": ", enrolment='all'"}, r"Info: Invalid enum value 'all'"),
        ({"info": ", fit_minutes=2.5"}, r"declares Info\.fit_minutes=2\.5, which .* does not yet carry out"),
        ({"info": ", stackable='yes'"}, r"Info: Expected `bool`, got `str` - at `stackable`"),
    ],
)
def test_what_is_not_carried_out_is_refused(tmp_path, parts, message):
    with pytest.raises(PluginError, match=message) as error:
        load(tmp_path, **parts)
    assert str(error.value).startswith(str(tmp_path / "net.py"))


def test_stackable_and_weights_are_taken(tmp_path):
    (tmp_path / "w.pt").write_bytes(b"weights")
    assert load(tmp_path, info=", stackable=False, weights=('w.pt',)").info.stackable is False


@pytest.mark.parametrize("name", ["w.pt", "folder", "/etc/hostname"])
def test_weights_are_files_beside_the_models_own(tmp_path, name):
    (tmp_path / "folder").mkdir()
    message = f"net.py: its weights '{name}' are no file in {tmp_path}. Give their path from the file"
    with pytest.raises(PluginError, match=re.escape(message)):
        load(tmp_path, info=f", weights=({name!r},)")


@pytest.mark.parametrize(
    ("parts", "old"),
    [
        ({"features": ", views=2"}, "views"),
        ({"features": ", changes=()"}, "changes"),
        ({"features": ", augmentation=(Augmentation('noise', 0, 9, chance=0.5),)"}, "chance"),
        ({"recipe": "changes=()"}, "changes"),
        ({"recipe": "matching=1.0"}, "matching"),
        ({"recipe": "matching_epochs=3"}, "matching_epochs"),
        ({"info": ", multiply_adds=3"}, "multiply_adds"),
    ],
)
def test_a_word_of_the_first_version_gives_the_new_one(tmp_path, parts, old):
    message = rf"unexpected keyword argument '{old}'\. `{old}` is now called `{old_words.RENAMED[old]}` \(con"
    with pytest.raises(PluginError, match=message):
        load(tmp_path, **parts)


def test_an_unknown_word_that_was_never_there_has_no_new_one(tmp_path):
    with pytest.raises(PluginError, match=r"unexpected keyword argument 'colour'$"):
        load(tmp_path, features=", colour=1")


def test_an_argument_of_fit_gives_the_new_word(tmp_path):
    body = "def fit(self, train, valid=None, *, epochs=None, report=None, context=None): pass"
    message = r"the argument `valid` of fit is now called `validation` \(contract, version 2\)"
    with pytest.raises(PluginError, match=message):
        load(tmp_path, body=body)


@pytest.mark.parametrize(("old", "new"), [("Clips", "ClipBatch"), ("Change", "Augmentation")])
def test_an_old_import_gives_the_new_word(tmp_path, old, new):
    path = tmp_path / "old.py"
    path.write_text(f"from protocols.contract import {old}")
    with pytest.raises(PluginError, match=f"cannot be imported: ImportError: .*{old} is now called {new}"):
        plugins.load(str(path))


def test_an_installed_old_plugin_gets_the_new_word_too(install):
    text = NET.format(info=", multiply_adds=3", features="", recipe="", body="")
    install("old_guest", text, {"net": "Net"})
    with pytest.raises(PluginError, match=r"^net: .*'multiply_adds'.* `multiply_adds` is now called `macs`"):
        plugins.load("net")


@pytest.mark.parametrize("name", ["speaker", "ssl"])
def test_a_frozen_network_is_no_training_from_scratch(tmp_path, name):
    path = tmp_path / "net.py"
    path.write_text(NET.format(info="", features="", recipe="", body="").replace("mfcc", name))
    with pytest.raises(PluginError, match=f"its front end '{name}' is a network that was trained on outside"):
        plugins.load(str(path))


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
