"""Records of schema 1 in today's words: the same numbers, and the key that the same model has today."""

import hashlib
import json
from pathlib import Path

import made_up
import msgspec
import numpy as np
import pytest

from benchmark.execution import record_key
from benchmark.models import plugins
from benchmark.records import record_files, schema, schema_1
from benchmark.records.prediction_table import Predictions
from benchmark.verification import conversion
from protocols import folds
from protocols.errors import RecordError

OLD_WORDS = {"augmentation": "changes", "distillation": "matching", "distillation_epochs": "matching_epochs"}


def key(model, teacher=None):
    budget = schema.Budget(trials=20, epochs=None, folds=None)
    protocol = folds.load("savee-loso")
    return record_key.key(
        plugins.load(model),
        protocol,
        copy_digest="c" * 64,
        budget=budget,
        seed=0,
        teacher=teacher,
    )


def old_key(model, teacher=None):
    """The key of a model as the first version wrote it."""
    made = key(model)
    made["model source"] = f"old source of {model}"
    recipe = {OLD_WORDS.get(name, name): value for name, value in made["recipe"].items()}
    for each in recipe.get("changes", []):
        each["chance"] = each.pop("probability")
    features = dict(made["features"])
    if "copies" in features:
        features["views"], waveform = features.pop("copies"), features.pop("augmentation")
        steps = [{**step, "chance": step.pop("probability")} for step in waveform.pop("steps")]
        features["changes"] = {**waveform, "changes": steps}
    made |= {"recipe": recipe, "features": features}
    if teacher:
        digest = hashlib.sha256(json.dumps(teacher, sort_keys=True).encode()).hexdigest()
        made["teacher"] = f"{teacher['model']} {digest[:16]}"
    return made


def old_record(model, own_key):
    """A record of schema 1, as JSON holds it."""
    curve = {"train loss": [1.0, 0.5], "validation UAR": [0.2, 0.4]}
    counts = [schema.Count(seconds=s, used=min(s, 3.0), front_end=1, model={}, norms=0) for s in (1.0, 3.0)]
    made = made_up.record("savee-loso", model, source=own_key["model source"])
    version = own_key["model"].split()[1]
    made = msgspec.structs.replace(
        made,
        key=own_key,
        model=msgspec.structs.replace(made.model, version=version),
        folds=[msgspec.structs.replace(fold, curves=[curve]) for fold in made.folds],
        cost=schema.Cost(by="fvcore", counts=counts, parameters=1, weights=4, training=9),
    )
    old = msgspec.to_builtins(made)
    (old["corpus"],) = old.pop("corpora")
    for name in ("leaks", "ranks"):
        del old["protocol"][name]
    for fold in old["folds"]:
        for each in fold["curves"]:
            each["valid UAR"] = each.pop("validation UAR")
    for count in old["cost"]["counts"]:
        count["heard"] = count.pop("used")
    return {**old, "schema": 1, "features": own_key["features"]}


@pytest.fixture
def results(tmp_path):
    """A folder of old records: a student, its teacher and a network, and a verification of each."""
    teacher = old_key("vit-teacher")
    keys = {
        "vit-teacher": teacher,
        "vit-student": old_key("vit-student", teacher),
        "ds-cnn": old_key("ds-cnn"),
    }
    for model, own in keys.items():
        path = place(tmp_path, model)
        record_files.write(path, made_up.record("savee-loso", model), table())
        path.write_text(json.dumps(old_record(model, own)))
        verification = tmp_path / "verifications" / path.relative_to(tmp_path)
        verification.parent.mkdir(parents=True)
        bound = {"record": sha256(path), "anything": [1, 2.5], "verdict": "bit for bit"}
        verification.write_text(json.dumps(bound))
    return tmp_path


def place(root, model):
    return record_files.place(root, "derived", "savee-loso", model, 0)


def table():
    return Predictions([], np.zeros(0, dtype=int), np.zeros((0, 7)))


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sources():
    models = ("vit-teacher", "vit-student", "ds-cnn")
    return {m: {"old": f"old source of {m}", "new": plugins.load(m).source} for m in models}


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_key_is_what_the_same_model_has_today(results):
    assert conversion.convert(results, sources()) == (3, 3)
    teacher = key("vit-teacher")
    for model, own in (
        ("vit-teacher", teacher),
        ("vit-student", key("vit-student", teacher)),
        ("ds-cnn", key("ds-cnn")),
    ):
        record = record_files.read(place(results, model))
        assert record.key == own
        assert record.model.source == own["model source"]
        assert record.features == own["features"]


def test_numbers_stay_and_words_change(results):
    before = json.loads(place(results, "ds-cnn").read_bytes())
    conversion.convert(results, {})
    path = place(results, "ds-cnn")
    record = record_files.read(path)
    assert path.read_bytes() == record_files.encode(record)
    assert [copy.name for copy in record.corpora] == ["savee"]
    assert (record.protocol.leaks, record.protocol.ranks) == ("", True)
    assert record.folds[0].curves == [{"train loss": [1.0, 0.5], "validation UAR": [0.2, 0.4]}]
    assert [count.used for count in record.cost.counts] == [1.0, 3.0]
    assert record.key["model source"] == "old source of ds-cnn"  # of which no mapping tells
    after = json.loads(path.read_bytes())
    same = ("scores", "speakers", "labels", "predictions", "run", "environment", "budget", "space")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}


