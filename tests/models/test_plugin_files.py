"""Plugins that are files: what they import from beside them, and in which processes they can be imported."""

import multiprocessing
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import runs
from file_plugins import written

from benchmark.models import plugin_files, plugins
from protocols.errors import PluginError


@pytest.fixture(autouse=True)
def afresh():
    yield
    plugins.load.cache_clear()


def module(reference):
    return sys.modules[plugins.load(reference).model.__module__]


@pytest.mark.parametrize(
    "imports",
    [
        "import helper_mine\nSCALE = helper_mine.SCALE",
        "import helper_mine as h\nSCALE = h.SCALE",
        "from helper_mine import SCALE",
        "from .helper_mine import SCALE",
        "from . import helper_mine\nSCALE = helper_mine.SCALE",
        "import importlib\nSCALE = importlib.import_module('.helper_mine', __package__).SCALE",
        "import box.inner\nSCALE = box.inner.SCALE",
        "import box.inner as inner\nSCALE = inner.SCALE",
        "from box import inner\nSCALE = inner.SCALE",
        "from box.inner import SCALE",
    ],
)
@pytest.mark.parametrize("initialised", [True, False])
def test_a_plugin_imports_what_lies_beside_it(tmp_path, imports, initialised):
    files = {"box__in____init__": ""} if initialised else {}
    inner = "from helper_mine import SCALE"
    path = written(tmp_path, imports, helper_mine="SCALE = 3.0", box__in__inner=inner, **files)
    assert module(path).SCALE == 3.0
    assert "helper_mine" not in sys.modules
    assert str(tmp_path) not in sys.path


def test_two_plugins_helpers_of_one_name_are_two_modules(tmp_path):
    imports = "import shared_name\ndef later():\n    import shared_name as late\n    return late.SCALE"
    first = written(tmp_path / "a", imports, shared_name="SCALE = 1.0")
    second = written(tmp_path / "b", imports, shared_name="SCALE = 2.0")
    one, two = module(first), module(second)
    assert (one.shared_name.SCALE, two.shared_name.SCALE) == (1.0, 2.0)
    assert (one.later(), two.later()) == (1.0, 2.0)


def test_a_helper_beside_wins_over_an_installed_one_but_not_over_python_or_this_project(tmp_path):
    imports = "import skops, json, protocols.contract as contract"
    path = written(tmp_path, imports, skops="HERE = 1", json="HERE = 1", protocols="HERE = 1")
    mine = module(path)
    assert mine.skops.HERE == 1
    assert not hasattr(mine.json, "HERE")
    assert contract_of(mine) is sys.modules["protocols.contract"]


def contract_of(mine):
    return mine.contract


def test_an_installed_package_wins_over_a_folder_that_is_none(tmp_path):
    (tmp_path / "skops").mkdir()
    assert module(written(tmp_path, "import skops")).skops.__file__.endswith("skops/__init__.py")


def test_a_helper_may_import_the_plugin(tmp_path):
    path = written(
        tmp_path,
        "import helper_mine\nSCALE = 2",
        helper_mine="def scale():\n    import mine\n    return mine",
    )
    mine = module(path)
    assert mine.helper_mine.scale() is mine


def test_an_edit_within_the_same_second_is_seen(tmp_path):
    path = written(tmp_path, "from helper_mine import SCALE", helper_mine="SCALE = 1.0")
    assert module(path).SCALE == 1.0
    plugins.load.cache_clear()
    written(tmp_path, "from helper_mine import SCALE", helper_mine="SCALE = 2.0")
    assert module(path).SCALE == 2.0
    assert not list(tmp_path.rglob("__pycache__"))


def test_a_helper_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PluginError, match=r"mine\.py: cannot be imported: ModuleNotFoundError: .*no_helper"):
        plugins.load(written(tmp_path, "import no_helper"))


def test_a_path_with_dots_and_percent_signs(tmp_path):
    path = written(tmp_path / "v1.0 %2E", "from helper_mine import SCALE", helper_mine="SCALE = 1")
    assert module(path).SCALE == 1
    assert plugins.load(path).model.__module__.count(".") == plugin_files.__name__.count(".") + 1


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_any_process_can_import_a_plugin_by_its_modules_name(tmp_path, method):
    """What a child process does first: look up a function by module and name."""
    path = written(tmp_path, "from helper_mine import square", helper_mine="def square(i): return i * i")
    script = tmp_path / "script.py"
    script.write_text(
        "import multiprocessing, sys\n"
        "from benchmark.models import plugins\n"
        "if __name__ == '__main__':\n"
        f"    square = sys.modules[plugins.load({path!r}).model.__module__].square\n"
        f"    with multiprocessing.get_context({method!r}).Pool(2) as pool:\n"
        "        print(pool.map_async(square, range(4)).get(60))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(script)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.stdout == "[0, 1, 4, 9]\n", done.stderr


def test_a_plugins_class_survives_pickling_into_a_bare_process(tmp_path):
    path = written(tmp_path, "import helper_mine", helper_mine="class Thing: pass")
    mine = module(path)
    (tmp_path / "pickled").write_bytes(pickle.dumps((mine.Mine, mine.helper_mine.Thing())))
    code = f"import pickle; print(pickle.load(open({str(tmp_path / 'pickled')!r}, 'rb'))[0].info.name)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "mine\n", done.stderr


POOL = """from __future__ import annotations
import numpy as np
from multiprocessing import Pool
from protocols.contract import Declaration, Features, FitInfo, Info
def square(i): return i * i
class PoolModel(Declaration):
    \"\"\"Fits with a pool of processes.\"\"\"
    info = Info(name="pool-model", version="1", title="P", summary="x.", deterministic=True, macs=1)
    defaults = {}
    @staticmethod
    def features(params): return Features(front_end="mfcc", functionals=("mean", "std"))
    @staticmethod
    def space(trial): return {}
    def __init__(self, n_classes, *, seed, device): self.n = n_classes
    def fit(self, train, validation=None, *, epochs=None, report=None, context=None):
        with Pool(2) as pool: assert pool.map(square, range(4)) == [0, 1, 4, 9]
        self.p = (np.bincount(train.labels, minlength=self.n) + 1) / (len(train) + self.n)
        return FitInfo()
    def predict_proba(self, clips): return np.tile(self.p, (len(clips), 1))
"""


@pytest.mark.slow
def test_a_model_may_fit_with_a_pool_of_processes(tmp_path):
    (tmp_path / "pool_model.py").write_text(POOL)
    done = runs.command("check", "pool_model.py", cwd=tmp_path)
    assert "rules hold" in done.stdout, done.stderr
    assert "BROKEN" not in done.stdout
    assert done.returncode == 0


def test_a_plugin_may_import_torchaudio(tmp_path):
    """In a process where nobody else has made it importable beside a torch without CUDA."""
    path = written(tmp_path, "import torchaudio")
    code = f"from benchmark.models import plugins; print(plugins.load({path!r}).info.name)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout == "mine\n", done.stderr
