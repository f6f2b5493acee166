"""A BibTeX entry that cites a model's results here. The model's own paper is named by its address alone."""

from __future__ import annotations

import urllib.parse
from collections.abc import Sequence

from benchmark.ranking.cells import Entry
from benchmark.ranking.leaderboard import Kind, Table
from benchmark.records.schema import ModelFacts, Record
from benchmark.website import filters
from benchmark.website.latex import escaped

AUTHOR = "The unheard maintainers"  # as in CITATION.cff


def bibtex(
    facts: ModelFacts,
    results: Sequence[tuple[Table, Entry]],
    records: Sequence[Record],
    *,
    kind: Kind,
    home: str = "",
) -> str:
    """The entry, or "" where nothing ranks or the audio is synthetic: there is no result to cite.

    `home`: the project's address, where it has one.
    """
    ranked = [(table.title, entry.uar) for table, entry in results if not entry.unranked]
    if not ranked or kind.startswith("synthetic"):
        return ""
    scores = ", ".join(f"{title} {filters.percent(uar)}" for title, uar in ranked)
    versions = ", ".join(sorted({record.run.unheard for record in records}))
    paper, at = _address(facts.paper), _address(home)
    note = f"Model {facts.name}, version {facts.version}; {kind} board; UAR in percent: {scores}"
    fields = {
        # Inner braces keep the capitals; the rest says that its authors are not the model's.
        "title": f"{{{escaped(facts.title or facts.name)}}}: results on unheard speakers",
        "author": f"{{{AUTHOR}}}",
        "year": max(
            (year for record in records if (year := record.run.finished[:4]).isdecimal()), default=""
        ),
        "howpublished": f"unheard, version {escaped(versions)}" + (f", \\url{{{at}}}" if at else ""),
        "note": escaped(note) + (f"; the model's own paper: \\url{{{paper}}}" if paper else ""),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{unheard-{kind}-{filters.slug(facts.name)},", *lines, "}"])


def _address(paper: str) -> str:
    """The first address in the text, "" without one; no sign that could end the field."""
    found = filters.ADDRESS.search(paper)
    if not found:
        return ""
    words = found[0].rstrip(".,;:)")
    address = f"https://doi.org/{words[4:]}" if found[1] else words
    return urllib.parse.quote(address, safe="%/:=&?~#+!$,;'@()*[]")
