"""Where things are kept: the user's cache, and the site's files in a checkout or in an installed wheel."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from protocols.errors import DataError

PACKAGE = Path(__file__).parent
CHECKOUT = PACKAGE.parent


def cache() -> Path:
    """The folder of features, file digests and embedded corpora: UNHEARD_CACHE, else the user's cache."""
    return expanded(os.environ.get("UNHEARD_CACHE") or platformdirs.user_cache_dir("unheard"))


def site_files() -> Path:
    """The folder with `templates/` and `static/`."""
    carried = PACKAGE / "_site"
    return carried if carried.is_dir() else CHECKOUT / "site"


def constraints() -> Path:
    """The file that pins the versions that the committed results were made with."""
    carried = PACKAGE / "_site" / "constraints.txt"
    return carried if carried.is_file() else CHECKOUT / "constraints.txt"


def data(named: str) -> Path:
    """The folder of the corpora that is named so; "demo" is that of the embedded ones, made if need be."""
    if named == "demo":
        from benchmark import demo

        return demo.ensure()
    folder = expanded(named)
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder. Check --data or UNHEARD_DATA.")
    return folder


def expanded(path: str) -> Path:
    """With "~" as a home; where there is none, as it stands: `Path.expanduser` would raise RuntimeError."""
    return Path(os.path.expanduser(path))  # noqa: PTH111
