"""Where a model gains on unseen texts: accuracies by the number of emotions that texts are spoken in."""

from types import SimpleNamespace

import numpy as np
import pytest

from benchmark.ranking.cells import Maker
from benchmark.records.prediction_table import Predictions
from benchmark.website import by_text
from protocols import ladder

CLIPS = {  # clip -> text, emotion
    "a": ("one", "anger"),
    "b": ("one", "anger"),
    "c": ("both", "anger"),
    "d": ("both", "joy"),
}
LABELS = ("anger", "joy")


def population(clips):
    rows = {
        clip: SimpleNamespace(clip=clip, sentence=text, emotion=emotion)
        for clip, (text, emotion) in clips.items()
    }
    return SimpleNamespace(rows=tuple(rows.values()), by_clip=rows, labels=LABELS)


def predicted(guesses):
    """Predictions of so many clips: letters are the first ones of the emotions."""
    likely = np.array([[guess == label[0] for label in LABELS] for guess in guesses], dtype=float)
    return Predictions(clips=list(CLIPS), folds=np.zeros(len(guesses)), probabilities=likely)


RANDOM, UNSEEN = (ladder.RUNGS[what]["savee"] for what in ("clips", "texts"))
TABLES = {(RANDOM, 0): predicted("aaja"), (RANDOM, 1): predicted("jaja"), (UNSEEN, 0): predicted("aaaj"),
          (UNSEEN, 1): predicted("aaaa")}  # fmt: skip


def found(clips=CLIPS, without=None, seeds=(0, 1)):
    maker = Maker("model", "1", "digest")
    runs = [
        SimpleNamespace(
            table=SimpleNamespace(protocol=name),
            entry=SimpleNamespace(maker=maker, seed_uars=dict.fromkeys(seeds, 0.5)),
        )
        for name in (RANDOM, UNSEEN)
    ]
    of = SimpleNamespace(
        corpus="savee",
        rungs=[SimpleNamespace(name=name) for name in (RANDOM, UNSEEN)],
        models={"model": tuple(runs), "half": (runs[0], None)},
    )
    facts = SimpleNamespace(name="model", version="1", source="digest")
    records = [
        SimpleNamespace(protocol=SimpleNamespace(name=name), model=facts, seed=seed) for name, seed in TABLES
    ]
    return by_text.by_text(
        of,
        population(clips),
        records,
        lambda r: None if (r.protocol.name, r.seed) == without else TABLES[r.protocol.name, r.seed],
    )


def test_clips_are_parted_by_the_emotions_that_their_text_is_spoken_in():
    [(model, parts)] = found().items()
    assert model == "model"
    assert [(part.emotions, part.clips, part.random, part.unseen) for part in parts] == [
        (1, 2, 0.75, 1.0),
        (2, 2, 0.0, 0.75),
    ]
    assert [part.gain for part in parts] == [0.25, 0.75]


def test_where_each_text_is_spoken_in_as_many_emotions_there_is_nothing_to_part():
    assert found({clip: ("one", emotion) for clip, (_, emotion) in CLIPS.items()}) == {}


@pytest.mark.parametrize("options", [{"without": (UNSEEN, 1)}, {"seeds": (0, 1, 2)}])
def test_predictions_that_are_not_all_at_hand_count_for_nothing(options):
    assert found(**options) == {}
