"""A skeleton is written whole, and over nothing."""

from pathlib import Path

import pytest

from benchmark.models import skeletons
from protocols.errors import PluginError, StoreError


def test_a_full_disk_leaves_no_half_in_the_way_of_the_next_try(tmp_path, monkeypatch):
    write, text = Path.write_text, skeletons.text("my-model", "plain")

    def full(path, *_, **more):
        write(path, text[:9], **more)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        with pytest.raises(StoreError, match="the disk is full"):
            skeletons.write("my-model", kind="plain", folder=tmp_path)
    assert not list(tmp_path.iterdir())
    path = skeletons.write("my-model", kind="plain", folder=tmp_path)
    assert path.read_text() == text
    with pytest.raises(PluginError, match="is there already, and is left alone"):
        skeletons.write("my-model", kind="sklearn", folder=tmp_path)
    assert path.read_text() == text
