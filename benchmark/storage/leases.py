"""Leases: locks in a folder that several machines share, on which a lock of the operating system is not safe.

Whoever holds one shows it by a heartbeat. One without is taken over, at once where its process ran on this
machine and is gone. A holder that was only frozen goes on when it wakes, so that two may be at work: what
they do must come out the same, and only one that still has its lease may remove anything.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import SoftFileLease, Timeout

from benchmark.storage import files

LASTS = 120.0  # seconds without a heartbeat; a share may show one half a minute late
LOOK = 0.5  # seconds until it is tried again


class Lease:
    """Of one path; not held yet."""

    def __init__(self, path: Path) -> None:
        self.path, self.marker = path, SoftFileLease(path, lease_duration=LASTS, thread_local=False)
        # A marker, and since when it stands still.
        self.seen: tuple[tuple[int, int] | None, float] = (None, 0.0)

    def take(self) -> bool:
        """Whether it is held now; another one's is waited for by asking again. StoreError: not writable."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.marker.acquire(timeout=0)
        except Timeout:
            if self._abandoned():
                self.marker.force_break()
            return False
        except OSError as error:
            raise files.unwritable(self.path, error) from error
        return True

    @property
    def kept(self) -> bool:
        """Whether it is held, and nobody has taken it over."""
        owner = self.marker.owner
        return owner is not None and owner.token == self.marker.token

    @property
    def holder(self) -> str:
        """Who has it, in words."""
        owner = self.marker.owner
        return f"process {owner.pid} on {owner.hostname}" if owner else "another process"

    def release(self) -> None:
        self.marker.release()

    def _abandoned(self) -> bool:
        """Whether its marker has stood for twice as long: on NFS, say, it cannot be exchanged for another."""
        try:
            stat = self.path.stat()
        except OSError:
            return False
        marker = stat.st_ino, stat.st_mtime_ns
        if marker != self.seen[0]:
            self.seen = marker, time.monotonic()
        return time.monotonic() - self.seen[1] > 2 * LASTS


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a lease, once whoever has it is done."""
    lease = Lease(path)
    while not lease.take():
        time.sleep(LOOK)
    try:
        yield
    finally:
        lease.release()
