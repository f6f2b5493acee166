"""Every model can learn 32 clips by heart; one that cannot is broken. On real speech where there is some."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import nn

from benchmark.audio import reader
from benchmark.corpora import embedded
from benchmark.features import stack
from benchmark.models import backends, plugins
from benchmark.models.backends import torch as torch_backend
from benchmark.records import answers
from benchmark.training import trainer
from protocols import corpora, registry
from protocols.contract import ClipBatch, TorchModel

CLASSES = 7
TOO_SIMPLE = ("prior", "nearest-mean")  # they draw no line that could part any 32 clips
COSTLY = ("attention-cnn-published", "vit-teacher", "vit-student", "vit-student-alone")  # above 200 M
SHORTER = (*COSTLY, "light-sernet-published", "tim-net-published")  # on a part of each clip
MODELS = [
    name
    for name in registry.names("models")
    if name not in TOO_SIMPLE and "ssl" not in stack.names(plugins.load(name).features)
]


pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("as_in_a_worker")]


@pytest.fixture(scope="module")
def speech(cache, real_folder):  # noqa: ARG001
    """32 clips of all classes, of EMO-DB where it is, else of the embedded SAVEE: waves and labels."""
    real = real_folder and real_folder / "emodb"
    corpus, folder = (
        (corpora.load("emodb"), real)
        if real and real.is_dir()
        else (corpora.load("savee"), embedded.ensure() / "savee")
    )
    found = {path.stem: path for path in folder.rglob("*.*")}
    clips = [clip for clip in corpus.manifest if Path(clip.path).stem in found]
    chosen = clips[:: len(clips) // 32][:32]
    waves = [reader.read(found[Path(clip.path).stem]) for clip in chosen]
    waves = [
        np.resize(wave, max(len(wave), 2 * reader.RATE)) for wave in waves
    ]  # the embedded ones are short
    return waves, answers.indices(chosen, corpus.labels)


@pytest.mark.parametrize("name", MODELS)
def test_it_learns_32_clips_by_heart(name, speech):
    waves, labels = speech
    assert len(set(labels)) == CLASSES
    plugin = plugins.load(name)
    if plugin.missing:
        pytest.skip(f"{name}: {plugin.missing}")
    train = ClipBatch([stack.compute(plugin.features, wave) for wave in waves], labels)
    if name in SHORTER:
        train = replace(train, inputs=[shorter(clip) for clip in train.inputs])
    if frames := stack.limit(plugin.features):
        train = replace(train, inputs=[clip[:frames] for clip in train.inputs], frames=frames)
    params = {**plugin.model.defaults, **({"dropout": 0.0} if "dropout" in plugin.model.defaults else {})}
    if issubclass(plugin.model, TorchModel):
        network = torch_backend.with_encoder(by_heart(plugin.model, name))
        model: Any = trainer.Trainer(network, CLASSES, seed=1, device="cpu", params=params)
    else:
        model = backends.make(plugin, CLASSES, seed=1, device="cpu", params={**params, "C": 100.0})
    model.fit(train)
    assert (model.predict_proba(train).argmax(axis=1) == labels).mean() > 0.95


def by_heart(model, name):
    """The same network, without what keeps a network from learning by heart; a large one shallower."""
    costly = name in COSTLY

    def recipe(params):
        return replace(
            model.recipe(params),
            epochs=50 if costly else 40,
            batch_size=32 if costly else 16,
            learning_rate=5e-4 if costly else 3e-3,
            weight_decay=0.0,
            schedule="constant",
            label_smoothing=0.0,
            augmentation=(),
            mixup=0.0,
            distillation=0.0,
            copies="one",
        )

    def build(n_classes, channels, params):
        network = model.build(n_classes, channels, params)
        if name.startswith("vit"):
            network.encoder.layers = network.encoder.layers[:1]
        if hasattr(network, "stem"):
            network.stem = nn.Sequential(network.stem[0], network.stem[-1])
        for norm in network.modules():
            if isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d):
                norm.momentum = 0.1  # Keras's 0.01 wants hundreds of steps
        return network

    shallower = {"build": staticmethod(build)} if name in SHORTER else {}
    return type(model.__name__, (model,), {"recipe": staticmethod(recipe), **shallower})


def shorter(clip):
    """An eighth of an image's frames, or the first five MFCC frames of one long row."""
    return clip[::8] if len(clip) > 1 else clip[:, 108:208]
