"""A Dask cluster: what dies is charged to its own task, what is gone is done elsewhere, nothing hangs."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
import traceback
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import node_tasks
import pytest

from benchmark.compute import cluster, executor
from benchmark.compute.node import CODE, Badge
from protocols.errors import ClusterError, StoreError

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow

BADGE = Badge("tests", node_tasks.look, None, ((CODE, "some"), ("the model toy", "")))
SOON = 10  # seconds; on an idle machine it takes less than two
ROOT = Path(__file__).parents[2]


def started(*command, folder, **environment):
    """A command of this Python in the background, its output in a file of its folder."""
    paths = [str(ROOT), str(ROOT / "tests/support")]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), **environment},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


class Machines:
    """A scheduler and nodes, each a process."""

    def __init__(self, folder):
        self.folder = folder
        self.scheduler = started(
            *("-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"),
            folder=folder,
        )
        [self.address] = until(
            lambda: re.findall(r"tcp://127\.0\.0\.1:\d+", (folder / "log").read_text())[:1]
        )
        self.nodes = []

    def add(self, number=1, **environment):
        """Nodes of one slot each; returns the last."""
        for _ in range(number):
            command = ("-m", "benchmark", "worker", self.address, "--slots", "1")
            self.nodes.append(started(*command, folder=self.folder, **environment))
        return self.nodes[-1]

    def end(self):
        for process in (self.scheduler, *self.nodes):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    """A cluster of two nodes."""
    made = Machines(tmp_path_factory.mktemp("cluster"))
    made.add(2)
    yield made
    made.end()


@pytest.fixture(scope="module")
def odd(machines, tmp_path_factory):
    """A third node, on which one folder cannot be written."""
    file = tmp_path_factory.mktemp("odd") / "a file"
    file.touch()
    return machines.add(**{node_tasks.PLACE: str(file / "x")})


def until(found, seconds=60):
    """What it gives, once it gives something."""
    end = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)
    return answer


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def did(path):
    """The processes that began a task of this path."""
    return [int(line.split()[1]) for line in path.read_text().splitlines()] if path.exists() else []


def outcomes(machines, tasks, *, size=2, meanwhile=None):
    """Each task's error, by the name of its file, in the order of their ends; once there are so many slots.

    `meanwhile` is called while they are done.
    """
    with cluster.opened(machines.address, BADGE, print) as nodes:
        until(lambda: nodes.size >= size)
        if meanwhile:
            threading.Thread(target=meanwhile, daemon=True).start()
        driven = executor.drive(nodes, node_tasks.work, iter(tasks), size=lambda: nodes.size)
        return {Path(path).name: error for (_, path), error in driven}


def tasks_of(folder, **kinds):
    return [(kind, str(folder / name)) for name, kind in kinds.items()]


def test_a_death_is_charged_to_its_own_task_and_an_error_is_no_death(machines, tmp_path):
    kinds = {"twice": "die", "a": "note", "once": "die once", "b": "note", "wrong": "raise"}
    ended = outcomes(machines, tasks_of(tmp_path, **kinds))
    assert set(ended) == set(kinds)
    assert {*list(ended)[3:]} == {"twice", "once"}  # alone, at the end
    assert isinstance(ended["twice"], BrokenProcessPool)
    assert isinstance(ended["wrong"], ValueError)
    assert 'raise ValueError("no")' in "".join(
        traceback.format_exception(ended["wrong"])
    )  # the task's own line
    assert [ended[name] for name in ("a", "b", "once")] == [None] * 3
    assert {name: len(did(tmp_path / name)) for name in kinds} == {
        "twice": 2, "a": 1, "once": 2, "b": 1, "wrong": 1,
    }  # fmt: skip


def test_a_node_that_differs_is_refused_and_says_in_what(machines, tmp_path):
    other, seen = machines.add(**{node_tasks.MARK: "edited"}), []
    with cluster.opened(machines.address, BADGE, seen.append) as nodes:
        until(lambda: nodes.size == 2 and "refused" in [each.state for each in seen])
    [refused] = [each for each in seen if each.state == "refused"]
    assert refused.name.endswith(f"-{other.pid}")
    assert refused.detail == "the model toy is edited, the run's is not there."
    assert other.wait(30) == 2
    assert f"error: refused: {refused.detail}" in (machines.folder / "log").read_text()
    assert outcomes(machines, tasks_of(tmp_path, a="note")) == {"a": None}


def test_a_share_that_one_node_cannot_write_is_named_with_the_node(machines, odd, tmp_path):
    ended = outcomes(machines, tasks_of(tmp_path, a="write", b="write", c="write"), size=3)
    [error] = [error for error in ended.values() if isinstance(error, StoreError)]
    assert re.fullmatch(rf"on \S+-{odd.pid}: .*a file/x: cannot be written: .*", str(error))


def test_what_a_killed_node_did_is_done_elsewhere(machines, odd, tmp_path):
    paths = [tmp_path / name for name in "abc"]

    def kill():
        until(lambda: all(did(path) for path in paths))
        odd.kill()
        for path in paths:
            Path(f"{path} may go").touch()

    ended = outcomes(machines, [("stay", str(path)) for path in paths], size=3, meanwhile=kill)
    assert ended == {"a": None, "b": None, "c": None}
    assert sorted(len(did(path)) for path in paths) == [1, 1, 2]


DRIVER = """
import node_tasks, signal, sys, test_cluster
from benchmark.compute import cluster, executor
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a background job
try:
    with cluster.opened({address!r}, test_cluster.BADGE, lambda _node: None) as nodes:
        tasks = iter([("stay", {path!r})])
        for _ in executor.drive(nodes, node_tasks.work, tasks, size=lambda: nodes.size):
            pass
