"""Exports the final model that `run --final` kept: its graph behind its front end, tried, then written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from benchmark.cost import latency
from benchmark.deployment import answer, folder, front, quantisation, training_clips, trial
from benchmark.deployment.front import Front
from benchmark.deployment.trial import Trial
from benchmark.execution import model_store, prediction, suites
from benchmark.execution.model_card import Card
from benchmark.features import feature_store
from benchmark.models import plugins
from benchmark.models.plugins import Plugin
from protocols.contract import ClipBatch, Model
from protocols.errors import PluginError, UnheardError

CLOSE = 1e-3  # by which a probability may differ from that of `predict`


@dataclass(frozen=True, kw_only=True)
class Export:
    """What was written, and how each file compares with `predict`."""

    card: Card
    folder: Path
    trials: list[Trial]  # of the file in 32 bits, then of that in 8, where there is one


def export(model: str, *, corpus: str, out: Path, data: str | None = None) -> Export:
    """Write the model that was fitted on all of a corpus into a folder, as files for a device.

    `model` is a name or a file, `data` the folder of the corpora: on some of its clips the ranges of int8 are
    found, and the files compared with `predict`. PluginError for a model that cannot be exported, or whose
    file differs by more than CLOSE; WeightsError where none is kept; DataError where the corpus is another;
    StoreError where the folder cannot be written, or has other files of these names.
    """
    plugin, protocol = plugins.load(model), suites.ranking_protocol(corpus)
    with _blamed(plugin):
        _refuse(plugin)
        folder.check(out)
        card, fitted = model_store.load(plugin, protocol)
        features = plugin.features_with(card.params)
        ranges, tried = training_clips.waves(card, data)
        before = front.of(features)
        of_ranges = [feature_store.clips(features, [wave]) for wave in ranges]
        with latency.one_thread():
            files = _files(plugin, fitted, card, before, of_ranges)
            clips = (feature_store.clips(features, [wave]) for wave in tried)
            wanted = np.concatenate([prediction.probabilities(fitted, card, clip) for clip in clips])
            trials = trial.of(files, tried, wanted, before)
        _refuse_other(trials[0])
    folder.write(out, files, card, before, trials)
    return Export(card=card, folder=out, trials=trials)


def _files(
    plugin: Plugin, model: Model, card: Card, before: Front, clips: Sequence[ClipBatch]
) -> dict[str, bytes]:
    """The bytes of the file in 32 bits, and of that in 8 where there is one."""
    whole = answer.of(plugin, model, card, clips[0])
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
    onnx.helper.set_model_props(found, folder.about(card))
    onnx.checker.check_model(found, full_check=True)
    data: bytes = found.SerializeToString()
    return data


def _refuse(plugin: Plugin) -> None:
    if plugin.missing:
        raise PluginError(f"it cannot run here: {plugin.missing}")
    if plugin.enrolment:
        raise PluginError(
            "a model that is given other clips of the speaker is not exported. Without @ it may be."
        )
    front.check(plugin.features)


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
        raise PluginError(f"{plugin.info.name} is not exported: {error}") from error
    except (UnheardError, OSError):
        raise
    except Exception as error:
        first: BaseException = error
        while first.__cause__:  # what the exporter puts around it fills a page
            first = first.__cause__
        why = f"{type(first).__name__}: {first}".partition("\n")[0]
        raise PluginError(f"{plugin.info.name} is not exported: {why}") from error
