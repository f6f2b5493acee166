"""Exports the final model that `run --final` kept: its graph behind its front end, tried, then written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from benchmark.corpora import data_folder
from benchmark.cost import latency, measure
from benchmark.deployment import (
    answer,
    folder,
    front,
    other_clips,
    quantisation,
    readme,
    refusal,
    training_clips,
    trial,
)
from benchmark.deployment.front import Front
from benchmark.deployment.trial import Trial
from benchmark.execution import model_store, prediction, suites
from benchmark.execution.model_card import Card
from benchmark.features import feature_store
from benchmark.models import plugins
from benchmark.models.plugins import Plugin
from protocols import folds
from protocols.contract import ClipBatch, Model
from protocols.errors import PluginError, UnheardError, WeightsError
from protocols.folds import Protocol

CLOSE = 1e-3  # by which a probability may differ from that of `predict`


@dataclass(frozen=True, kw_only=True)
class Export:
    """What was written, and how each file compares with `predict`."""

    card: Card
    about: dict[str, str]  # what the ONNX files say of themselves
    folder: Path
    replaced: str  # the model whose export was there before; "" where none was
    where: str  # which clips the files were asked about, in words
    trials: list[Trial]  # of the file in 32 bits, then of that in 8, where there is one


def export(model: str, *, corpus: str, out: Path, data: str | None = None) -> Export:
    """Write the model that was fitted on all of a corpus into a folder, as files for a device.

    `model` is a name or a file, `data` the folder of the corpora: on some clips of the one that it was fitted
    on the ranges of int8 are found, and on others' the files are compared with `predict`. PluginError for a
    model that cannot be exported, or whose file differs by more than CLOSE; WeightsError where none is kept;
    DataError where the corpus is another; StoreError where the folder cannot be written, or has other files.
    """
    refusal.check(model)
    plugin, protocol = plugins.load(model), suites.ranking_protocol(corpus)
    with _blamed(plugin):
        replaced = folder.check(out)
        card, fitted = _fitted(plugin, protocol)
        features = plugin.features_with(card.params)
        corpora_folder = data_folder.found("demo" if card.board == "synthetic" else data)
        training = training_clips.paths(card, corpora_folder)
        before = front.of(features)
        ranges = [feature_store.clips(features, [wave]) for wave in training_clips.waves(training)]
        others = other_clips.of(corpora_folder, [copy.name for copy in card.corpora], training)
        with latency.one_thread():
            files = _files(plugin, fitted, card, before, ranges)
            clips = (feature_store.clips(features, [wave]) for wave in others.waves)
            wanted = np.concatenate([prediction.probabilities(fitted, card, clip) for clip in clips])
            trials = trial.of(files, others.waves, wanted, before)
        _refuse_other(trials[0])
    folder.write(out, files, before.archive, readme.text(card, before, trials, others.where))
    return Export(
        card=card,
        about=folder.about(card, before),
        folder=out,
        replaced=replaced,
        where=others.where,
        trials=trials,
    )


def _fitted(plugin: Plugin, protocol: Protocol) -> tuple[Card, Model]:
    """The model that is kept. Before somebody fits one, it is tried whether it could be exported at all."""
    if plugin.missing:
        raise PluginError(f"it cannot run here: {plugin.missing}")
    try:
        return model_store.load(plugin, protocol)
    except WeightsError:
        clip, classes = measure.clips(plugin, 1.0), len(folds.population(protocol).labels)
        answer.of(plugin, measure.untrained(plugin, classes), clip, classes=classes, temperature=1.0)
        raise


def _files(
    plugin: Plugin, model: Model, card: Card, before: Front, clips: Sequence[ClipBatch]
) -> dict[str, bytes]:
    """The bytes of the file in 32 bits, and of that in 8 where there is one."""
    whole = answer.of(plugin, model, clips[0], classes=len(card.labels), temperature=card.temperature)
    small = quantisation.int8(whole, [_inputs(whole, clip) for clip in clips])
    parts = {folder.WHOLE: whole, folder.SMALL: small}
    return {name: _finished(part, card, before) for name, part in parts.items() if part is not None}


def _inputs(part: onnx.ModelProto, clip: ClipBatch) -> dict[str, np.ndarray]:
    x, lengths = clip.batch()
    given = {"x": x, "lengths": lengths}
    return {value.name: given[value.name] for value in part.graph.input}


def _finished(part: onnx.ModelProto, card: Card, before: Front) -> bytes:
    """Behind its front end, with what a user must know of it."""
    found = before.joined(part)
    onnx.helper.set_model_props(found, folder.about(card, before))
    onnx.checker.check_model(found, full_check=True)
    data: bytes = found.SerializeToString()
    return data


def _refuse_other(found: Trial) -> None:
    if not found.difference <= CLOSE:
        raise PluginError(
            "its ONNX file is wrong: probabilities differ from those of `predict` by "
            f"{found.difference:.2g}, and at most {CLOSE:g} is allowed. Nothing was written."
        )


@contextmanager
def _blamed(plugin: Plugin) -> Iterator[None]:
    """PluginErrors say which model, and what exporters raise, which is almost anything, becomes one."""
    try:
        yield
    except PluginError as error:
        raise refusal.error(plugin.info.name, str(error).removeprefix(f"{plugin.info.name}: ")) from error
    except (UnheardError, OSError):
        raise
    except Exception as error:
        first: BaseException = error
        while first.__cause__:  # what the exporter puts around it fills a page
            first = first.__cause__
        why = f"{type(first).__name__}: {first}".partition("\n")[0]
        raise refusal.error(plugin.info.name, why) from error