except KeyboardInterrupt:
    sys.exit("stopped")
"""


@pytest.mark.parametrize(("sent", "printed"), [(signal.SIGKILL, ""), (signal.SIGINT, "stopped\n")])
def test_what_a_driver_had_begun_ends_with_it_and_the_next_goes_on(machines, tmp_path, sent, printed):
    (tmp_path / "driver.py").write_text(DRIVER.format(address=machines.address, path=str(tmp_path / "a")))
    where = os.pathsep.join(map(str, (ROOT, ROOT / "tests/support", ROOT / "tests/compute")))
    driver = started("driver.py", folder=tmp_path, PYTHONPATH=where)
    [child] = until(lambda: did(tmp_path / "a"))
    driver.send_signal(sent)
    try:
        driver.wait(SOON)
    finally:
        driver.kill()
    until(lambda: not alive(child), seconds=SOON)
    assert (tmp_path / "log").read_text() == printed
    assert outcomes(machines, tasks_of(tmp_path, b="note")) == {"b": None}


def test_without_its_scheduler_a_run_ends_with_the_cure_and_so_do_the_nodes(machines, tmp_path):
    """The last test of this cluster."""

    def kill():
        until(lambda: did(tmp_path / "a"))
        machines.scheduler.kill()

    with pytest.raises(
        ClusterError, match=r"the scheduler is gone\. Start it again, and run the same command"
    ):
        outcomes(machines, tasks_of(tmp_path, a="stay"), meanwhile=kill)
    assert [node.wait(30) for node in machines.nodes[:2]] == [0, 0]
    assert not alive(did(tmp_path / "a")[0])


def test_a_cluster_whose_own_nodes_have_ended_does_not_wait_for_others(monkeypatch):
    monkeypatch.setattr(sys, "executable", "false")
    with (
        pytest.raises(ClusterError, match=r"All nodes have ended\. Run the same command again"),
        cluster.opened("local:1", BADGE, print) as nodes,
    ):
        until(lambda: nodes.size)


def test_where_no_scheduler_answers(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.3)
    with (
        pytest.raises(ClusterError, match=r"tcp://127\.0\.0\.1:9: no Dask scheduler answers"),
        cluster.opened("tcp://127.0.0.1:9", BADGE, print),
    ):
        pass


@pytest.mark.parametrize("where", ["local:", "local:0", "local:x"])
def test_a_cluster_of_its_own_has_a_number(where):
    with pytest.raises(ClusterError, match="name a number of nodes, as in local:2"):
        cluster.refuse_wrong(where)


def test_without_the_extra(monkeypatch):
    monkeypatch.setattr(cluster, "find_spec", lambda _name: None)
    with pytest.raises(ClusterError, match=r"pip install 'unheard\[cluster\]'"):
        cluster.refuse_wrong("tcp://127.0.0.1:8786")
