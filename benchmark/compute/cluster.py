"""A Dask cluster as an executor: whoever has one need not learn another way to run."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal

from benchmark.compute import node
from benchmark.compute.node import Badge
from protocols.errors import ClusterError

Process = subprocess.Popen[bytes]
LOOK = 1.0  # seconds until it is looked again which nodes there are
OWN = "local:"  # how the name of a cluster begins that lives as long as the run, on this machine
PATIENCE = 10.0  # seconds until a scheduler must have answered


@dataclass(frozen=True)
class Node:
    """A node came, or went; or there is none, and `name` is the scheduler's address."""

    name: str
    state: Literal["joined", "refused", "gone", "awaited"]
    detail: str = ""  # how many slots it has, or why it was refused


def refuse_wrong(where: str) -> None:
    """ClusterError for what cannot be a cluster, before anything is computed for it."""
    if not find_spec("distributed"):
        raise ClusterError("--cluster needs the extra: pip install 'unheard[cluster]'")
    number = where.removeprefix(OWN)
    if where.startswith(OWN) and not (number.isdecimal() and int(number)):
        raise ClusterError(f"--cluster {where}: name a number of nodes, as in {OWN}2.")


@contextmanager
def opened(where: str, badge: Badge, listen: Callable[[Node], None]) -> Iterator[Cluster]:
    """The cluster with a scheduler at this address, or of so many nodes of its own ("local:3").

    ClusterError where it cannot be reached, or as soon as it is gone; what was finished stays.
    """
    import distributed

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with _own(where) if where.startswith(OWN) else _named(where) as (address, nodes):
        try:
            client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise node.unreachable(address) from error
        cluster = Cluster(client, badge, listen, nodes=nodes)
        try:
            yield cluster
        except CancelledError as error:
            cure = "Start it again, and run the same command: it goes on from here"
            raise ClusterError(f"{address}: the scheduler is gone. {cure}.") from error
        finally:
            cluster.shutdown()


class Cluster(Executor):
    """Gives tasks to those nodes that are what the run is."""

    def __init__(
        self, client: Any, badge: Badge, listen: Callable[[Node], None], *, nodes: Sequence[Process] = ()
    ) -> None:
        self.client, self.badge, self.listen, self.nodes = client, badge, listen, nodes
        self.inner = client.get_executor(pure=False)
        self.names: dict[str, str] = {}  # of all nodes that are there, by address
        self.asked: dict[str, Any] = {}  # what those answer that have just come
        self.slots: dict[str, int] = {}  # of those that were taken
        self.looked, self.awaited = -LOOK, bool(nodes)

    @property
    def size(self) -> int:
        """How many slots the cluster has now. CancelledError where its scheduler is gone."""
        if self.client.status != "running":
            raise CancelledError
        if time.monotonic() - self.looked > LOOK:
            self._look()
            self.looked = time.monotonic()
        return sum(self.slots.values())

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ARG002
        """`fn` of one argument, on a node."""
        future: Future[Any] = self.inner.submit(node.call, fn, *args, self.badge.run)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:  # noqa: ARG002
        """Leave the cluster; what its nodes do for this run ends."""
        with suppress(Exception):  # the scheduler may be gone
            self.client.close(timeout=PATIENCE)

    def _look(self) -> None:
        try:
            there = self.client.scheduler_info(n_workers=-1)["workers"]
        except (OSError, TimeoutError) as error:
            raise CancelledError from error
        if self.nodes and all(process.poll() is not None for process in self.nodes):
            raise ClusterError("All nodes have ended. Run the same command again: it goes on from here.")
        if not there and not self.awaited:
            self.listen(Node(self.client.scheduler.address, "awaited"))
        self.awaited = not there
        for address in self.names.keys() - there.keys():
            self._forget(address)
        for address in there.keys() - self.names.keys():
            self._ask(address, str(there[address]["name"]))
        for address in [address for address, answer in self.asked.items() if answer.done()]:
            self._take(address, self.asked.pop(address))

    def _forget(self, address: str) -> None:
        self.asked.pop(address, None)
        name = self.names.pop(address)
        if self.slots.pop(address, None):
            self.listen(Node(name, "gone"))

    def _ask(self, address: str, name: str) -> None:
        self.names[address] = name
        self.asked[address] = self.client.submit(
            node.present, self.badge, workers=[address], allow_other_workers=False, pure=False
        )

    def _take(self, address: str, answer: Any) -> None:
        error = answer.exception()
        why, slots = (f"{type(error).__name__}: {error}", 0) if error else answer.result()
        if why:
            self.listen(Node(self.names[address], "refused", why))
            self.client.retire_workers([address], close_workers=True)
        else:
            self.slots[address] = slots
            self.listen(Node(self.names[address], "joined", f"{slots}"))


@contextmanager
def _named(address: str) -> Iterator[tuple[str, Sequence[Process]]]:
    yield address, ()


@contextmanager
def _own(where: str) -> Iterator[tuple[str, Sequence[Process]]]:
    """A scheduler in this process, and nodes of one slot each; all end with it."""
    from distributed import LocalCluster

    nodes: list[Process] = []
    try:
        with LocalCluster(
            n_workers=0, processes=False, host="127.0.0.1", protocol="tcp://", dashboard_address=":0",
            silence_logs=logging.CRITICAL,
        ) as scheduler:  # fmt: skip
            address = scheduler.scheduler_address
            for _ in range(int(where.removeprefix(OWN))):
                command = [sys.executable, "-m", "benchmark", "worker", address, "--slots", "1"]
                nodes.append(subprocess.Popen(command, start_new_session=True))  # Ctrl-C is this process's
            yield address, nodes
    finally:  # without a scheduler they end
        for process in nodes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
            process.kill()
