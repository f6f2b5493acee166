"""Standard output holds the document alone."""

import json
import os
import subprocess

import pytest

from benchmark.cli import console


def test_what_is_printed_beside_a_document_goes_to_standard_error(capfd):
    with console.documents_alone():
        print("a plugin")
        os.write(1, b"its library\n")
        console.emit_json({"a": "\u00e4"})
        subprocess.run(["echo", "its process"], check=True)
    out, err = capfd.readouterr()
    assert json.loads(out) == {"a": "\u00e4"}
    assert sorted(err.splitlines()) == ["a plugin", "its library", "its process"]
    print("as before")
    assert capfd.readouterr().out == "as before\n"


@console.documents_alone()
def failing():
    console.emit_json({})
    raise ValueError


def test_after_an_error_there_is_no_document(capfd):
    with pytest.raises(ValueError):
        failing()
    with console.documents_alone():
        console.emit_json([])
    assert json.loads(capfd.readouterr().out) == []
