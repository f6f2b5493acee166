"""What the nodes of the tests' clusters are asked, and do."""

import os
import time
from pathlib import Path

from benchmark.compute.node import CODE
from benchmark.storage import files

MARK = "NODE_TASKS_MARK"  # a variable by which a test has one node differ from the others
PLACE = "NODE_TASKS_PLACE"  # a variable: where a node writes


def look(_about):
    """The facts about a node."""
    return {CODE: "some", "the model toy": os.environ.get(MARK, "")}


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
        files.write(Path(os.environ[PLACE]), "x")
    while kind == "stay" and not Path(f"{path} may go").exists():
        time.sleep(0.05)
