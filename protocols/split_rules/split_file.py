"""A split file: its contents with their digest, and its text."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from protocols import corpora
from protocols.folds import digest as digest_of

WIDTH = 100  # of lines of letters and of names
HEAD = "# Made by `python -m protocols.split_rules`."
LETTERS = "# One letter a clip, in the order of the manifest's rows."
OF_COPIES = "# One letter a row: of each clip, in the manifest's order, and then of its altered copies."


def document(
    *,
    name: str,
    on: Sequence[str],
    rule: str,
    apart: Sequence[str],
    validation_apart: Sequence[str],
    folds: Sequence[Mapping[str, Any]],
    objective: str = "uar",
    leaks: str = "",
    labels: Mapping[str, str] | None = None,
    parts: str = "",
    **more: Any,
) -> dict[str, Any]:
    """The contents of a file of the second format (protocols/folds.py) that does not rank, with its digest.

    `apart`, `leaks` and others are its fields, `more` those that few have; `parts` has one letter a row.
    """
    made: dict[str, Any] = {
        "name": name,
        "version": 1,
        "corpora": list(on),
        "rule": rule,
        "objective": objective,
        "apart": list(apart),
        "validation_apart": list(validation_apart),
        "ranks": False,
        "overall": False,
        **({"leaks": leaks} if leaks else {}),
        **more,
        "manifests": {corpus: corpora.load(corpus).manifest_digest for corpus in on},
        **({"labels": dict(labels)} if labels else {}),
        **({"parts": _lines(parts)} if parts else {}),
        "folds": list(folds),
    }
    return {**made, "digest": digest_of(made)}


def text(document: Mapping[str, Any]) -> str:
    """The file, as TOML: what holds for all folds, the letters, then fold by fold."""
    lines = [HEAD, ""]
    for key, value in document.items():
        if key == "parts":
            about = OF_COPIES if "copies" in document else LETTERS
            lines += ["", about, f'parts = """\n{value}"""']
        elif key == "augmentation":
            lines.append(f"{key} = {_selections(value)}")
        elif key not in ("folds", "digest"):
            lines.append(f"{key} = {_value(value)}")
        if key == "manifests":
            lines.append(f"digest = {_value(document['digest'])}")
    for fold in document["folds"]:
        lines += ["", "[[folds]]", *(f"{key} = {_selections(value)}" for key, value in fold.items())]
    return "\n".join(lines) + "\n"


def _lines(letters: str) -> str:
    return "\n".join(letters[start : start + WIDTH] for start in range(0, len(letters), WIDTH)) + "\n"


def _selections(value: Any) -> str:
    """A selection, or a list of them with one a line."""
    if isinstance(value, list):
        return "[\n" + "".join(f"    {_value(each)},\n" for each in value) + "]"
    return _value(value)


def _value(value: Any) -> str:
    """TOML for a text, a number, a list or an inline table; long lists of names go over several lines."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        names = ", ".join(map(_value, value))
        if len(names) <= WIDTH:
            return f"[{names}]"
        wrapped = textwrap.wrap(names, WIDTH, break_long_words=False, break_on_hyphens=False)
        return "[\n" + "".join(f"        {line}\n" for line in wrapped) + "    ]"
    return json.dumps(value, ensure_ascii=False)
