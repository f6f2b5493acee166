"""The folder of a site: what builds have made is replaced, whatever else lies there is kept."""

import os
import shutil
from contextlib import contextmanager
from functools import partial
from itertools import count

import dying
import made_up
import pytest
from reading import contents

from benchmark.storage import files
from benchmark.website import build, folder
from benchmark.website.pages import model
from protocols.errors import StoreError, UnheardError


@pytest.fixture(scope="module")
def made():
    return [*made_up.seeds("emodb-loso", "good", skill=0.9), *made_up.seeds("emodb-loso", "bad", skill=0.1)]


def test_a_failing_build_leaves_the_old_site_and_no_litter(tmp_path, known, made, monkeypatch):
    out = build.build(made[:1], tmp_path / "out", known=known).parent
    before = contents(out)
    monkeypatch.setattr(model, "context", lambda *_, **__: 1 / 0)
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
        StoreError, match=r"out: the site cannot be written: .* Name another folder: `site --out DIR`\."
    ):
        build.build([], tmp_path / "file" / "out", known=known)


# The folder without pages: what is made there, and by whom.

OLD = {"index.html": "old", "gone/below/a.html": "old", "stays.html": "old"}
NEW = {"index.html": "new", "stays.html": "new", "fresh/b.html": "new"}
OWN = {"CNAME": b"example.org", ".git/config": b"[core]", "gone/notes.txt": b"mine"}


def put(out, pages):
    """What a build does, without the pages."""
    with folder.locked(out), folder.replacing(out) as new:
        for name, text in pages.items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_text(text)


def add_own(out):
    for name, data in OWN.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(data)


def shown(out):
    """What lies in the folder, but for the list."""
    return {name: data for name, data in contents(out).items() if name != folder.LIST}


def as_bytes(pages):
    return {name: text.encode() for name, text in pages.items()}


def test_what_no_build_has_made_is_kept(tmp_path):
    out = tmp_path / "out"
    put(out, OLD)
    add_own(out)
    put(out, NEW)
    assert shown(out) == {**as_bytes(NEW), **OWN}
    assert not (out / "gone/below").exists()
    assert folder.whole(out)


@pytest.mark.parametrize("there", [True, False])
def test_an_empty_folder_is_filled_and_a_link_to_it_stays(tmp_path, there):
    if there:
        (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to("disk")
    for pages in (OLD, NEW):
        put(tmp_path / "out", pages)
        assert shown(tmp_path / "disk") == as_bytes(pages)
    assert (tmp_path / "out").is_symlink()


@pytest.mark.parametrize("name", ["notes.txt", ".git/config", "index.html"])
def test_a_folder_that_no_build_has_made_is_left_alone(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(f"not ours, though it says {folder.MARK}" if "html" in name else "not ours")
    before = contents(tmp_path)
    for _ in range(2):
        with pytest.raises(UnheardError, match=r"a site without the list|holds files that are not a site"):
            put(tmp_path, NEW)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"files": 1, "whole": true}', '{"files": ["../thesis.tex"], "whole": true}',
     '{"files": [".git/config"], "whole": true}', '{"files": ["TMP/thesis.tex"], "whole": true}',
     '{"files": [""], "whole": true}', "[" * 10**5, r'{"files": ["a\u0000"], "whole": true}'],
)  # fmt: skip
def test_a_damaged_or_hostile_list_gives_no_right_to_write_or_to_remove(tmp_path, text):
    out = tmp_path / "out"
    put(out, OLD)
    (tmp_path / "thesis.tex").write_text("years of work")
    (out / folder.LIST).write_text(text.replace("TMP", str(tmp_path)))
    before = contents(tmp_path)
    with pytest.raises(UnheardError, match="holds files that are not a site"):
        put(out, NEW)
    assert contents(tmp_path) == before
    assert not folder.whole(out)


@pytest.mark.parametrize("make", [lambda path: path.symlink_to(path.parents[1] / "list"), os.mkfifo])
def test_a_list_that_is_a_link_or_a_pipe_is_none_of_ours(tmp_path, make):
    out = tmp_path / "out"
    put(out, OLD)
    (out / folder.LIST).rename(tmp_path / "list")
    make(out / folder.LIST)
    with pytest.raises(UnheardError, match="holds files that are not a site"):
        put(out, NEW)


