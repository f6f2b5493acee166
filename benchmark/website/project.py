"""Where the project is found, as its package declares: pages and citations lead there."""

from __future__ import annotations

from importlib import metadata

PACKAGE = "unheard"
SAFE = ("https://", "http://")


def addresses() -> dict[str, str]:
    """The addresses of [project.urls] in pyproject.toml, by their labels in small letters.

    {} where it declares none, or runs from a folder without being installed.
    """
    try:
        declared = metadata.metadata(PACKAGE).get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return {}
    pairs = (line.partition(", ") for line in declared)
    return {label.lower(): address for label, _, address in pairs if address.startswith(SAFE)}
