"""Frozen encoders, with tiny ones of the same classes standing in for torchaudio's, and their probes."""

import hashlib
import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torchaudio import models, pipelines

from baselines import ssl_probe
from benchmark.compute import executor
from benchmark.corpora import embedded, inventory
from benchmark.features import encoders, feature_store, front_ends, weights_file
from benchmark.features.front_ends import ssl
from benchmark.records import answers
from benchmark.training import trainer
from protocols import corpora
from protocols.contract import ClipBatch, Features
from protocols.errors import PluginError, WeightsError

DIM = 48


TINY = {
    "extractor_conv_layer_config": [(8, 10, 5), (8, 3, 2), (8, 3, 2)],
    "encoder_embed_dim": DIM,
    "encoder_pos_conv_kernel": 8,
    "encoder_pos_conv_groups": 4,
    "encoder_num_layers": 3,
    "encoder_num_heads": 2,
    "encoder_ff_interm_features": 32,
}


PROBES = [thing for thing in vars(ssl_probe).values() if hasattr(thing, "info")]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder of weights, and nothing in torchaudio's own."""
    monkeypatch.setenv("UNHEARD_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    (tmp_path / "weights").mkdir()
    return tmp_path / "weights"


@pytest.fixture(params=["WAV2VEC2_BASE", "HUBERT_LARGE", "WAVLM_LARGE"])
def tiny(request, folder, monkeypatch):
    """A tiny bundle under a real one's name: (name, network, its weights' file)."""
    real = getattr(pipelines, request.param)
    bundle = replace(real, _params={**real._params, **TINY})
    monkeypatch.setattr(pipelines, request.param, bundle)
    torch.manual_seed(0)
    make = models.wavlm_model if request.param.startswith("WAVLM") else models.wav2vec2_model
    network = make(**bundle._params).eval()
    path = folder / bundle._path
    torch.save(network.state_dict(), path)
    return request.param, network, path


def speech(samples, seed=0):
    return (0.1 * np.random.default_rng(seed).normal(size=samples)).astype(np.float32)


@pytest.mark.parametrize("name", ssl.ENCODERS)
def test_files_and_frames_are_torchaudios(name):
    bundle = getattr(pipelines, name)
    assert ssl.encoder(name).weights.file == bundle._path
    assert ssl.encoder(name).frames == bundle._params["encoder_num_layers"] + 1
    assert bundle.sample_rate == 16_000


def test_every_state_is_the_mean_over_time_of_what_the_network_gives(tiny):
    name, network, _ = tiny
    wave = speech(8000)
    given = encoders.front_end(ssl.encoder(name))(wave)
    assert given.shape == (4, DIM)
    assert given.dtype == np.float32
    x = torch.from_numpy(wave)[None]
    if name.endswith("LARGE"):  # torchaudio normalises the wave for these two
        x = (x - x.mean()) / torch.sqrt(x.var(correction=0) + 1e-5)
    with torch.inference_mode():
        inside, _ = network.extract_features(x)
        features, _ = network.feature_extractor(x, None)
        before = network.encoder.transformer._preprocess(network.encoder.feature_projection(features))
        last, _ = network(x)
    expected = torch.cat([state.mean(dim=1) for state in (before, *inside[:-1], last)])
    np.testing.assert_allclose(given, expected, atol=1e-5)


def test_a_clip_is_read_by_itself(tiny):
    name, _, _ = tiny
    front_end = encoders.front_end(ssl.encoder(name))
    first = front_end(speech(8000))
    other = front_end(speech(3000, seed=1))
    assert np.abs(first - other).max() > 1e-4
    np.testing.assert_array_equal(front_end(speech(8000)), first)


@pytest.mark.parametrize(
    "wave", [np.ones(1, np.float32), np.zeros(16_000, np.float32)], ids=["short", "silent"]
)
def test_short_and_silent_clips_have_an_answer(tiny, wave):
    name, _, _ = tiny
    given = encoders.front_end(ssl.encoder(name))(wave)
    assert given.shape == (4, DIM)
    assert np.isfinite(given).all()


def test_weights_under_the_names_of_older_files_are_read(tiny):
    """torchaudio's published files call the two parts of a weight norm weight_g and weight_v."""
    name, network, path = tiny
    new = encoders.front_end(ssl.encoder(name))(speech(4000))
    old = {
        key.replace("parametrizations.weight.original0", "weight_g").replace(
            "parametrizations.weight.original1", "weight_v"
        ): value
        for key, value in network.state_dict().items()
    }
    assert any(key.endswith("weight_g") for key in old)
    torch.save(old, path)
    np.testing.assert_array_equal(encoders.front_end(ssl.encoder(name))(speech(4000)), new)


def test_what_torchaudio_downloaded_is_found_and_the_named_folder_comes_first(folder, tmp_path):
    theirs = tmp_path / "torch" / "hub" / "checkpoints" / "wavlm_base.pth"
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"theirs")
    assert weights_file.path(ssl.encoder("WAVLM_BASE").weights) == theirs
    (folder / "wavlm_base.pth").write_bytes(b"ours")
    assert weights_file.path(ssl.encoder("WAVLM_BASE").weights) == folder / "wavlm_base.pth"
    assert encoders.missing(ssl.encoder("WAVLM_BASE")) == ""


