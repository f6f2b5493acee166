"""Protocols and corpora, as `leaderboard.build` is given them."""

import made_up
import pytest

from protocols import corpora

NAMES = ("emodb-loso", "emovo-loso", "savee-loso", "tess-2fold")


@pytest.fixture(scope="module")
def few():
    """A few protocols and their corpora."""
    protocols = {name: made_up.protocol(name) for name in NAMES}
    return {
        "protocols": protocols,
        "corpora": {name: corpora.load(name) for p in protocols.values() for name in p.corpora},
    }