def test_predictions_are_not_touched_and_verifications_bound_anew(results):
    tables = {path: data for path, data in contents(results).items() if path.suffix == ".gz"}
    loose = results / "verifications/derived/savee-loso/ds-cnn/seed-0.json"
    loose.write_text(json.dumps({"record": "0" * 64}))  # of another record: nothing to bind
    assert conversion.convert(results, sources()) == (3, 2)
    after = contents(results)
    assert len(tables) == 3
    assert {path: after[path] for path in tables} == tables
    assert json.loads(loose.read_bytes()) == {"record": "0" * 64}
    for model in ("vit-teacher", "vit-student"):
        path = place(results, model)
        bound = json.loads((results / "verifications" / path.relative_to(results)).read_bytes())
        assert bound == {"record": sha256(path), "anything": [1, 2.5], "verdict": "bit for bit"}


def test_again_it_changes_nothing(results):
    conversion.convert(results, sources())
    before = contents(results)
    assert conversion.convert(results, sources()) == (0, 0)
    assert contents(results) == before


@pytest.mark.parametrize("writes", range(6))
def test_an_interrupted_conversion_is_gone_on_with(results, monkeypatch, writes):
    whole, left = conversion.files.write, writes

    def limited(path, data):
        nonlocal left
        if not left:
            raise KeyboardInterrupt
        left -= 1
        whole(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(conversion.files, "write", limited)
        with pytest.raises(KeyboardInterrupt):
            conversion.convert(results, sources())
    conversion.convert(results, sources())
    teacher = key("vit-teacher")
    assert record_files.read(place(results, "vit-student")).key == key("vit-student", teacher)
    for path in record_files.find(results):
        bound = json.loads((results / "verifications" / path.relative_to(results)).read_bytes())
        assert bound["record"] == sha256(path)


def test_another_source_than_the_old_one_stays(results):
    known = {"ds-cnn": {"old": "of another time", "new": "n" * 64}}
    conversion.convert(results, known)
    assert record_files.read(place(results, "ds-cnn")).model.source == "old source of ds-cnn"


def test_a_student_whose_teacher_is_another_keeps_what_it_says(results):
    path = place(results, "vit-teacher")
    old = json.loads(path.read_bytes())
    path.write_text(json.dumps({**old, "key": {**old["key"], "seed": 7}}))
    before = json.loads(place(results, "vit-student").read_bytes())["key"]["teacher"]
    conversion.convert(results, {})
    assert record_files.read(place(results, "vit-student")).key["teacher"] == before


def test_of_today_it_is_given_back():
    today = msgspec.to_builtins(made_up.record())
    assert schema_1.converted(today, {}, {}) is today


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not a record: "),
        ('{"schema": 1, "schema": 1}', "not a record: the name 'schema' comes twice in one object"),
        ("[]", "not a record: it is no JSON object"),
        ('{"schema": 7}', "not a record of schema 1 or 2"),
        ('{"schema": 1}', "not a record of schema 1: "),
    ],
)
def test_what_is_no_record_stops_it_before_anything_is_written(results, text, message, capsys):
    place(results, "ds-cnn").write_text(text)
    before = contents(results)
    assert conversion.main([str(results)]) == 2
    assert f"{place(results, 'ds-cnn')}: {message}" in capsys.readouterr().err
    assert contents(results) == before


def test_a_folder_in_a_records_place_is_named(results, capsys):
    (results / "derived/savee-loso/small-cnn/seed-7.json").mkdir(parents=True)
    assert conversion.main([str(results)]) == 2
    assert "seed-7.json: cannot be read: it is no plain file" in capsys.readouterr().err


def test_the_command(results, tmp_path, capsys):
    file = tmp_path / "sources.json"
    file.write_text(json.dumps({model: each["old"] for model, each in sources().items()}))
    assert conversion.main([str(results), "--sources", str(file)]) == 0
    assert capsys.readouterr().out == "3 records and 3 verifications were converted.\n"
    assert record_files.read(place(results, "ds-cnn")).model.source == plugins.load("ds-cnn").source
    file.write_text("[]")
    assert conversion.main([str(results), "--sources", str(file)]) == 2
    assert "sources.json: not a file of sources" in capsys.readouterr().err
    assert conversion.main([str(results / "nowhere")]) == 2
    assert "nowhere: there is no such results folder" in capsys.readouterr().err
    file.write_text('{"no-such-model": "0"}')
    assert conversion.main([str(results), "--sources", str(file)]) == 2
    assert "there is no 'no-such-model'" in capsys.readouterr().err


def test_a_verification_gets_todays_words(results):
    """Also one whose record is converted already."""
    path = results / "verifications/derived/savee-loso/ds-cnn/seed-0.json"
    old = {"schema": 1, "said": 0.5, "uar": 0.5, "verdict": "within rule 15"}
    new = {"schema": 2, "recorded_uar": 0.5, "uar": 0.5, "verdict": "within tolerance"}
    path.write_text(json.dumps({**old, "record": sha256(place(results, "ds-cnn"))}))
    assert conversion.convert(results, {}) == (3, 3)
    bound = {**new, "record": sha256(place(results, "ds-cnn"))}
    assert json.loads(path.read_bytes()) == bound
    path.write_text(json.dumps({**old, "record": bound["record"]}))
    assert conversion.convert(results, {}) == (0, 1)
    assert json.loads(path.read_bytes()) == bound


def test_a_verification_that_is_none_stops_it_before_anything_is_written(results):
    path = results / "verifications/derived/savee-loso/ds-cnn/seed-0.json"
    path.write_text("[]")
    before = contents(results)
    with pytest.raises(RecordError, match=r"ds-cnn/seed-0\.json: not a verification: it is no JSON object"):
        conversion.convert(results, {})
    assert contents(results) == before


def test_a_verification_that_cannot_be_read_is_named(results, monkeypatch, capsys):
    def refuse(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert conversion.main([str(results)]) == 2
    assert "seed-0.json: cannot be read: Permission denied" in capsys.readouterr().err