def test_without_a_named_folder_the_cache_is_looked_into(folder, cache, monkeypatch):  # noqa: ARG001
    monkeypatch.delenv("UNHEARD_WEIGHTS")
    assert f" into {cache / 'weights'}, " in encoders.missing(ssl.encoder("HUBERT_BASE"))


def test_absent_weights_are_named_with_their_address(folder):
    message = (
        "WAVLM_LARGE: its weights are not here. Download "
        f"https://download.pytorch.org/torchaudio/models/wavlm_large.pth into {folder}, or name the folder "
        "that holds it in UNHEARD_WEIGHTS."
    )
    assert encoders.missing(ssl.encoder("WAVLM_LARGE")) == message
    for ask in (encoders.front_end, encoders.identity):
        with pytest.raises(WeightsError) as error:
            ask(ssl.encoder("WAVLM_LARGE"))
        assert str(error.value) == message


def test_an_unknown_encoder_is_an_error():
    with pytest.raises(PluginError, match=r"no encoder 'WHISPER'; known: WAV2VEC2_BASE, .*, WAVLM_LARGE"):
        front_ends.encoder_of(Features(front_end="ssl", options={"bundle": "WHISPER"}))


def test_the_identity_follows_the_weights(tiny):
    name, _, path = tiny
    before = encoders.identity(ssl.encoder(name))
    assert before == {
        "encoder": name,
        "weights": hashlib.sha256(path.read_bytes()).hexdigest(),
        "version": encoders.VERSION,
    }
    path.write_bytes(b"other weights")
    assert encoders.identity(ssl.encoder(name))["weights"] == hashlib.sha256(b"other weights").hexdigest()


class Hostile:
    """Unpickled by Python's own reader, this makes a file."""

    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return (type(self.target).touch, (self.target,))


@pytest.mark.parametrize("write", [torch.save, lambda thing, path: path.write_bytes(pickle.dumps(thing))])
def test_a_file_that_would_run_code_is_refused_and_does_not(tiny, write, tmp_path):
    name, network, path = tiny
    trap = tmp_path / "it ran"
    write({**network.state_dict(), "more": Hostile(trap)}, path)
    with pytest.raises(WeightsError, match=f"{path.name}: refused, and nothing in it was run"):
        encoders.front_end(ssl.encoder(name))
    assert not trap.exists()
    pickle.loads(pickle.dumps(Hostile(trap)))
    assert trap.exists()  # so the trap works


def test_a_damaged_file_and_another_networks_are_refused(tiny):
    name, network, path = tiny
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WeightsError, match="damaged"):
        encoders.front_end(ssl.encoder(name))
    for other in ({"weight": torch.zeros(3)}, torch.zeros(3), dict(list(network.state_dict().items())[1:])):
        torch.save(other, path)
        with pytest.raises(WeightsError, match=f"{path.name}: holds the weights of another network"):
            encoders.front_end(ssl.encoder(name))


