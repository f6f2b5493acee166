"""What an installed model declares is kept, and believed while nothing has changed."""

import os

import pytest

from benchmark.execution import record_key, request
from benchmark.models import installation, plugins
from benchmark.storage import canonical, places
from protocols import folds, registry

SOURCE = """
from baselines.prior import Prior
import dataclasses

class Mine(Prior):
    info = dataclasses.replace(Prior.info, name="mine", version="1")
"""


@pytest.fixture
def kept(monkeypatch, tmp_path):
    """An empty cache."""
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "models-declared"


def everything(plugin):
    """All that a plan looks at, as text: 1 and 1.0 are two things there."""
    protocol = folds.load("savee-loso")
    key = record_key.key(plugin, protocol, copy_digest="", budget=request.DEMO, seed=0)
    return canonical.line(
        [key, repr(plugin.info), repr(plugin.features), plugin.teacher, plugin.missing, plugin.package]
    ), plugin.backend


@pytest.mark.usefixtures("kept")
def test_what_is_kept_is_what_the_class_declares(monkeypatch):
    names = registry.names("models")
    declared = {name: everything(installation.find(name)) for name in names}
    with monkeypatch.context() as patch:
        patch.setattr(plugins, "load", lambda reference: pytest.fail(f"{reference} is imported"))
        assert {name: everything(installation.find(name)) for name in names} == declared
    assert installation.find("prior").model is plugins.load("prior").model


def found_again(name, monkeypatch):
    """Whether the model is imported anew."""
    plugins.load.cache_clear()
    loaded, load = [], plugins.load
    with monkeypatch.context() as patch:
        patch.setattr(plugins, "load", lambda reference: loaded.append(reference) or load(reference))
        installation.find(name)
    return bool(loaded)


def test_a_change_of_anything_that_decides_it_makes_it_found_again(kept, install, monkeypatch):
    install("guest", SOURCE, {"mine": "Mine"})
    again = lambda: found_again("mine", monkeypatch)  # noqa: E731
    assert again()
    assert not again()
    module = next(path for path in plugins.load("mine").files if path.name == "guest.py")
    os.utime(module, ns=(1, 1))
    assert again()
    assert not again()
    (module.parent / "guest_helper.py").write_text("")  # beside it
    assert again()
    assert not again()
    monkeypatch.setattr(installation, "surroundings", lambda: "another Python, or engine, or library")
    assert again()
    assert not again()
    [place] = kept.glob("mine.json")
    place.write_bytes(place.read_bytes()[:-1])
    assert again()
    module.unlink()
    assert not (module.parent / "guest.py").exists()
    with pytest.raises(OSError):
        installation._seen([module])


def test_the_engine_s_files_and_what_is_installed_are_the_surroundings(monkeypatch, tmp_path):
    def now():
        installation.surroundings.cache_clear()
        return installation.surroundings()

    try:
        before = now()
        assert now() == before
        (tmp_path / "site-packages").mkdir()
        monkeypatch.syspath_prepend(tmp_path / "site-packages")
        other = now()
        assert other != before
        (tmp_path / "site-packages" / "new.dist-info").mkdir()
        assert now() != other
        (tmp_path / "benchmark").mkdir()
        monkeypatch.setattr(places, "CHECKOUT", tmp_path)
        empty = now()
        (tmp_path / "benchmark" / "new.py").write_text("")
        assert now() != empty
    finally:
        monkeypatch.undo()
        now()
