"""Where things are kept: the user's cache, and the site's files in a checkout or in an installed wheel."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import platformdirs

PACKAGE = Path(__file__).parents[1]
CHECKOUT = PACKAGE.parent


def cache() -> Path:
    """The folder of features, file digests, embedded corpora, locks: UNHEARD_CACHE, else the user's cache."""
    return expanded(os.environ.get("UNHEARD_CACHE") or platformdirs.user_cache_dir("unheard"))


def features() -> Path:
    """The folder in which each folder of features is found by its name."""
    return cache() / "features"


def lock_of(what: str, folder: Path) -> Path:
    """Where the lock of what is made in a folder lies: apart from it, and one by whatever name it goes."""
    name = hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:32]
    return cache() / what / f"{name}.lock"


def site_files() -> Path:
    """The folder with `templates/` and `static/`."""
    carried = PACKAGE / "_site"
    return carried if carried.is_dir() else CHECKOUT / "site"


def constraints() -> Path:
    """The file that pins the versions that the committed results were made with."""
    carried = PACKAGE / "_site" / "constraints.txt"
    return carried if carried.is_file() else CHECKOUT / "constraints.txt"


def expanded(path: str) -> Path:
    """With "~" as a home; where there is none, as it stands: `Path.expanduser` would raise RuntimeError."""
    return Path(os.path.expanduser(path))  # noqa: PTH111
