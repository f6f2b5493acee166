"""The verb `cost`."""

import json
from typing import Any

import pytest

from benchmark.cli import main
from benchmark.cost import measure, onnx
from benchmark.cost.onnx import Exported
from benchmark.models import plugins

pytestmark = pytest.mark.usefixtures("as_in_a_worker")


def test_the_verb_tells_people_and_programs(capsys):
    assert main.main(["cost", "ds-cnn"]) == 0
    out = capsys.readouterr().out
    for words in (
        "ds-cnn: MACs (fvcore)",
        "front end",
        "convolution",
        "95th percentile",
        "reference",
    ):
        assert words in out
    assert main.main(["cost", "ds-cnn", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [row["seconds"] for row in document["cost"]["counts"]] == [1.0, 3.0, 10.0]
    assert document["cost"]["parameters"] == sum(p.numel() for p in network("ds-cnn").parameters())
    assert 0 < document["speed"]["front_end"] < document["speed"]["latency"] <= document["speed"]["slow"]


def test_a_network_that_is_written_is_called_untrained(capsys, tmp_path, monkeypatch):
    exported = Exported(file="net.onnx", bytes=1000, latency=0.5, difference=1e-6)
    monkeypatch.setattr(onnx, "export", lambda *_: [exported])
    assert main.main(["cost", "ds-cnn", "--onnx", str(tmp_path / "net.onnx")]) == 0
    assert "net.onnx: untrained; 1 kB, 0.50 ms" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main.main(["cost", "--help"])
    assert "its network, untrained" in capsys.readouterr().out


def network(name):
    model: Any = measure.untrained(plugins.load(name))
    return model.network


@pytest.mark.slow
def test_an_encoder_without_weights_can_be_counted_all_the_same(capsys):
    assert main.main(["cost", "wav2vec2-base-probe", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["speed"] is None
    assert document["cost"]["parameters"] == pytest.approx(94.4e6, rel=0.01)  # Baevski et al., 2020: 95 M
    assert 20e9 < document["cost"]["counts"][1]["front_end"] < 22e9


BROKEN = """
from protocols.contract import Features, Info, TorchModel
class Broken(TorchModel):
    info = Info(name="broken", version="1", title="", summary="")
    features = staticmethod(lambda params: Features(front_end="mfcc"))
    @staticmethod
    def build(n_classes, channels, params):
        raise ValueError("no such width")
"""


def test_a_broken_model_is_named(tmp_path, capsys):
    (tmp_path / "broken.py").write_text(BROKEN)
    assert main.main(["cost", str(tmp_path / "broken.py")]) == 2
    assert "broken: it fails on a clip of speech: ValueError: no such width" in capsys.readouterr().err
