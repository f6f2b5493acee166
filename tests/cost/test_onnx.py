"""Networks as ONNX files."""

import pytest

from benchmark.cost import measure
from benchmark.models import plugins
from protocols.errors import PluginError, UnheardError

pytestmark = pytest.mark.usefixtures("as_in_a_worker")


@pytest.mark.slow
def test_an_onnx_file_says_what_pytorch_says(tmp_path):
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    from benchmark.cost import onnx

    plugin = plugins.load("vit-student-alone")
    exported = onnx.export(plugin, measure.untrained(plugin), tmp_path / "net.onnx")
    whole, small = exported
    assert whole.difference < 1e-5
    alike = 14 * 256  # at most: norms, which all start at 1 and 0, are in the file once
    assert 4 * (1_417_991 - alike) < whole.bytes < 1.01 * 4 * 1_417_991
    assert small.bytes < whole.bytes / 3
    assert b"site-packages" not in (tmp_path / "net.onnx").read_bytes()  # no traces of where it was made
    assert small.difference < 0.1


@pytest.mark.parametrize(
    ("place", "message"),
    [("", "not a file's name"), ("folder", "not a file's name"), ("no/where.onnx", "no folder")],
)
def test_an_onnx_file_goes_where_a_file_can_go(tmp_path, place, message):
    pytest.importorskip("onnxscript")
    from benchmark.cost import onnx

    (tmp_path / "folder").mkdir()
    plugin = plugins.load("ds-cnn")
    with pytest.raises(UnheardError, match=message):
        onnx.export(plugin, measure.untrained(plugin), tmp_path / place)


def test_an_estimator_is_not_exported(tmp_path):
    from benchmark.cost import onnx

    plugin = plugins.load("prior")
    with pytest.raises(PluginError, match="prior: only a TorchModel's network is exported"):
        onnx.export(plugin, measure.untrained(plugin), tmp_path / "net.onnx")
