"""What MkDocs calls: pages that lie outside docs/, and links that lead out of it.

Documents link to files as a code host shows them, so they can be read there. In the site a link to a document
leads to its page; a link to code leads to the code host where `extra.code` in mkdocs.yml names one, and is
words without it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
OUTSIDE = {  # page -> the document that it shows
    "index.md": "README.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
    "board.md": "examples/board.ipynb",
}
LINK = re.compile(r"\[([^]\n]*(?:\n[^]\n]+)?)\]\((?!https?://|#)([^)#\s]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the documents outside docs/."""
    for page, document in OUTSIDE.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / document)))
    return files


def on_page_read_source(page: Page, config: MkDocsConfig) -> str | None:  # noqa: ARG001
    """A notebook as Markdown; None for what is Markdown."""
    path = Path(page.file.abs_src_path or "")
    return as_markdown(json.loads(path.read_text(encoding="utf-8"))) if path.suffix == ".ipynb" else None


def as_markdown(notebook: dict[str, Any]) -> str:
    """A notebook's words, and its code in blocks."""
    texts = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
    return "\n\n".join(f"```python\n{text}\n```" if kind == "code" else text for kind, text in texts) + "\n"


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links as the site needs them."""
    here = Path(page.file.abs_src_path or "").parent
    pages = {Path(each.abs_src_path).resolve(): each.src_uri for each in files if each.abs_src_path}

    def changed(link: re.Match[str]) -> str:
        words, place, anchor = link[1], (here / link[2]).resolve(), link[3] or ""
        if place in pages:
            return f"[{words}]({pages[place]}{anchor})"
        if not place.exists():
            return link[0]  # MkDocs complains
        inside = PurePosixPath(place.relative_to(ROOT)).as_posix()
        return f"[{words}]({config.extra['code']}/{inside}{anchor})" if config.extra["code"] else words

    return LINK.sub(changed, markdown)
