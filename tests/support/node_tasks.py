"""What the nodes of the tests' clusters are asked, and do."""

import os
import time
from pathlib import Path

from benchmark.compute.node import CODE
from benchmark.storage import files
from protocols.errors import StoreError

MARK = "NODE_TASKS_MARK"  # a variable by which a test has one node differ from the others
PLACE = "NODE_TASKS_PLACE"  # a variable: where a node writes


def look(code):
    """The facts about a node, whose code is a file's text; None: the same anywhere."""
    if code and not code.exists():
        raise StoreError(f"{code}: is not here.")
    return {CODE: code.read_text() if code else "some", "the model toy": os.environ.get(MARK, "")}


def work(task):
    """Note where it runs; then do what the task says, until it is let go."""
    kind, path = task
    with Path(path).open("a") as file:
        file.write(f"{os.getppid()} {os.getpid()}\n")
    if kind == "die":
        os._exit(3)
    if kind == "die once" and Path(path).read_text().count("\n") == 1:
        os._exit(3)
    if kind == "raise":
        raise ValueError("no")
    if kind == "write":
        files.write(Path(os.environ.get(PLACE, f"{path} written")), "x")
        time.sleep(0.3)  # so that each node has one
    while kind == "stay" and not Path(f"{path} may go").exists():
        time.sleep(0.05)
