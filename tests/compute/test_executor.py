"""Worker processes: every task comes back, whatever happens to the process that had it."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest

from benchmark.compute import executor, local_processes, slots


def nap(seconds):
    time.sleep(seconds)


class DivergedError(Exception):
    """As people write them: pickle calls it with its message alone, which fails."""

    def __init__(self, epoch, loss):
        super().__init__(f"a loss of {loss} in epoch {epoch}")


def work(task):
    """What the tasks of these tests do."""
    kind, value = task
    if kind == "raise":
        raise ValueError(value)
    if kind == "diverge":
        raise DivergedError(3, value)
    if kind == "die":
        time.sleep(0.2)
        os._exit(3)
    if kind == "late death":
        time.sleep(1.2)
        os._exit(3)
    if kind == "die once" and not Path(value).exists():
        Path(value).touch()
        os._exit(3)
    if kind == "gpu":
        Path(value).write_text(os.environ["CUDA_VISIBLE_DEVICES"])
        time.sleep(0.5)
    if kind == "count":
        with Path(value).open("a") as file:
            file.write("x")
    if kind == "process":
        with Path(value).open("a") as file:
            file.write(f"{os.getpid()}\n")
    if kind == "environment":
        Path(value).write_text(os.environ.get("CHANGES", ""))
    if kind == "modules":
        Path(value).write_text(" ".join(sys.modules))
    if kind == "leave":
        print("left", file=sys.stderr)
        threading.Thread(target=nap, args=(value,)).start()
        multiprocessing.get_context("fork").Process(target=nap, args=(value,)).start()
    if kind == "threads":
        import torch

        Path(value).write_text(str(torch.get_num_threads()))


def outcomes(tasks, *, size=2):
    return [(task, error) for task, error in executor.run(work, iter(tasks), size=size)]


def test_every_task_comes_back_with_its_own_error(tmp_path):
    done = dict(outcomes([("count", str(tmp_path / "a")), ("raise", "no"), ("count", str(tmp_path / "b"))]))
    assert (tmp_path / "a").read_text() == (tmp_path / "b").read_text() == "x"
    assert [str(error) for error in done.values() if error] == ["no"]
    assert isinstance(done["raise", "no"], ValueError)


def test_an_error_that_cannot_be_pickled_is_told_and_is_no_death(tmp_path):
    done = dict(outcomes([("diverge", "inf"), ("count", str(tmp_path / "once"))]))
    error = done["diverge", "inf"]
    assert str(error) == "DivergedError: a loss of inf in epoch 3"
    assert "raise DivergedError(3, value)" in str(error.__cause__)  # the plugin's own line
    assert (tmp_path / "once").read_text() == "x"


@pytest.mark.slow
def test_a_dying_worker_is_charged_to_its_task_alone(tmp_path):
    tasks = [("die", ""), *(("count", str(tmp_path / str(i))) for i in range(4)), ("late death", "")]
    done = outcomes(tasks)
    assert sorted(task for task, _ in done) == sorted(tasks)
    errors = {task: error for task, error in done if error}
    assert {task[0] for task in errors} == {"die", "late death"}
    assert all(isinstance(error, BrokenProcessPool) for error in errors.values())
    assert all((tmp_path / str(i)).is_file() for i in range(4))


def test_a_task_whose_worker_died_is_tried_once_more_alone_at_the_end(tmp_path):
    """And what ran beside it is not run again."""
    kinds = {"once": "die once", "a": "count", "twice": "die", "b": "count", "c": "count"}
    tasks = [(kind, str(tmp_path / name)) for name, kind in kinds.items()]
    ended: list[str] = []
    for (_, path), error in executor.run(work, iter(tasks), size=2):
        ended.append(Path(path).name)
        assert (error is None) == (ended[-1] != "twice")
    assert isinstance(error, BrokenProcessPool)
    assert sorted(ended[:3]) == ["a", "b", "c"]
    assert ended[3:] == ["once", "twice"]
    assert [(tmp_path / name).read_text() for name in ("a", "b", "c")] == ["x"] * 3


def test_a_task_that_others_wait_for_is_tried_again_before_them(tmp_path):
    """As a model's other seeds wait for seed 0's record: None until then."""
    leader, done = ("die once", str(tmp_path / "leader")), []

    def source():
        yield leader
        while not done:
            yield None
        yield "count", str(tmp_path / "follower")

    for task, error in executor.run(work, source(), size=2):
        assert error is None
        done.append(task)
    assert [Path(path).name for _, path in done] == ["leader", "follower"]


def test_a_worker_that_died_while_it_waited_is_charged_to_no_task(tmp_path):
    with slots.Local(1) as local:
        local.submit(work, ("count", str(tmp_path / "a"))).result()
        [slot] = local.slots.all
        [process] = slot.pool._processes.values()
        process.kill()
        assert _wait(lambda: slot.pool._broken)
        local.submit(work, ("count", str(tmp_path / "b"))).result()
    assert (tmp_path / "b").read_text() == "x"


def test_each_slot_sees_one_gpu_in_turn(tmp_path):
    """As many tasks at once as slots, so that each slot has one."""
    with slots.Local(4, gpus=["2", "5"]) as local:
        paths = [tmp_path / str(number) for number in range(4)]
        for future in [local.submit(work, ("gpu", str(path))) for path in paths]:
            future.result()
    assert sorted(path.read_text() for path in paths) == ["2", "2", "5", "5"]


@pytest.mark.slow
def test_a_worker_that_dies_while_the_consumer_is_busy():
    """The pool is broken by the time the next task is handed in."""
    done = []
    for task, error in executor.run(
        work, iter([("sleep", "a"), ("die", ""), ("sleep", "b"), ("sleep", "c")]), size=2
    ):
        done.append((task, type(error)))
        time.sleep(0.6)
    assert sorted(done, key=str) == sorted(
        [
            (("sleep", "a"), type(None)),
            (("die", ""), BrokenProcessPool),
            (("sleep", "b"), type(None)),
            (("sleep", "c"), type(None)),
        ],
        key=str,
    )


def test_none_means_ask_again(tmp_path):
    asked = []

    def source():
        yield None
        yield None
        asked.append("again")
        yield "count", str(tmp_path / "late")

    assert [error for _, error in executor.run(work, source(), size=1)] == [None]
    assert asked == ["again"]
    assert (tmp_path / "late").read_text() == "x"


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 2])
def test_each_task_has_a_process_of_its_own_where_that_is_asked_for(tmp_path, size):
    names = [("process", str(tmp_path / "names"))] * 5
    assert [error for _, error in executor.run(work, iter(names), size=size, anew=True)] == [None] * 5
    assert len(set((tmp_path / "names").read_text().split())) == 5


LEAVING = """
import sys
from benchmark.compute import executor
if __name__ == "__main__":
    sys.path.insert(0, {tests!r})
    import test_executor
    for _, error in executor.run(test_executor.work, iter([("leave", 20)] * 3), size=1, anew=True):
        assert error is None
