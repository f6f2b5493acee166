"""The BibTeX entry: what it says, and that nothing in a record can break out of it."""

import re

import made_up
import pytest
from msgspec.structs import replace

from benchmark.ranking import leaderboard
from benchmark.website.pages.citation import bibtex
from protocols import corpora, folds


def cited(made):
    names = {record.protocol.name for record in made} - {"toy"}
    board = leaderboard.build(
        made,
        protocols={name: folds.load(name) for name in names},
        corpora={"emodb": corpora.load("emodb"), "savee": corpora.load("savee")},
    )[made[0].board]
    results = [(table, entry) for table in board.tables.values() for entry in table.entries]
    return bibtex(made[0].model, results, made, kind=board.kind)


def test_it_names_board_corpora_scores_and_version():
    made = [made_up.record("emodb-loso"), made_up.record("savee-loso")]
    uars = [f"{100 * made_up.uar(record):.1f}" for record in made]
    assert cited(made) == "\n".join(
        [
            "@misc{unheard-derived-logreg,",
            "  title = {{Logreg}: results on unheard speakers},",
            "  author = {{The unheard maintainers}},",
            "  year = {2030},",
            "  howpublished = {unheard, version 0.1.0},",
            "  note = {Model logreg, version 1; derived board; UAR in percent: "
            f"EMO-DB {uars[0]}, SAVEE {uars[1]}; the model's own paper: \\url{{https://example.org/paper}}}},",
            "}",
        ]
    )


@pytest.mark.parametrize(
    ("paper", "address"),
    [
        ("no address", None),
        ("A paper. doi:10.1000/a_b.", "https://doi.org/10.1000/a_b"),
        ("https://example.org/}\\input{x}", "https://example.org/%7D%5Cinput%7Bx%7D"),
        (
            "https://example.org/a_%20b?c=d&e#\u202e\x7f\u00e4",
            "https://example.org/a_%20b?c=d&e#%E2%80%AE%7F%C3%A4",
        ),
    ],
)
def test_the_paper_s_address_is_named_as_the_paper_s(paper, address):
    url = re.search(
        r"; the model's own paper: \\url\{(.*)\}\},", cited([made_up.record("emodb-loso", paper=paper)])
    )
    assert (url and url[1]) == address


def test_tex_s_signs_are_escaped():
    title = "50 % & $x_1$ #2 {~} ^\\input{x}\n}"
    text = cited([made_up.record("emodb-loso", title=title)])
    line = next(line for line in text.splitlines() if "title" in line)
    assert (
        r"{50 \% \& \$x\_1\$ \#2 \textbraceleft{}\textasciitilde{}\textbraceright{} \textasciicircum{}"
        r"\textbackslash{}input\textbraceleft{}x\textbraceright{} \textbraceright{}}:" in line
    )


@pytest.mark.parametrize("title", ["{", "}", "\\}", "{{\\{", "\x00{\x1b", "}\u202e,\n@misc{"])
def test_braces_stay_in_pairs_as_bibtex_counts_them(title):
    """BibTeX counts a brace behind a backslash too."""
    made = made_up.record("emodb-loso", title=title, version=title)
    text = cited([replace(made, run=replace(made.run, unheard=title, finished=title))])
    depth = 0
    for sign in text:
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert depth == 0
    assert text.isprintable() or text.replace("\n", "").isprintable()
    assert [line[0] for line in text.splitlines()] == ["@", *" " * (len(text.splitlines()) - 2), "}"]
    assert "year" not in text


def test_synthetic_and_unranked_results_are_not_cited():
    made = made_up.record("emodb-loso")
    assert cited([replace(made, board="synthetic")]) == ""
    pretrained = made_up.record("emodb-loso", pretraining=["EMO-DB"])
    assert cited([pretrained]) == ""
