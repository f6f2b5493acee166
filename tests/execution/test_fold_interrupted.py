"""What is kept of a fold's work: after an interruption, by a larger budget, or damaged."""

import dataclasses
import json
import math
from typing import Any

import msgspec
import pytest

from benchmark.execution import fitting, fold
from benchmark.models import plugins
from benchmark.storage import files
from protocols.errors import DataError

pytestmark = pytest.mark.slow


@pytest.mark.usefixtures("curved")
def test_a_search_by_epochs_that_is_interrupted_is_the_undisturbed_one(task, monkeypatch):
    fold.run(task)
    undisturbed = fold.read(task.result)
    task = dataclasses.replace(task, work=task.work / "again")
    task = dataclasses.replace(task, fits=task.work / "fits")
    step = fitting._one
    left: float = 2

    def stopped(*given, **named):
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return step(*given, **named)

    monkeypatch.setattr(fitting, "_one", stopped)
    with pytest.raises(KeyboardInterrupt):
        fold.run(task)
    left = math.inf
    fold.run(task)
    assert msgspec.structs.replace(fold.read(task.result), seconds=undisturbed.seconds) == undisturbed


def test_what_is_kept_of_a_fold_is_not_done_again(task, tmp_path, monkeypatch):
    fold.run(task)
    done = fold.read(task.result)
    monkeypatch.setenv("TOY_DIARY", str(tmp_path / "diary"))
    fold.run(task)
    assert not (tmp_path / "diary").exists()
    task.result.unlink()
    fold.run(task)
    assert not (tmp_path / "diary").exists()
    for kept, fits in ((task.work, 1), (task.fits, 3 * 3)):  # the last fit; three trials on three inner folds
        for path in kept.iterdir():
            path.unlink()
        task.result.unlink(missing_ok=True)
        (tmp_path / "diary").unlink(missing_ok=True)
        fold.run(task)
        diary = [json.loads(line)["what"] for line in (tmp_path / "diary").read_text().splitlines()]
        assert diary.count("fit") == fits
        assert msgspec.structs.replace(fold.read(task.result), seconds=done.seconds) == done


def test_a_search_stopped_after_every_fit_is_the_undisturbed_one(task, monkeypatch):
    task = dataclasses.replace(task, budget=msgspec.structs.replace(task.budget, trials=12))
    model: Any = plugins.load(task.model).model
    fits, allowed = 0, math.inf
    fit = model.fit

    def counted(self, *given, **named):
        nonlocal fits
        if fits == allowed:
            raise KeyboardInterrupt
        fits += 1
        return fit(self, *given, **named)

    monkeypatch.setattr(model, "fit", counted)
    fold.run(task)
    undisturbed, needed = fold.read(task.result), fits
    assert needed == 12 * 3 + 1
    task = dataclasses.replace(task, work=task.work / "again", fits=task.fits / "again")
    fits = 0
    for allowed in range(needed):
        with pytest.raises(KeyboardInterrupt):
            fold.run(task)
        assert fits == allowed
    allowed = needed
    fold.run(task)
    again = fold.read(task.result)
    assert msgspec.structs.replace(again, seconds=undisturbed.seconds) == undisturbed


@pytest.mark.parametrize(
    "damage",
    [
        lambda kept: b"",  # noqa: ARG005
        lambda kept: kept[:-1],
        lambda kept: files.sealed(b'{"params": 3}'),  # noqa: ARG005
        lambda kept: kept[:40] + bytes([kept[40] ^ 1]) + kept[41:],
    ],
)
def test_a_round_that_is_damaged_is_done_again_and_a_fold_named(task, damage):
    fold.run(task)
    done = fold.read(task.result)
    whole = task.result.read_bytes()
    task.result.unlink()
    [tried] = task.fits.iterdir()
    kept = tried.read_bytes()
    tried.write_bytes(damage(kept))
    assert tried.read_bytes() != kept
    fold.run(task)
    assert msgspec.structs.replace(fold.read(task.result), seconds=done.seconds) == done
    task.result.write_bytes(damage(whole))
    assert task.result.read_bytes() != whole
    with pytest.raises(DataError, match=r"fold-01\.json: damaged .*Remove it"):
        fold.read(task.result)


def test_an_interrupted_folds_seconds_are_those_of_all_its_fits(task):
    fold.run(task)
    task.result.unlink()
    [kept] = task.fits.iterdir()
    first, *others = msgspec.msgpack.decode(files.unsealed(kept.read_bytes()))
    kept.write_bytes(files.sealed(msgspec.msgpack.encode([first | {"seconds": 1000.0}, *others])))
    fold.run(task)
    again = fold.read(task.result)
    assert 1000 < again.seconds < 1100
    assert again.joules is None  # a meter that was not read all the time


def test_a_fold_says_where_its_fits_were_done(task):
    fold.run(task)
    assert fold.read(task.result).fitted == {"cpu": 3 * 3 + 1}


def test_a_larger_budget_goes_on_from_a_smaller_ones_trials(task, tmp_path, monkeypatch):
    small, large = (
        dataclasses.replace(
            task,
            work=tmp_path / str(trials),
            budget=msgspec.structs.replace(task.budget, trials=trials),
            fits=tmp_path / "fits",
        )
        for trials in (5, 10)
    )
    fold.run(small)
    monkeypatch.setenv("TOY_DIARY", str(tmp_path / "diary"))
    fold.run(large)
    diary = [json.loads(line)["what"] for line in (tmp_path / "diary").read_text().splitlines()]
    assert diary.count("fit") == 5 * 3 + 1
    trials = [fold.read(each.result).facts.trials for each in (small, large)]
    assert trials[1][:5] == trials[0]