def test_the_probe_is_superbs():
    """Weighing and summing the layers first and averaging over time afterwards gives the same logits."""
    torch.manual_seed(0)
    states = torch.randn(5, 4, 11, 6)  # (b, layers, frames, dim)
    probe = ssl_probe.Probe(3, 6, layers=4, dropout=0.0).eval()
    nn.init.normal_(probe.layers)
    weights = probe.layers.softmax(dim=0)
    expected = probe.head((weights[:, None, None] * states).sum(dim=1).mean(dim=1))
    torch.testing.assert_close(probe(states.mean(dim=2), torch.full((5,), 4)), expected)


def layered(n, informative, *, seed):
    """ClipBatch of 5 layers by 12 channels of noise; one layer has the class in its first channels."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 4
    x = rng.normal(size=(n, 5, 12)).astype(np.float32)
    x[np.arange(n), informative, labels] += 3
    return ClipBatch(list(x), labels)


@pytest.mark.parametrize("informative", [0, 3])
@pytest.mark.usefixtures("as_in_a_worker")
def test_the_probe_finds_the_layer_that_knows(informative):
    plugin = ssl_probe.Wav2Vec2Base
    params = {**plugin.defaults, "layers": 5, "learning_rate": 1e-2}
    model = trainer.Trainer(plugin, 4, seed=0, device="cpu", params=params)
    model.fit(layered(160, informative, seed=1), epochs=40)
    weights = torch.from_numpy(model.state()["network.layers"]).softmax(dim=0)
    assert weights.argmax() == informative
    assert weights[informative] > 0.5
    test = layered(80, informative, seed=2)
    assert (model.predict_proba(ClipBatch(test.inputs)).argmax(axis=1) == test.labels).mean() > 0.9


@pytest.mark.slow
@pytest.mark.usefixtures("as_in_a_worker")
def test_a_probe_on_cached_states_learns_32_clips_by_heart(tiny, tmp_path, monkeypatch):
    name, _, _ = tiny
    savee = corpora.load("savee")
    found = inventory.take(savee, embedded.ensure() / "savee")
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path / "cache"))
    wanted = Features(front_end="ssl", options={"bundle": name})
    # The tiny bundle is this process's alone.
    monkeypatch.setattr(executor, "run", lambda work, tasks, *, size: ((task, work(task)) for task in tasks))  # noqa: ARG005
    assert feature_store.ensure([((wanted,), found)]) == {}
    monkeypatch.setattr(executor, "run", lambda _work, tasks, **_: [pytest.fail("again") for _ in tasks])
    assert feature_store.ensure([((wanted,), found)]) == {}
    chosen = embedded.select(savee)[::2][:32]
    store = feature_store.load(feature_store.folders((wanted,), found)[0])
    train = ClipBatch(store.inputs([clip.clip for clip in chosen]), answers.indices(chosen, savee.labels))
    plugin = ssl_probe.Wav2Vec2Base
    params = {**plugin.defaults, "bundle": name, "layers": 4, "learning_rate": 3e-2, "weight_decay": 0.0}
    model = trainer.Trainer(plugin, len(savee.labels), seed=0, device="cpu", params=params)
    model.fit(train, epochs=200)
    assert (model.predict_proba(train).argmax(axis=1) == train.labels).mean() > 0.95


def test_there_is_a_probe_for_every_bundle():
    assert [probe.defaults["bundle"] for probe in PROBES] == list(ssl.ENCODERS)
    for probe in PROBES:
        bundle = probe.defaults["bundle"]
        assert probe.features(probe.defaults).options == {"bundle": bundle}
        assert probe.defaults["layers"] == ssl.encoder(bundle).frames
        assert probe.info.name == f"{bundle.lower().replace('_', '-')}-probe"
        assert probe.info.pretraining
        documented = " ".join(getattr(pipelines, bundle).__doc__.split())
        for source in probe.info.pretraining[: -1 if len(probe.info.pretraining) > 1 else None]:
            assert source.split()[0] in documented  # the last of several came in only through the targets
