"""The documents: every link leads somewhere, and code cites rules that there are."""

import re

import pytest
from import_graph import ROOT

DOCUMENTS = sorted(
    path for where in ("*.md", "docs/*.md", "examples/*/README.md") for path in ROOT.glob(where)
)
LINK = re.compile(r"\]\((?!https?://)([^)#\s]*)#?([^)\s]*)\)")
CITED = re.compile(r"rules\.(?:md|html)#([\w-]+)")


def anchors(document):
    """The headings of a Markdown file, as GitHub makes links of them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(document):
    for place, anchor in LINK.findall(document.read_text(encoding="utf-8")):
        target = (document.parent / place).resolve() if place else document
        assert target.exists(), place
        if anchor:
            assert anchor in anchors(target), f"{place}#{anchor}"


def test_code_and_pages_cite_rules_that_there_are():
    rules = anchors(ROOT / "docs/rules.md")
    assert "tuning" in rules
    files = [
        path
        for folder in ("benchmark", "protocols", "baselines", "site/templates")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".py", ".html")
    ]
    cited = {(path, anchor) for path in files for anchor in CITED.findall(path.read_text(encoding="utf-8"))}
    assert [(path.name, anchor) for path, anchor in sorted(cited) if anchor not in rules] == []
