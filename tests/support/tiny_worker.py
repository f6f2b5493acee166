"""Stands in for a plugin's process: starts others, answers always the same or not at all, and stays."""

import os
import subprocess
import time
from multiprocessing.connection import Connection


def main(descriptor: int) -> None:
    connection = Connection(descriptor)
    for session in (False, True):
        subprocess.Popen(["sleep", os.environ["TINY_SLEEP"]], start_new_session=session)
    while True:
        connection.recv_bytes()
        match os.environ["TINY_DOES"]:
            case "nothing":
                time.sleep(60)
            case "die":
                os._exit(7)
            case "kill itself":
                os.kill(os.getpid(), 9)
            case answer:
                connection.send_bytes(bytes.fromhex(answer))
