"""Where the project is found."""

from email.message import Message
from importlib import metadata

import made_up
import pytest
from reading import Elements

from benchmark.website import build, project


def declaring(monkeypatch, *lines):
    message = Message()
    for line in lines:
        message["Project-URL"] = line
    monkeypatch.setattr(metadata, "metadata", lambda _: message)


def test_addresses_are_those_of_the_package_and_only_of_the_web(monkeypatch):
    declaring(
        monkeypatch, "Homepage, https://example.org/", "Repository, https://example.org/git", "X, file:///"
    )
    assert project.addresses() == {
        "homepage": "https://example.org/",
        "repository": "https://example.org/git",
    }


def test_what_is_not_installed_has_none(monkeypatch):
    def absent(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "metadata", absent)
    assert project.addresses() == {}


@pytest.mark.parametrize("declared", [True, False])
def test_pages_and_the_citation_lead_there(known, tmp_path, monkeypatch, declared):
    declaring(monkeypatch, *(["Homepage, https://example.org/unheard"] if declared else []))
    out = build.build([made_up.record("emodb-loso")], tmp_path / "out", known=known).parent
    page = Elements(out / "derived/model/logreg.html")
    links = [a["href"] for tag, a in page.tags if tag == "a"]
    assert ("https://example.org/unheard" in links) is declared
    assert (r"version 0.1.0, \url{https://example.org/unheard}}" in page.text) is declared
