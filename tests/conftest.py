"""Fixtures for all tests: a cache of their own, and the real corpora where there are any."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmark.audio import torchaudio_stub
from benchmark.compute import local_processes, machine
from benchmark.models import backends

torchaudio_stub.install()  # before any test imports torchaudio
if "PYTEST_XDIST_WORKER" in os.environ:
    # Before any test imports torch: the workers share the cores.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

Install = Callable[[str, str, dict[str, str]], None]
Call = Callable[..., tuple[int, str, str]]

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
EXPECTED = "UNHEARD_EXPECT"  # what must be there for the tests: "browser", "corpora", both or none
# In a new environment librosa compiles for half a minute at its first call, and keeps that for all.
FIRST_CALL = (
    "import numpy; from benchmark.audio.augmentation import WAVE; WAVE['pitch'](numpy.ones(9999), 1, None)"
)
SHARED = Path(__file__).parents[2] / "shared" / "corpora"


def pytest_sessionstart() -> None:
    """What is expected and not there ends the session: its tests would be skipped, and nobody would know."""
    wanted = os.environ.get(EXPECTED, "").split()
    tools = [name for name in ("playwright", "axe_playwright_python") if not importlib.util.find_spec(name)]
    lacking = {
        "browser": ", ".join(tools) or ("" if any(map(shutil.which, BROWSERS)) else " or ".join(BROWSERS)),
        "corpora": "" if _real_folder() else "UNHEARD_DATA",
    }
    if strange := sorted(set(wanted) - set(lacking)):
        pytest.exit(f"{EXPECTED}: {strange[0]!r} is none of {', '.join(lacking)}", returncode=2)
    if absent := [f"{what} ({lacking[what]})" for what in wanted if lacking[what]]:
        pytest.exit(f"{EXPECTED} is {' '.join(wanted)}, but there is no {', no '.join(absent)}", returncode=2)
    networks_and_estimators = [name for _, backend in backends.KINDS for name in backend.imports]
    local_processes.preload(["benchmark.execution.fold", *networks_and_estimators])  # once a session


def pytest_configure(config: pytest.Config) -> None:
    """Where there are workers, what each would compile is compiled while they look for tests."""
    if config.getoption("numprocesses", None):
        compiling = subprocess.Popen([sys.executable, "-c", FIRST_CALL])
        config.add_cleanup(compiling.wait)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: many tests wait for processes that they have started."""
    return machine.cores() + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with many slow tests first: what is left for the workers to share at the end is quick."""
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: -slow[item.path])


def _real_folder() -> Path | None:
    named = os.environ.get("UNHEARD_DATA")
    folder = Path(named) if named else SHARED
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One cache for all tests, so that embedded corpora and features are made once.

    The workers of pytest-xdist share it, as two runs of the command line would: what is made there is made
    under a lock, and is whole or not there.
    """
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "cache"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNHEARD_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def as_in_a_worker() -> Iterator[None]:
    """One thread, and PyTorch as it was afterwards."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Call:
    """Runs a command line in this process: exit code, standard output, standard error, workers' included."""
    from benchmark.cli import main

    def run(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        try:
            code: Any = main.main([str(argument) for argument in arguments])
        except SystemExit as error:
            code = error.code
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return run


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a package of one module with models: `install(module, source, {name: class})`."""
    from benchmark.models import plugins
    from protocols import registry

    modules = []

    def forget() -> None:
        registry.entries.cache_clear()
        plugins.load.cache_clear()

    def install(module: str, source: str, models: dict[str, str]) -> None:
        info = tmp_path / "lib" / f"{module}-1.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1\n")
        lines = [f"{name} = {module}:{model}\n" for name, model in models.items()]
        (info / "entry_points.txt").write_text("[unheard.models]\n" + "".join(lines))
        (tmp_path / "lib" / f"{module}.py").write_text(source)
        monkeypatch.syspath_prepend(tmp_path / "lib")
        modules.append(module)
        forget()

    yield install
    for module in modules:
        sys.modules.pop(module, None)
    forget()


@pytest.fixture(scope="session")
def real_folder() -> Path | None:
    """The folder of the real corpora: UNHEARD_DATA, else a copy beside the checkout; None without one."""
    return _real_folder()


@pytest.fixture(scope="session")
def real_data(real_folder: Path | None) -> Path:
    """The folder of the real corpora; skips without one."""
    if real_folder is None:
        pytest.skip("no real corpora: set UNHEARD_DATA to the folder that holds them")
    return real_folder


@pytest.fixture(scope="module")
def known() -> Any:
    """All installed protocols, corpora and models, as pages need them."""
    from benchmark.ranking import catalogue

    return catalogue.read()


@pytest.fixture(scope="module")
def board(known: Any) -> Any:
    """Made-up records of two models, and their board."""
    import pairs

    return pairs.board(known)


@pytest.fixture(scope="module")
def results(board: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of these records."""
    import made_up
    import pairs

    with made_up.believed():
        yield pairs.results(board, tmp_path_factory.mktemp("records") / "results")


@pytest.fixture
def site() -> Iterator[Any]:
    """A web server on this machine, for the length of a test."""
    from serving import Site

    with Site() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which the test runs, without corpora of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("UNHEARD_DATA", raising=False)
    return tmp_path
