"""Stands in for a plugin's process: starts others, answers once or not at all, and stays."""

import os
import subprocess
import sys
import time
from multiprocessing.connection import Connection

connection = Connection(int(sys.argv[1]))
sleep = os.environ["TINY_SLEEP"]
for session in (False, True):
    subprocess.Popen(["sleep", sleep], start_new_session=session, close_fds=True)
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
