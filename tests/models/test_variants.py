"""Variants: the same code with other defaults, under a name of their own."""

import json
import re
from pathlib import Path

import pytest
import runs

from benchmark.checks import supervisor
from benchmark.execution import record_key, request
from benchmark.models import installation, plugins, variants
from benchmark.models.declaration import AS_RUN
from protocols import folds, registry
from protocols.errors import PluginError

TOY = Path(runs.TOY)
OWN = 'defaults = {"sharpness": 1.0, "front_end": "mfcc", "channels": [1, 2]}\n    variants = '


@pytest.fixture
def written(tmp_path):
    """Writes the toy with these variants and two parameters that are not searched; returns its path."""

    def write(declared, enrolment="none"):
        text = TOY.read_text().replace('defaults = {"sharpness": 1.0}', OWN + declared)
        text = text.replace('front_end="mfcc"', 'front_end=params["front_end"]')
        text = text.replace('version="1"', f'version="1", enrolment="{enrolment}"')
        path = tmp_path / "mine.py"
        path.write_text(text.replace("device, sharpness)", "device, sharpness, front_end, channels)"))
        return str(path)

    return write


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("vit-teacher", ("vit-teacher", "")),
        ("/home/me/mine.py~no-stem", ("/home/me/mine.py", "no-stem")),
        ("~/mine.py", ("~/mine.py", "")),
        ("/home/me~you/mine.py", ("/home/me~you/mine.py", "")),
        ("mine~2.py", ("mine~2.py", "")),
        ("mine.py~", ("mine.py~", "")),
    ],
)
def test_a_reference_is_parted_from_its_variant(reference, parts):
    assert variants.parted(reference) == parts


def test_a_variant_is_planned_where_it_is_named_alone(written, tmp_path):
    path = written('{"one": {"channels": [1]}}')
    jobs = runs.planned(tmp_path, models=[f"{path}~one", path], compute=False).jobs
    assert [job.record.parent.name for job in jobs] == ["toy~one", "toy"]
    assert jobs[0].features == jobs[1].features  # which are computed once


def key_of(plugin):
    return record_key.key(plugin, folds.load("savee-loso"), copy_digest="", budget=request.DEMO, seed=0)


def test_a_variant_differs_in_name_title_and_defaults(written):
    path = written('{"zcr": {"front_end": "zcr-mfcc"}, "one": {"channels": [1]}}')
    whole, one, zcr = plugins.load(path), plugins.load(f"{path}~one"), plugins.load(f"{path}~zcr")
    assert (one.info.name, one.info.title, one.reference) == ("toy~one", "A toy, one", f"{path}~one")
    assert (whole.variants, one.variants) == (("zcr", "one"), ())
    assert one.files == whole.files
    assert one.model.defaults == {"sharpness": 1.0, "front_end": "mfcc", "channels": [1]}
    own, its = key_of(whole), key_of(one)
    assert {part for part in own if own[part] != its[part]} == {"model", "defaults"}
    assert (its["model"], its["defaults"]["channels"]) == ("toy~one 1", [1])
    assert zcr.features[0].front_end == "zcr-mfcc"
    assert key_of(zcr)["features"] != own["features"]


def test_a_variant_can_be_given_clips_of_the_speaker(written):
    found = plugins.load(written('{"one": {"channels": [1]}}', enrolment="normalise") + "~one@5")
    assert (found.info.name, found.model.defaults["channels"]) == ("toy~one@5", [1])
    assert AS_RUN.fullmatch(found.info.name)


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        (
            '{"one": {"width": [1]}}',
            "its variant one sets 'width', which has no default. Known: sharpness, ",
        ),
        ('{"one": {"channels": [1, 2]}}', "its variant one changes nothing."),
        ('{"one": {}}', "its variant one changes nothing."),
        ('{"one": [1]}', "its variant one must be {parameter: value}."),
        ('["one"]', "variants must be {name: {parameter: value}}."),
        ('{"One": {"channels": [1]}}', "the variant 'One' must have a name of lower case letters"),
        ('{1: {"channels": [1]}}', "the variant 1 must have a name of lower case letters"),
        (
            '{"one": {"sharpness": 2.0}}',
            "it sets 'sharpness', which `space` searches. Leave one of them out.",
        ),
        ('{"one": {"channels": (1,)}}', "defaults must be what JSON can hold"),
        (
            '{"one": {"front_end": "ssl"}}',
            "its front end 'ssl' is a network that was trained on outside data",
        ),
        ('{"two": {"channels": [1]}}', "declares no variant 'one'. Known: "),
        ("{}", "declares no variant 'one'. Known: none."),
    ],
)
def test_what_is_no_variant_is_refused(written, declared, message):
    path = written(declared)
    with pytest.raises(PluginError, match=re.escape(message)) as error:
        plugins.load(f"{path}~one")
    assert path in str(error.value)


@pytest.mark.slow
def test_a_variant_runs_and_has_a_record_of_its_own(written, tmp_path):
    path = written('{"one": {"channels": [1]}}')
    made = runs.planned(tmp_path / "results", models=[path, f"{path}~one"], trials=1, folds=(0,))
    assert runs.run(made)[0] == []
    whole, one = (json.loads(job.record.read_bytes()) for job in made.jobs)
    assert (one["model"]["name"], one["folds"][0]["params"]["channels"]) == ("toy~one", [1])
    assert (one["scores"], one["model"]["source"]) == (whole["scores"], whole["model"]["source"])


def test_check_finds_a_variant_by_name_and_by_path(written):
    path = written('{"one": {"channels": [1]}}')
    assert supervisor._found(f"{path}~one") == f"{path}~one"
    assert supervisor._found("vit-teacher~no-stem") == "vit-teacher~no-stem"


@pytest.mark.slow
def test_every_variant_that_an_installed_model_declares_can_be_used():
    found = [f"{name}~{each}" for name in registry.names("models") for each in plugins.load(name).variants]
    assert {"vit-teacher~square-patches", "attention-cnn-published~no-augmentation"} <= set(found)
    assert [installation.find(name).info.name for name in found] == found
