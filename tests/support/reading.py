"""Reads built pages, for tests of what they show."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

HOSTILE = "<script>alert(1)</script>"


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of every file of a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def leads_somewhere(page: Path, target: str) -> None:
    """Assert that a local link leads to a file, and to an element of it where it names one."""
    name, _, element = target.partition("#")
    file = page.parent / name if name else page
    assert file.is_file(), f"{page}: {target}"
    assert not element or element in [a.get("id") for _, a in Elements(file).tags], f"{page}: {target}"


class Elements(HTMLParser):
    """Every tag of a page with its attributes, and its words."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())
