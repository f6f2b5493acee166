"""What lies in the cache is named, and only what nothing uses is removed."""

import json
from dataclasses import replace

import msgspec
import pytest

from benchmark.corpora import embedded, file_index, inventory
from benchmark.execution import cache
from benchmark.features import feature_store, stack
from benchmark.models import plugins
from benchmark.storage import files
from protocols import corpora, folds
from protocols.contract import Augmentation, Features


@pytest.fixture(scope="module")
def clips():
    found = inventory.take(corpora.load("savee"), embedded.ensure() / "savee")
    return replace(found, files=dict(list(found.files.items())[:2]))


@pytest.fixture
def filled(clips, tmp_path, monkeypatch):
    """A cache with features of an installed model, and of what no model asks for; both folders."""
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path))
    monkeypatch.setattr(
        feature_store.executor, "run", lambda work, tasks, **_: ((task, work(task)) for task in tasks)
    )
    mine = plugins.load("nearest-mean").features
    louder = {"copies": 1, "augmentation": (Augmentation("gain", -6, 6),)}
    other = (Features(front_end="mfcc", options={"n_mfcc": 7}, **louder),)
    feature_store.ensure([(mine, clips), (other, clips)])
    ((own,),) = feature_store.folders(mine, clips)
    return own, [folder for (folder,) in feature_store.folders(other, clips)]


def features(entries):
    return {entry.path: entry for entry in entries if entry.kind == "features"}


def test_features_are_named_with_corpus_version_size_and_users(filled):
    own, others = filled
    found = features(cache.entries())
    assert found.keys() == {own, *others}
    assert (found[own].corpus, found[own].version) == ("savee", "mfcc v1 mean std")
    assert found[own].used
    assert found[own].users == ("nearest-mean",)
    assert found[own].size == sum(path.stat().st_size for path in own.iterdir())
    assert [found[each].version for each in others] == ["mfcc v1 n_mfcc=7", "mfcc v1, copy 1 n_mfcc=7"]
    assert {found[each].used for each in others} == {False}


def test_a_protocols_altered_copies_are_used():
    plugin = plugins.load("nearest-mean")
    (features,) = stack.under(folds.load("emodb-as-published"), plugin.features)
    wanted = cache._wanted(plugin, cache._ways())
    assert {cache._digest(feature_store.identity(features, copy)) for copy in range(4)} <= wanted


def test_only_what_nothing_uses_is_removed(filled, tmp_path):
    own, others = filled
    stale = {"index": {"version": "0", "facts": {}}, "demo": None}
    for name in ("models/synthetic", "weights", "demo-0123456789ab/savee"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").write_text("x")
    (tmp_path / "files").mkdir(exist_ok=True)
    (tmp_path / "files" / "old.json").write_bytes(files.sealed(json.dumps(stale["index"]).encode()))
    fact = {"a.wav": file_index.Facts(size=1, mtime=1)}
    new = msgspec.json.encode(file_index.Index(version=file_index.VERSION, facts=fact))
    (tmp_path / "files" / "new.json").write_bytes(files.sealed(new))
    with files.lock(others[0].with_suffix(".lock")):
        gone, held = cache.clean()
    assert [entry.path for entry in held] == others[:1]
    assert {entry.path for entry in gone} == {
        others[1], tmp_path / "demo-0123456789ab", tmp_path / "files" / "old.json"
    }  # fmt: skip
    assert own.is_dir()
    assert (tmp_path / "weights" / "file").exists()
    assert (tmp_path / "models" / "synthetic" / "file").exists()
    assert (tmp_path / "files" / "new.json").exists()
    assert not others[1].exists()
    assert feature_store.load((own,)).spans


def test_what_an_older_version_or_a_killed_run_left_is_kept(filled):
    own, _ = filled
    index = json.loads((own / feature_store.INDEX).read_text())
    del index["about"]
    (own / feature_store.INDEX).write_text(json.dumps(index))
    entry = features(cache.entries())[own]
    assert (entry.used, entry.version) == (True, "mfcc, unfinished or of an older version")


def test_an_empty_cache_has_no_entries(tmp_path, monkeypatch):
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path / "none"))
    assert [entry for entry in cache.entries() if entry.size] == []


def test_the_verbs_say_what_is_there_and_what_is_gone(filled, call):
    own, others = filled
    code, out, _ = call("cache", "list", "--json")
    listed = {entry["path"]: entry for entry in json.loads(out)}
    assert code == 0
    assert listed[str(own)]["models"] == ["nearest-mean"]
    assert not listed[str(others[0])]["used"]
    code, out, _ = call("cache", "list")
    assert "nearest-mean" in out
    assert "nothing" in out
    code, out, _ = call("cache", "clean", "--json")
    removed = json.loads(out)["removed"]
    assert sorted(entry["path"] for entry in removed) == sorted(map(str, others))
    assert call("cache", "clean")[0] == 0
