"""Fixtures for the tests of models."""

import pytest


@pytest.fixture
def written(tmp_path):
    """Writes parts of a source into a file; gives its path."""

    def write(*parts, name="outsider.py"):
        path = tmp_path / name
        path.write_text("\n".join(parts))
        return str(path)

    return write
