"""The process that runs a plugin for the judge.

python -m benchmark.checks.worker DESCRIPTOR    # of a socket on which the judge asks
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from multiprocessing.connection import Connection

from benchmark.checks.stage import Stage

PERIOD = 1.0  # seconds between looks whether the judge is still there


def main(descriptor: int) -> None:
    """Answer what the judge asks on the socket of this descriptor, until the judge is gone."""
    os.set_inheritable(descriptor, False)  # a child of the plugin's would keep it open
    multiprocessing.set_start_method("spawn")  # a child of the plugin's inherits nothing
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what a watched call writes there becomes a note
    connection, stage = Connection(descriptor), Stage()
    while True:
        try:
            request = connection.recv_bytes()
        except EOFError:
            return
        connection.send_bytes(stage.answer(request))


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PERIOD)
    os._exit(1)
