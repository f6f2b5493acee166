"""What the contract has words for and nobody carries out, and the words of its first version."""

import re

import pytest

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
