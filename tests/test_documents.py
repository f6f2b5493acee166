"""The documents: every link leads somewhere, code cites rules that there are, and the examples work."""

import re
import subprocess
import sys

import pytest
from import_graph import ROOT

from protocols import folds
from protocols.errors import FoldError

DOCUMENTS = sorted(
    path for where in ("*.md", "docs/*.md", "examples/*/README.md") for path in ROOT.glob(where)
)
LINK = re.compile(r"\]\((?!https?://)([^)#\s]*)#?([^)\s]*)\)")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
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


def test_the_lines_of_the_rules_fit_an_editor():
    lines = (ROOT / "docs/rules.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > 120 and not line.startswith("|")] == []


def examples(document, heading, language):
    """What stands in the blocks of a language below a heading, down to the next heading of its level."""
    _, _, section = (ROOT / document).read_text(encoding="utf-8").partition(f"\n{heading}\n")
    assert section, heading
    section = re.split(rf"^{heading.split()[0]} ", section, flags=re.MULTILINE)[0]
    return [text for kind, text in BLOCK.findall(section) if kind == language]


def signed(path, text):
    """The split file as its author has it after `audit` has given the two lines."""
    path.write_text(text)
    with pytest.raises(FoldError, match="Its lines for the file as it is now") as refused:
        folds.load(path)
    for line in str(refused.value).splitlines()[1:]:
        text = re.sub(rf"^{line.split()[0]} = .*$", line, text, flags=re.MULTILINE)
    path.write_text(text)
    return folds.load(path)


def test_the_example_of_a_protocol_is_one(tmp_path):
    [text] = examples("CONTRIBUTING.md", "## Add a protocol", "toml")
    protocol = signed(tmp_path / "savee-to-emodb.toml", text)
    assert (protocol.corpora, protocol.leaks, len(protocol.folds)) == (("savee", "emodb"), "", 1)


def test_the_script_for_a_random_split_prints_one(tmp_path):
    [script] = examples("CONTRIBUTING.md", "### A protocol that leaks by design", "python")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    protocol = signed(tmp_path / "emodb-random.toml", done.stdout)
    assert (len(protocol.folds), protocol.ranks) == (10, False)
    (tmp_path / "quiet.toml").write_text(re.sub("^leaks = .*\n", "", done.stdout, flags=re.MULTILINE))
    with pytest.raises(FoldError, match="it keeps no speakers apart, and does not say so"):
        folds.load(tmp_path / "quiet.toml")
