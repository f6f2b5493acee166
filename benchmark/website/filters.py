"""How pages put facts into words: numbers, names, links. All text is escaped; the rest is Jinja's."""

from __future__ import annotations

import hashlib
import math
import re
import shlex
import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

DASH = "–"
ADDRESS = re.compile(r"https?://[^\s<>\"'`]+|doi:(10\.\d{4,9}/[^\s<>\"'`]+)")


def percent(share: float | None, digits: int = 1) -> str:
    """0.6314 -> "63.1"; a dash where there is no number."""
    return DASH if share is None or math.isnan(share) else f"{100 * share:.{digits}f}"


def points(share: float | None) -> str:
    """0.0345 -> "+3.5", a difference in points; a dash where there is no number."""
    return DASH if share is None else f"{100 * share:+.1f}".replace("-", "−")


def amount(number: float | None) -> str:
    """1234 -> "1.2 k"; three digits are enough to compare models."""
    if number is None:
        return DASH
    for size, unit in ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return f"{number:.3g}"


def size(count: int | None) -> str:
    """1234 -> "1.2 kB"."""
    return DASH if count is None else f"{amount(count)}B" if count >= 1000 else f"{count} B"


def duration(seconds: float | None) -> str:
    """340 -> "6 min", in the unit that fits."""
    if seconds is None:
        return DASH
    if seconds >= 5400:
        return f"{seconds / 3600:.3g} h"
    return f"{seconds / 60:.2g} min" if seconds >= 60 else f"{seconds:.2g} s"


def milliseconds(number: float | None) -> str:
    """Two digits, or whole ones: "0.42", "3.8", "242"."""
    return DASH if number is None else f"{number:.0f}" if number >= 10 else f"{number:.2g}"


def p_value(p: float | None) -> str:
    """Three decimals, or that it is smaller."""
    return DASH if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"


def span(ends: tuple[int, int] | None) -> str:
    """(1, 3) -> "1–3"."""
    return DASH if ends is None else str(ends[0]) if ends[0] == ends[1] else f"{ends[0]}–{ends[1]}"


def names(words: Sequence[str], most: int = 8) -> str:
    """The words, or the first few and how many there are."""
    shown = ", ".join(words[:most])
    return shown if len(words) <= most else f"{shown}, … ({len(words)} in all)"


def settings(params: Mapping[str, Any]) -> str:
    """Parameters by name; floats to four digits."""
    return ", ".join(f"{name} = {value(of)}" for name, of in sorted(params.items())) or DASH


def value(of: Any) -> str:
    """A parameter's value; floats to four digits."""
    return f"{of:.4g}" if isinstance(of, float) else str(of)


def choices(distribution: Any) -> str:
    """What an Optuna distribution, as a record has it, lets a search choose from; anything else as it is."""
    try:
        facts = distribution["attributes"]
        if "choices" in facts:
            return " or ".join(map(value, facts["choices"]))
        whole = "whole numbers from " if distribution.get("name") == "IntDistribution" else ""
        ends = f"{whole}{facts['low']:.4g} to {facts['high']:.4g}"
        return ends + (", log scale" if facts.get("log") else "")
    except (KeyError, TypeError, ValueError):
        return str(distribution)[:200]


def slug(name: str) -> str:
    """A file name for any name: itself where it is safe, else a safe form with a hash that tells it apart."""
    safe = re.sub(r"[^a-z0-9.@~-]+", "-", name.lower()).strip("-.")[:60]
    if safe and safe == name:
        return name
    return f"{safe or 'x'}-{hashlib.sha256(name.encode(errors='replace')).hexdigest()[:8]}"


def printable(text: str) -> str:
    """Without the signs that print nothing, some of which XML does not allow."""
    return "".join(sign for sign in text if unicodedata.category(sign)[0] != "C")


def urn(words: str) -> str:
    """A name for good, of the same words always the same (RFC 4122, version 5)."""
    return uuid.uuid5(uuid.NAMESPACE_OID, words).urn


def quoted(word: str) -> str:
    """As one word of a command line, whatever it holds."""
    return shlex.quote(word)


def linked(text: str) -> Markup:
    """The text, escaped; addresses that begin with http, https or doi: become links, nothing else does."""
    out, end = Markup(), 0
    for found in ADDRESS.finditer(text):
        words = found[0].rstrip(".,;:)")
        target = f"https://doi.org/{words[4:]}" if found[1] else words
        link = Markup('<a href="{}" rel="nofollow noopener noreferrer">{}</a>').format(target, words)
        out += escape(text[end : found.start()]) + link
        end = found.start() + len(words)
    return out + escape(text[end:])


FILTERS = {
    function.__name__: function
    for function in (
        percent,
        points,
        amount,
        size,
        duration,
        milliseconds,
        p_value,
        span,
        names,
        settings,
        choices,
        slug,
        urn,
        printable,
        quoted,
        linked,
    )
}
