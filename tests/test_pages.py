"""The pages of the documentation: what their code blocks do, and the site that is built of them."""

import os
import re
import site
import subprocess
import sys

import documents
import made_up
import pairs
import pytest
from import_graph import ROOT

from benchmark.cli import main
from protocols import registry

PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
BLOCKS = {path: documents.blocks(path.read_text(encoding="utf-8")) for path in PAGES}
RUNS = [path for path, found in BLOCKS.items() if any(each.language in ("python", "sh") for each in found)]


def name(path):
    return path.stem


@pytest.fixture
def install(here, monkeypatch):
    """Installs a folder's package, which this test alone finds."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    quiet = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation")

    def run(folder):
        command = [sys.executable, "-m", "pip", "install", *quiet, "--target", here / "lib", "-e", folder]
        subprocess.run(command, check=True)
        site.addsitedir(str(here / "lib"))
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))  # of workers
        registry.entries.cache_clear()

    yield run
    registry.entries.cache_clear()


@pytest.fixture
def records(here):
    """The folder `results` that pages speak of: two made-up models on SAVEE."""
    for model, skill in (("good", 0.9), ("bad", 0.3)):
        for seed, made in enumerate(made_up.seeds("savee-loso", model, skill=skill)):
            pairs.write(here / "results", made, seed)
    with made_up.believed():
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("records")
@pytest.mark.parametrize("page", RUNS, ids=name)
def test_the_blocks_of_a_page_do_what_it_says(page, call, install):
    session = documents.Session(page, call, install)
    for block in BLOCKS[page]:
        session.do(block)


@pytest.mark.slow
@pytest.mark.usefixtures("records")
def test_the_notebook_draws_the_board(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    cells = documents.cells((ROOT / "examples/board.ipynb").read_text(encoding="utf-8"))
    names = {}
    for cell in cells:
        exec(cell, names)
    assert names["best"] == "good"
    assert names["plt"].get_fignums() == [1, 2, 3]
    names["plt"].close("all")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_command_is_one_that_there_is(page):
    """Its verb and flags are known; words such as DIR stand for a reader's own."""
    for arguments in documents.commands(page.read_text(encoding="utf-8")):
        main.parser().parse_args(arguments)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The site, built without a warning: its pages by name."""
    out = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", out]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {
        path.relative_to(out).as_posix(): path.read_text(encoding="utf-8") for path in out.rglob("*.html")
    }


@pytest.mark.slow
def test_every_document_has_a_page(pages):
    assert {f"{path.stem}.html" for path in (ROOT / "docs").glob("*.md")} <= set(pages)
    assert {"index.html", "contributing.html", "changelog.html", "board.html"} <= set(pages)


@pytest.mark.slow
def test_a_page_asks_no_other_host(pages):
    loads = r"<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)=[\"']?(?:https?:)?//[^>]*>"
    assert {name: re.findall(loads, text) for name, text in pages.items() if re.search(loads, text)} == {}


@pytest.mark.slow
def test_lists_are_lists(pages):
    """Markdown as code hosts read it has lists that MkDocs takes for the paragraph above."""
    taken = r"<p>[^<]*(?:<(?!/?p\b)[^>]*>[^<]*)*?\n *(?:[-*] |\d+\. |\| )"
    assert [name for name, text in pages.items() if re.search(taken, text)] == []
