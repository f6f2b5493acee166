"""A plugin's digest: what an edit of makes another model, and what does not."""

import shutil
import sys

import pytest
from file_plugins import written

from benchmark.models import plugins, source_digest
from benchmark.storage import places


@pytest.fixture(autouse=True)
def afresh():
    yield
    plugins.load.cache_clear()


def digest(reference):
    plugins.load.cache_clear()
    return plugins.load(reference).source


HELPERS = {
    "helper_mine": "from deeper import SCALE",
    "deeper": "SCALE = 1.0",
    "lazy": "SCALE = 1.0",
    "box__in____init__": "from . import inner",
    "box__in__inner": "SCALE = 1.0",
    "stranger": "SCALE = 1.0",
}
IMPORTS = "from helper_mine import SCALE\nimport box\ndef later():\n    import lazy"


@pytest.mark.parametrize("edited", ["helper_mine", "deeper", "lazy", "box/__init__", "box/inner"])
def test_an_edited_helper_is_another_model(tmp_path, edited):
    path = written(tmp_path, IMPORTS, **HELPERS)
    before = digest(path)
    assert digest(path) == before
    helper = tmp_path / f"{edited}.py"
    helper.write_text(helper.read_text() + "\n# edited\n")
    assert digest(path) != before


def test_what_is_not_imported_or_where_it_all_lies_makes_no_difference(tmp_path):
    path = written(tmp_path / "a", IMPORTS, **HELPERS)
    before = digest(path)
    (tmp_path / "a" / "stranger.py").write_text("SCALE = 2.0")
    assert digest(path) == before
    shutil.copytree(tmp_path / "a", tmp_path / "elsewhere" / "b")
    assert digest(str(tmp_path / "elsewhere" / "b" / "mine.py")) == before
    (tmp_path / "a" / "mine.py").rename(tmp_path / "a" / "renamed.py")
    assert digest(str(tmp_path / "a" / "renamed.py")) == before


def test_a_helper_of_a_computed_name_counts_once_it_is_imported(tmp_path):
    imports = "import importlib\nHELPER = importlib.import_module('.' + 'deep' + 'er', __package__)"
    path = written(tmp_path, imports, **HELPERS)
    before = digest(path)
    (tmp_path / "deeper.py").write_text("SCALE = 2.0")
    assert digest(path) != before


def test_a_helper_that_python_cannot_read_counts_all_the_same(tmp_path):
    path = written(tmp_path, "def later():\n    import lazy", lazy="def (:")
    before = digest(path)
    (tmp_path / "lazy.py").write_text("def :(")
    assert digest(path) != before


def test_declared_weights_are_part_of_it(tmp_path):
    path = tmp_path / "mine.py"
    written(tmp_path)
    path.write_text(path.read_text().replace("macs=1", "macs=1, weights=('w.bin',)"))
    (tmp_path / "w.bin").write_bytes(b"1")
    before = digest(str(path))
    (tmp_path / "w.bin").write_bytes(b"2")
    assert digest(str(path)) != before


def test_the_file_of_a_base_class_counts_wherever_it_lies(tmp_path, monkeypatch):
    (tmp_path / "lib").mkdir()
    base = tmp_path / "lib" / "a_base_of_mine.py"
    base.write_text("class Base:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path / "lib")
    written(tmp_path / "models", "from a_base_of_mine import Base")
    path = tmp_path / "models" / "mine.py"
    path.write_text(path.read_text().replace("Mine(Declaration)", "Mine(Declaration, Base)"))
    before = digest(str(path))
    base.write_text("class Base:\n    more = 1\n")
    assert digest(str(path)) != before
    sys.modules.pop("a_base_of_mine")


def test_an_installed_plugin_is_all_of_its_package(tmp_path, install):
    package = tmp_path / "lib" / "guest_package"
    written(package)
    (package / "mine.py").rename(package / "__init__.py")
    (package / "stranger.py").write_text("")
    install("guest_package_info", "", {"mine": "Mine"})
    points = tmp_path / "lib" / "guest_package_info-1.dist-info" / "entry_points.txt"
    points.write_text("[unheard.models]\nmine = guest_package:Mine\n")
    before = digest("mine")
    (package / "stranger.py").write_text("# edited")
    assert digest("mine") != before
    sys.modules.pop("guest_package")


def test_an_installed_plugin_of_single_modules_is_those_that_it_imports(tmp_path, install):
    written(tmp_path / "text", "from guest_helper import SCALE\nimport numpy")
    install("guest", (tmp_path / "text" / "mine.py").read_text(), {"mine": "Mine"})
    helper = tmp_path / "lib" / "guest_helper.py"
    helper.write_text("SCALE = 1.0")
    (tmp_path / "lib" / "stranger.py").write_text("SCALE = 1.0")
    before = digest("mine")
    (tmp_path / "lib" / "stranger.py").write_text("SCALE = 2.0")
    assert digest("mine") == before
    helper.write_text("SCALE = 2.0")
    assert digest("mine") != before
    sys.modules.pop("guest_helper")


def test_a_baseline_is_its_file_and_the_baselines_that_it_imports(tmp_path):
    """On a copy: the file is found through the class, and its package's other files beside it."""
    folder = tmp_path / "baselines"
    shutil.copytree(places.CHECKOUT / "baselines", folder)
    home = folder / "small_cnn.py"
    assert source_digest._of_baselines(home) == {home}
    home.write_text("from baselines.vit import Student\n" + home.read_text())
    (folder / "vit.py").write_text("from . import prior\n")
    assert source_digest._of_baselines(home) == {
        home,
        folder / "vit.py",
        folder / "prior.py",
        folder / "__init__.py",
    }


def test_models_of_one_file_have_one_digest_and_others_another():
    assert digest("vit-student") == digest("vit-teacher")
    assert digest("vit-student") != digest("small-cnn")
