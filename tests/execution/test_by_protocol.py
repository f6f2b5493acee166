"""Protocols that are more than speakers of one corpus, run end to end: a random split, and two corpora."""

import sys
from dataclasses import replace

import numpy as np
import pytest
import runs
import split_files

from benchmark.corpora import embedded
from benchmark.execution import final_models, fold_data, jobs, model_store, plan, suites
from benchmark.execution.request import Request
from benchmark.features import feature_store
from benchmark.ranking import catalogue, leaderboard
from benchmark.records import folder, record_files
from benchmark.verification import leakage
from protocols import corpora, folds, registry
from protocols.errors import RegistryError, UnheardError

pytestmark = pytest.mark.slow

SHARED = {"surprise": "other", "disgust": "other"}
FILES = {"savee-random": split_files.random_split, "savee-to-emovo": split_files.across}


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Both protocols by entry point, here and in workers: their files."""
    lib = tmp_path / "lib"
    (lib / "our_splits-1.dist-info").mkdir(parents=True)
    files = {name: write(lib) for name, write in FILES.items()}
    variables = {name: name.replace("-", "_").upper() for name in files}
    (lib / "our_splits.py").write_text(
        "".join(f"{variables[name]} = {str(path)!r}\n" for name, path in files.items())
    )
    info = lib / "our_splits-1.dist-info"
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: our_splits\nVersion: 1\n")
    lines = [f"{name} = our_splits:{variable}\n" for name, variable in variables.items()]
    (info / "entry_points.txt").write_text("[unheard.protocols]\n" + "".join(lines))
    monkeypatch.syspath_prepend(lib)
    monkeypatch.setenv("PYTHONPATH", str(lib), prepend=":")
    registry.entries.cache_clear()
    yield files
    sys.modules.pop("our_splits", None)
    registry.entries.cache_clear()


def planned(results, *protocols, **more):
    return runs.planned(results, corpora=(), protocols=protocols, **more)


def present(corpus):
    return embedded.select(corpora.load(corpus))


def never_ranked(results):
    """The table of the one protocol below a results folder, in which nobody has a place."""
    known = catalogue.read()
    (board,) = leaderboard.build(
        folder.read(results), protocols=known.protocols, corpora=known.corpora
    ).values()
    (table,) = board.tables.values()
    assert table.entries
    assert table.ranked == ()
    assert not table.ranks
    assert board.overall.standings == ()
    return table


def test_a_random_split_runs_is_kept_and_never_ranks(tmp_path, call, installed):
    made = planned(tmp_path / "results", str(installed["savee-random"]), seeds=2)
    failed, _ = runs.run(made)
    assert not failed
    assert [job.name for job in made.jobs] == ["savee-random toy seed 0", "savee-random toy seed 1"]
    for job in made.jobs:
        record = record_files.read(job.record)
        assert record.protocol.leaks == "the same speakers are in training and in test"
        assert not record.protocol.ranks
        assert [copy.name for copy in record.corpora] == ["savee"]
        assert record.key["corpus copy"] == record.corpora[0].digest
        assert sum(np.sum(matrix) for matrix in record.speakers.values()) == len(present("savee"))
        assert call("verify", job.record)[0] == 0
    table = never_ranked(made.results)
    assert table.leaks == "the same speakers are in training and in test"
    code, output, _ = call("audit", installed["savee-random"])
    assert code == 0
    assert "savee-random leaks by design: the same speakers" in " ".join(output.split())


def test_it_never_ranks_where_its_split_file_is_not_installed(tmp_path):
    made = planned(tmp_path / "results", str(split_files.random_split(tmp_path)))
    assert not runs.run(made)[0]
    never_ranked(made.results)


@pytest.mark.usefixtures("installed")
def test_train_on_one_corpus_and_test_on_another(tmp_path, call):
    made = planned(tmp_path / "results", "savee-to-emovo", models=(runs.TOY, "mfcc-logreg"))
    failed, _ = runs.run(made)
    assert not failed
    shared = ["anger", "fear", "happiness", "neutral", "other", "sadness"]
    for job in made.jobs:
        record = record_files.read(job.record)
        assert record.labels == shared
        assert [copy.name for copy in record.corpora] == ["savee", "emovo"]
        assert record.key["corpus copy"] == {copy.name: copy.digest for copy in record.corpora}
        assert sorted(record.speakers) == [f"emovo/{s}" for s in sorted(corpora.load("emovo").speakers)]
        assert sum(np.sum(matrix) for matrix in record.speakers.values()) == len(present("emovo"))
        assert [facts.test for facts in record.folds] == [sorted(record.speakers)]
        assert call("verify", job.record)[0] == 0
    assert never_ranked(made.results).labels == tuple(shared)
    assert call("audit", "savee-to-emovo")[0] == 0


@pytest.mark.usefixtures("installed")
def test_what_its_fits_are_given(tmp_path):
    """Arrays of the right corpus, shared labels, and one code for each voice."""
    made = planned(tmp_path / "results", "savee-to-emovo")
    (task,) = jobs.tasks(made.jobs[0])
    data = fold_data.load(task, folds.load("savee-to-emovo"))
    assert len(data.clips) == len(present("savee")) + len(present("emovo"))
    opened = [feature_store.load(home, made.jobs[0].plugin.features) for home in task.homes]
    stores = dict(zip(("savee", "emovo"), opened, strict=True))
    given = data.validation(np.arange(len(data.clips)))
    own = [clip for name in ("savee", "emovo") for clip in present(name)]
    for array, label, clip in zip(given.inputs, given.labels, own, strict=True):
        np.testing.assert_array_equal(array, stores[clip.corpus].inputs([clip.clip])[0])
        assert data.classes[label] == {"surprise": "other", "disgust": "other"}.get(
            clip.emotion, clip.emotion
        )
    voices = {f"{clip.corpus}/{clip.speaker}" for clip in own}
    assert len(set(given.speakers)) == len(voices) == 10
    assert {data.clips[row].corpus for row in data.parts.development} == {"savee"}


@pytest.mark.parametrize("name", FILES)
def test_the_audit_of_any_protocol(tmp_path, name):
    protocol = folds.load(FILES[name](tmp_path))
    whole = folds.population(protocol)
    found = leakage.audit(protocol, whole, whole.rows, {row.clip: row.sha256 for row in whole.rows})
    assert found.leaks == []
    assert found.corpus == ", ".join(protocol.corpora)
    assert all(fold.shared_units == {} for fold in found.folds)
    if protocol.leaks:
        assert found.flags[-1] == "leaks by design"
        assert found.by_design == "the same speakers are in training and in test"
        assert not found.ranks
        assert found.folds[0].shared_speakers["train+validation/test"] == ["DC", "JE", "JK", "KL"]
        broken = replace(found.folds[0], shared_units={"train+validation/test": {"clip": ["DC_a01"]}})
        assert leakage._leaks(broken, protocol) == [
            "savee-random: fold 0: clip DC_a01 is in both train+validation and test"
        ]
    else:
        assert found.folds[0].shared_speakers == {}


@pytest.mark.usefixtures("installed")
def test_a_final_model_goes_by_its_protocol(tmp_path, monkeypatch):
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path / "cache"))
    made = planned(tmp_path / "results", "savee-to-emovo", models=("prior",))
    assert not runs.run(made)[0]
    final = final_models.of(made.jobs[0])
    final_models.fit(final)
    assert final.home.parts[-4:-1] == ("synthetic", "savee-to-emovo", "prior")
    card, _ = model_store.load(made.jobs[0].plugin, folds.load("savee-to-emovo"))
    assert [copy.name for copy in card.corpora] == ["savee", "emovo"]
    with pytest.raises(UnheardError, match=r"not been fitted on savee here \(protocol savee-loso\)"):
        model_store.load(made.jobs[0].plugin, suites.ranking_protocol("savee"))


def chosen(**request):
    made = plan.make(Request(models=["prior"], device="cpu", **request))
    return list(dict.fromkeys(job.protocol.name for job in made.jobs))


@pytest.mark.usefixtures("installed")
def test_protocols_are_named_by_a_suite_or_by_themselves():
    assert chosen(corpora=["savee", "emovo"]) == ["savee-loso", "emovo-loso"]
    assert chosen(protocols=["tess-2fold", "savee-random"]) == ["tess-2fold", "savee-random"]
    assert chosen(protocols=["savee-to-emovo", "savee-loso"], corpora=["savee"]) == ["savee-loso"]
    assert chosen(protocols=["savee-to-emovo"], corpora=["savee", "emovo"]) == ["savee-to-emovo"]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("request_", "error", "message"),
    [
        ({"protocols": ["savee-lsoo"]}, RegistryError, r"there is no 'savee-lsoo'\. Did you mean savee-loso"),
        ({"protocols": ["nowhere.toml"]}, UnheardError, r"nowhere\.toml: not a readable split file"),
        (
            {"protocols": ["savee-to-emovo"], "corpora": ["savee"]},
            UnheardError,
            "savee: no protocol that --protocol names is for it",
        ),
    ],
)
def test_what_cannot_be_run_is_named(request_, error, message):
    with pytest.raises(error, match=message):
        chosen(**request_)


def test_two_protocols_of_one_name(installed):
    with pytest.raises(UnheardError, match="two of the protocols are called 'savee-random'; name one"):
        chosen(protocols=["savee-random", str(installed["savee-random"])])


@pytest.mark.usefixtures("installed")
def test_a_protocol_of_which_a_corpus_is_not_there(tmp_path):
    embedded.write(tmp_path / "data", corpora=["savee"])
    wanted = {"data": str(tmp_path / "data"), "allow_missing": True}
    assert chosen(protocols=["savee-to-emovo", "savee-random"], **wanted) == ["savee-random"]
    with pytest.raises(UnheardError, match=r"emovo: there is no folder .*/data/emovo"):
        chosen(protocols=["savee-to-emovo"], **wanted)


@pytest.mark.usefixtures("installed")
def test_the_ranking_protocol_of_a_corpus():
    assert suites.ranking_protocol("savee").name == "savee-loso"
    assert suites.ranking_protocol("tess").name == "tess-2fold"
    with pytest.raises(RegistryError, match=r"corpora: there is no 'svaee'\. Did you mean savee"):
        suites.ranking_protocol("svaee")
