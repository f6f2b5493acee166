"""How pages put facts into words: numbers, names, links. All text is escaped; the rest is Jinja's."""

from __future__ import annotations

import hashlib
import math
import re
import shlex
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
    for size, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return f"{number:.3g}"


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
    shown = {k: f"{v:.4g}" if isinstance(v, float) else v for k, v in sorted(params.items())}
    return ", ".join(f"{k} = {v}" for k, v in shown.items()) or DASH


def choices(distribution: Any) -> str:
    """What an Optuna distribution, as a record has it, lets a search choose from; anything else as it is."""
    try:
        facts = distribution["attributes"]
        if "choices" in facts:
            return " or ".join(map(str, facts["choices"]))
        return f"{facts['low']:.4g} to {facts['high']:.4g}" + (", log scale" if facts.get("log") else "")
    except (KeyError, TypeError, ValueError):
        return str(distribution)[:200]


def slug(name: str) -> str:
    """A file name for any name: itself where it is safe, else a safe form with a hash that tells it apart."""
    safe = re.sub(r"[^a-z0-9.@~-]+", "-", name.lower()).strip("-.")[:60]
    if safe and safe == name:
        return name
    return f"{safe or 'x'}-{hashlib.sha256(name.encode(errors='replace')).hexdigest()[:8]}"


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
    for function in (percent, points, amount, p_value, span, names, settings, choices, slug, quoted, linked)
}
