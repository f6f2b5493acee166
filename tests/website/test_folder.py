"""The folder of a site: replaced whole, and only where it is one."""

import made_up
import pytest
from reading import contents

from benchmark.website import build
from benchmark.website.pages import model
from protocols.errors import StoreError, UnheardError


@pytest.fixture(scope="module")
def made():
    return [*made_up.seeds("emodb-loso", "good", skill=0.9), *made_up.seeds("emodb-loso", "bad", skill=0.1)]


def test_a_failing_build_leaves_the_old_site_and_no_litter(tmp_path, known, made, monkeypatch):
    out = build.build(made[:1], tmp_path / "out", known=known).parent
    before = contents(out)
    monkeypatch.setattr(model, "context", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        build.build(made, out, known=known)
    assert contents(out) == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_new_site_replaces_the_old_one_whole(tmp_path, known, made):
    out = build.build(made, tmp_path / "out", known=known).parent
    build.build(made[:1], out, known=known)
    assert not (out / "derived/model/bad.html").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_is_not_a_site_is_never_replaced(tmp_path, known):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(UnheardError, match="holds files that are not a site"):
        build.build([], tmp_path, known=known)
    with pytest.raises(UnheardError, match="a file, not a folder"):
        build.build([], tmp_path / "thesis.tex", known=known)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_a_place_that_cannot_be_written_is_named(tmp_path, known):
    (tmp_path / "file").touch()
    with pytest.raises(
        StoreError, match=r"out: the site cannot be written: .* Name another folder with --out"
    ):
        build.build([], tmp_path / "file" / "out", known=known)
