"""The words of code, comments, messages and pages: the field's, and none that only the authors understand."""

import re

import pytest
from import_graph import ROOT

FOLDERS = ("benchmark", "baselines", "protocols", "examples", "site/templates", "site/static")
KINDS = {".py", ".html", ".js", ".css", ".md", ".toml", ".txt", ".cff"}
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "CITATION.cff", "pyproject.toml", "docs")

SAYING = r"told|said|heard|spoilt|heeded|mended"
PART = r"sets?|speakers?|clips?|words?|sentences?|folds?|parts?|loss|curves?|uar|scores?|predictions?|rows?"
BANNED = {
    "a saying word": rf"(?<![a-z])(?:{SAYING})(?![a-z])",
    "valid as a noun": rf"\binner valid\b|\btrain\b\W+(?:and |or )?valid\b|\bvalid (?:{PART}|\{{)"
    r"|\b(?:in|of|on|with) valid\b(?! \w)|\bfor valid\b|\bvalid_(?!by\b)\w+|_valid\b(?<!is_valid)"
    r"|(?<![\w.])valid(?: ?[:=.,)\]]|$)",
    "a rule that is cited by its number alone": r"\brules? \d+\b",
}
OLD_KEY = r"\"(?:valid|said|told|heard|within rule 15)\b"  # of records of schema 1
# What is no word of ours: file -> what a line may say.
ALLOWED = {
    "protocols/folds.py": r"`valid|\"valid",  # the split files' first version
    "benchmark/models/old_words.py": r"\"valid",  # the contract's first version
    "CHANGELOG.md": r"valid=None",
    "benchmark/records/schema_1.py": OLD_KEY,
    "benchmark/verification/certificate.py": OLD_KEY,
}


def files(*places):
    for place in places:
        path = ROOT / place
        for found in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if found.suffix in KINDS and not is_split(found):
                yield found


def is_split(path):
    """Whether it is a split file: those never change."""
    return path.suffix == ".toml" and "\ndigest = " in path.read_text(encoding="utf-8")


def found(pattern, *places):
    """The lines that say it, with their places."""
    for path in files(*places):
        name = path.relative_to(ROOT).as_posix()
        allowed = re.compile(ALLOWED.get(name, r"(?!)"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            words = re.sub(r"https?://\S+", "", line)
            if re.search(pattern, words, re.IGNORECASE) and not allowed.search(line):
                yield f"{name}:{number}: {line.strip()}"


@pytest.mark.parametrize("kind", BANNED)
def test_the_code_says_it_in_the_fields_words(kind):
    lines = list(found(BANNED[kind], *FOLDERS))
    assert not lines, f"{kind}, {len(lines)} lines:\n" + "\n".join(lines)


@pytest.mark.parametrize("kind", BANNED)
def test_so_do_the_documents(kind):
    lines = list(found(BANNED[kind], *PAGES))
    assert not lines, f"{kind}, {len(lines)} lines:\n" + "\n".join(lines)


@pytest.mark.parametrize(
    ("kind", "yes", "no"),
    [
        ("a saying word", ["what is told", "heard_before", "Heard", "self._said"], ["unheard", "Mendeley"]),
        (
            "valid as a noun",
            [
                "inner valid sets",
                "train + valid",
                "train and valid",
                "valid_rows",
                "for valid in inner",
                "valid UAR",
            ],
            ["a valid record", "it is valid only there", "validation", "invalid", "is_valid(x)"],
        ),
        ("a rule that is cited by its number alone", ["(rule 13)", "rules 4 and 5"], ["rules.md#tuning"]),
    ],
)
def test_the_search_finds_these_and_not_those(kind, yes, no):
    assert [words for words in yes if not re.search(BANNED[kind], words, re.IGNORECASE)] == []
    assert [words for words in no if re.search(BANNED[kind], words, re.IGNORECASE)] == []