def own_file(out):
    (out / "fresh").mkdir()
    (out / "fresh/b.html").write_text("mine")


def own_folder(out):
    (out / "fresh/b.html").mkdir(parents=True)


def file_for_a_folder(out):
    (out / "fresh").write_text("mine")


def link_for_a_page(out):
    (out / "stays.html").unlink()
    (out / "stays.html").symlink_to(out.parent / "elsewhere/a.html")


def folder_for_a_page(out):
    (out / "stays.html").unlink()
    (out / "stays.html").mkdir()


def link_for_a_folder(out):
    shutil.rmtree(out / "gone")
    (out / "gone").symlink_to(out.parent / "elsewhere")


@pytest.mark.parametrize(
    "change", [own_file, own_folder, file_for_a_folder, folder_for_a_page, link_for_a_page, link_for_a_folder]
)
def test_what_is_in_the_way_is_named_and_nothing_is_changed(tmp_path, change):
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    (elsewhere / "below").mkdir(parents=True)
    (elsewhere / "a.html").write_text("not ours")
    (elsewhere / "below/a.html").write_text("not ours")
    put(out, OLD)
    change(out)
    before = contents(tmp_path)
    with pytest.raises(UnheardError, match=r"(fresh|fresh/b\.html|stays\.html|gone): is in the way"):
        put(out, NEW)
    assert contents(tmp_path) == before


def test_killed_before_any_step_nothing_of_others_is_lost_and_the_next_build_is_whole(tmp_path):
    for step in count(1):
        out = tmp_path / str(step)
        put(out, OLD)
        add_own(out)
        if not dying.dies(partial(put, out, NEW), step=step):
            break
        assert {name: data for name, data in contents(out).items() if name in OWN} == OWN
        if (out / "index.html").read_text() == "new":  # it leads only to what is there
            assert as_bytes(NEW).items() <= contents(out).items()
        if folder.whole(out):
            left = {name: data for name, data in shown(out).items() if not name.startswith(files.PART)}
            assert left in ({**as_bytes(OLD), **OWN}, {**as_bytes(NEW), **OWN})
            assert left != {**as_bytes(NEW), **OWN} or not list(out.glob(f"{files.PART}*"))
        put(out, NEW)
        assert shown(out) == {**as_bytes(NEW), **OWN}
        assert not list(out.rglob(f"{files.PART}*"))
    assert step > 15


def test_a_first_build_that_was_killed_is_no_strange_folder(tmp_path):
    for step in count(1):
        out = tmp_path / str(step)
        if not dying.dies(partial(put, out, NEW), step=step):
            break
        put(out, NEW)
        assert shown(out) == as_bytes(NEW)
    assert step > 15


def test_a_first_build_that_fails_leaves_no_folder(tmp_path):
    with pytest.raises(ZeroDivisionError), folder.replacing(tmp_path / "out"):
        _ = 1 / 0
    assert not list(tmp_path.iterdir())
    (tmp_path / "empty").mkdir()
    with pytest.raises(ZeroDivisionError), folder.replacing(tmp_path / "empty"):
        _ = 1 / 0
    assert not list((tmp_path / "empty").iterdir())


def test_a_folder_has_one_lock_by_whatever_name(tmp_path, monkeypatch):
    locks = []

    @contextmanager
    def lock(path):
        locks.append(path)
        yield

    monkeypatch.setattr(folder.files, "lock", lock)
    (tmp_path / "link").symlink_to("out")
    for name in ("out", "link", "other"):
        with folder.locked(tmp_path / name):
            pass
    assert locks[0] == locks[1] != locks[2]


def test_builds_at_once_leave_one_of_them_whole(tmp_path):
    out, many = tmp_path / "out", [{**NEW, "index.html": str(n), f"only-{n}": ""} for n in range(3)]
    dying.at_once(*(partial(put, out, pages) for pages in many))
    assert shown(out) in [as_bytes(pages) for pages in many]
    assert folder.whole(out)


def test_a_site_whose_page_is_gone_is_not_whole(tmp_path):
    put(tmp_path / "out", NEW)
    (tmp_path / "out/fresh/b.html").unlink()
    assert not folder.whole(tmp_path / "out")