"""


def test_what_a_task_leaves_running_holds_up_no_other(tmp_path):
    began = time.monotonic()
    code = LEAVING.format(tests=str(Path(__file__).parent))
    with (tmp_path / "printed").open("wb") as printed:  # no pipe, which what is left would hold open
        subprocess.run([sys.executable, "-c", code], stderr=printed, check=True)
    assert time.monotonic() - began < 15
    assert (tmp_path / "printed").read_text().count("left") == 3  # what it has printed is not lost


@pytest.mark.slow
def test_a_worker_has_one_thread(tmp_path, monkeypatch):
    for name in local_processes.ONE_THREAD:
        monkeypatch.setenv(name, "3")  # whatever these tests run with
    outcomes([("threads", str(tmp_path / "n"))], size=1)
    assert (tmp_path / "n").read_text() == "1"


WATCHING = """
import os
import sys
from benchmark.compute import executor
if __name__ == "__main__":
    sys.path.insert(0, {tests!r})
    import test_executor
    for value in ("one", "two", "none"):
        os.environ["CHANGES"] = value
        if value == "none":
            del os.environ["CHANGES"]
        for _ in executor.run(test_executor.work, iter([("environment", value)]), size=1):
            pass
"""


@pytest.mark.slow
def test_a_worker_has_todays_environment_not_that_of_the_first_pool(tmp_path):
    """Nor one of a variable that is gone by now."""
    code = WATCHING.format(tests=str(Path(__file__).parent))
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert [(tmp_path / name).read_text() for name in ("one", "two", "none")] == ["one", "two", ""]


PRELOADING = """
import sys
from benchmark.compute import executor, local_processes, slots
if __name__ == "__main__":
    sys.path.insert(0, {tests!r})
    import test_executor
    local_processes.preload(["{module}"])
    for _ in executor.run(test_executor.work, iter([("modules", "modules")]), size=1):
        pass
"""


@pytest.mark.slow
@pytest.mark.skipif(local_processes.METHOD != "forkserver", reason="workers import all by themselves")
@pytest.mark.parametrize("module", ["colorsys", "wave"])
def test_what_is_preloaded_a_worker_need_not_import(tmp_path, module):
    code = PRELOADING.format(tests=str(Path(__file__).parent), module=module)
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    found = (tmp_path / "modules").read_text().split()
    assert [name for name in ("colorsys", "wave") if name in found] == [module]


PARENT = """
import sys
sys.path.insert(0, {tests!r})
import test_executor
from benchmark.compute import executor
if __name__ == "__main__":
    for _ in executor.run(test_executor.nap, iter([60, 60]), size=2):
        pass
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for children in /proc")
def test_workers_end_when_the_parent_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(tests=str(Path(__file__).parent)))
    parent = subprocess.Popen([sys.executable, str(script)])
    try:
        children = _wait(lambda: len(found := _children(parent.pid)) >= 2 and found)
        time.sleep(1.5)  # so that the workers are at work
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert children
    assert _wait(lambda: not any(_alive(pid) for pid in children), seconds=2)


def _wait(found, seconds=15):
    for _ in range(seconds * 10):
        if answer := found():
            return answer
        time.sleep(0.1)
    return False


def _alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _children(parent):
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found


def test_no_worker_takes_the_place_of_another_in_a_pool_that_is_stopped(monkeypatch):
    pool: Any = local_processes.pool(2, anew=True)
    pool.submit(time.sleep, 60)
    workers, shutdown = pool._processes, pool.shutdown
    [first] = workers.values()

    def late(**how):
        pool._adjust_process_count()  # as the pool does where a worker has ended
        shutdown(**how)

    monkeypatch.setattr(pool, "shutdown", late)
    local_processes.stop(pool)
    first.join()
    assert [*workers.values()] in ([first], [])
