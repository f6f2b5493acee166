from importlib.metadata import EntryPoint

import pytest

from protocols import registry
from protocols.errors import RegistryError


@pytest.fixture
def installed(monkeypatch):
    """Pretends that these, and only these, entry points are installed."""

    def pretend(*found):
        monkeypatch.setattr(
            registry, "entry_points", lambda group: [entry for entry in found if entry.group == group]
        )
        registry.entries.cache_clear()

    yield pretend
    registry.entries.cache_clear()


def model(name, value="somewhere:Model"):
    return EntryPoint(name, value, "unheard.models")


def test_ours_come_in_by_entry_point():
    assert registry.names("corpora") == ["cremad", "emodb", "emovo", "ravdess", "savee", "tess"]
    assert {"emodb-loso", "emodb-random-clips", "cross-corpus-5"} <= set(registry.names("protocols"))
    assert {"egemaps-svm", "mfcc-logreg", "nearest-mean", "prior", "small-cnn"} <= set(
        registry.names("models")
    )


def test_an_unknown_name_is_told_the_nearest():
    with pytest.raises(RegistryError, match=r"^corpora: there is no 'emobd'\. Did you mean emodb"):
        registry.load("corpora", "emobd")


def test_a_name_near_to_none_is_told_all():
    with pytest.raises(RegistryError, match=r"there is no 'xyzzy'\. Known: cremad, emodb, emovo,"):
        registry.load("corpora", "xyzzy")


def test_where_nothing_is_installed(installed):
    installed()
    with pytest.raises(RegistryError, match=r"there is no 'prior'\. Known: none\."):
        registry.load("models", "prior")


def test_two_plugins_of_one_name_are_both_named(installed):
    installed(model("mine", "a:Model"), model("mine", "b:Model"), model("other"))
    with pytest.raises(
        RegistryError, match=r"two models are called 'mine': a:Model, b:Model\. Uninstall one"
    ):
        registry.names("models")


def test_one_plugin_that_is_described_twice_is_one(installed):
    installed(model("mine"), model("mine"))
    assert registry.names("models") == ["mine"]


def test_load_imports_what_the_entry_point_names(installed):
    installed(model("pi", "math:pi"))
    assert registry.load("models", "pi") == pytest.approx(3.14159, abs=1e-5)


def test_unknown_offers_at_most_three():
    told = registry.unknown("suites", "abcd", ["abce", "abcf", "abcg", "abch"])
    assert told.count(" or ") == 2
