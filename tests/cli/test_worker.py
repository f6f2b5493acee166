"""The verb `worker`, and what `run` says of a wrong cluster."""

import pytest

from benchmark.compute import node
from benchmark.execution import device


def test_where_no_scheduler_answers(call, monkeypatch):
    monkeypatch.setattr(node, "PATIENCE", 0.5)
    code, out, err = call("worker", "tcp://127.0.0.1:9", "--slots", 2)
    assert (code, out) == (2, "")
    assert err == ("error: tcp://127.0.0.1:9: no Dask scheduler answers. Start one with `dask scheduler`.\n")


@pytest.mark.parametrize(
    ("why", "code"), [("", 0), ("numpy is 2.3, the run's is 2.4.", 2)], ids=["ended", "refused"]
)
def test_its_end_and_its_slots(call, monkeypatch, why, code):
    asked = []

    def serve(address, *, slots, gpus):
        asked.append((address, slots, gpus))
        return why

    monkeypatch.setattr(node, "serve", serve)
    monkeypatch.setattr(device, "shared", lambda wanted, number: ["0", "1"] * number)  # noqa: ARG005
    assert call("worker", "a:1", "--slots", 3) == (code, "", f"error: refused: {why}\n" if why else "")
    call("worker", "a:1", "--per-gpu", 2)
    assert asked == [("a:1", 3, []), ("a:1", 4, ["0", "1", "0", "1"])]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--cluster", "local:none"], "--cluster local:none: name a number of nodes, as in local:2."),
        (["--cluster", "local:2", "--per-gpu", "2"], "--per-gpu: of a cluster, its nodes have it"),
        (["--per-gpu", "2", "--device", "cpu"], "--per-gpu goes with --device cuda, not cpu."),
    ],
)
def test_a_request_that_is_wrong(call, here, words, message):
    code, _, err = call("run", "--data", "demo", "--model", "prior", "--corpus", "savee", *words)
    assert code == 2
    assert f"error: {message}" in err
    assert not (here / "_runs").exists()
