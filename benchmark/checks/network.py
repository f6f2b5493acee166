"""Notes which hosts Python code asks for, from the interpreter's audit events (PEP 578)."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

LOCAL = ("", "localhost", "127.0.0.1", "::1")  # a library's own workers

_listening: list[list[str]] = []


@contextlib.contextmanager
def asked() -> Iterator[list[str]]:
    """The hosts that the block looks up or connects to, each once, in order."""
    _listen()
    hosts: list[str] = []
    _listening.append(hosts)
    try:
        yield hosts
    finally:
        _listening[:] = [others for others in _listening if others is not hosts]  # equal lists may differ


@cache
def _listen() -> None:
    sys.addaudithook(_note_host)  # which stays for the life of the process


def _note_host(event: str, args: tuple[Any, ...]) -> None:
    if not _listening or event not in ("socket.getaddrinfo", "socket.connect"):
        return
    where = args[0] if event == "socket.getaddrinfo" else args[1]
    host = where[0] if isinstance(where, tuple) else where if event == "socket.getaddrinfo" else ""
    host = host.decode() if isinstance(host, bytes) else str(host or "")
    for hosts in _listening:
        if host not in LOCAL and host not in hosts:
            hosts.append(host)
