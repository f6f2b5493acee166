"""Records that hold, to be doctored: one that the real engine made once, and one that is made in a moment."""

import shutil
from pathlib import Path

import honest
import pytest

from benchmark.cli.main import main
from benchmark.storage import files

PLACE = Path("synthetic") / "emodb-loso" / "mfcc-logreg" / "seed-0.json"


@pytest.fixture(scope="session")
def good(cache):
    """The results folder of one run on an embedded corpus; the workers of pytest-xdist share it."""
    folder = cache.with_name("a good record")
    folder.mkdir(exist_ok=True)
    wanted = ["--data", "demo", "--corpus", "emodb", "--model", "mfcc-logreg"]
    with pytest.MonkeyPatch.context() as patch, files.lock(folder / ".lock"):
        patch.chdir(folder)  # where the site goes
        if not (folder / "results" / PLACE).exists():
            assert main(["run", *wanted, "--jobs", "1", "--results", str(folder / "results")]) == 0
    return folder / "results"


@pytest.fixture
def results(good, tmp_path):
    """A copy of it, to be doctored."""
    return Path(shutil.copytree(good, tmp_path / "results"))


@pytest.fixture
def record(results):
    return results / PLACE


@pytest.fixture
def drawn(tmp_path):
    """A record of a model that is not installed, whose predictions were drawn."""
    return honest.write(tmp_path / "drawn")
