"""Parts of a corpus in their smallest form: one letter a clip, in the manifest's order.

Where altered copies of the clips are rows of their own, a clip's letter is followed by theirs.

Where thousands of clips would have to be named, a split file has their letters instead, and its selections
name parts. Line breaks and spaces in between mean nothing. The digests of the file and of the manifest cover
which clip is in which part, as if all names were listed.

    parts = '''
    abab..ba'''
    [[folds]]
    test = {parts = ["a"]}
    validation = [{parts = ["b"]}]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import ValidationError

from protocols import corpora
from protocols.population import Population


def named(document: dict[str, Any]) -> dict[str, Any]:
    """The document of a split file with `clips` in place of all `parts`; others as they are.

    ValidationError where the letters are not one for each row of the one corpus, or a part has none.
    """
    if "parts" not in document:
        return document
    clips = members(document)
    return {
        **{key: value for key, value in document.items() if key != "parts"},
        "folds": [_with_clips(fold, clips) for fold in document.get("folds", [])],
    }


def members(document: Mapping[str, Any]) -> dict[str, list[str]]:
    """The names of each part's clips, by its letter; ValidationError as for `named`."""
    on, text, copies = document.get("corpora"), document["parts"], document.get("copies", 0)
    if not (isinstance(on, list) and len(on) == 1 and isinstance(on[0], str) and isinstance(text, str)):
        raise ValidationError("`parts` must be text, a letter for each clip, and the file be of one corpus")
    corpus, found = corpora.load(on[0]), "".join(text.split())
    n, each = len(corpus.manifest), 1 + copies if isinstance(copies, int) and copies > 0 else 1
    if len(found) != n * each:
        rows = f"{n} clips" + (f", {each} rows each" if each > 1 else "")
        raise ValidationError(f"`parts` has {len(found)} letters; {on[0]} has {rows}")
    clips: dict[str, list[str]] = {}
    for row, letter in zip(Population((corpus,), {}, each - 1).rows, found, strict=True):
        clips.setdefault(letter, []).append(row.clip)
    return clips


def letters(parts: Mapping[str, Sequence[str]], clips: Sequence[str]) -> str:
    """The letters of all clips, from those of each part; "." for a clip that is in none.

    >>> letters({"a": ["x", "z"], "b": ["y"]}, ["x", "y", "z", "w"])
    'aba.'
    """
    part_of = {clip: part for part, names in parts.items() for clip in names}
    return "".join(part_of.get(clip, ".") for clip in clips)


def _with_clips(value: Any, clips: dict[str, list[str]]) -> Any:
    """A fold, or anything in it, with `clips` in place of `parts`."""
    if isinstance(value, list):
        return [_with_clips(each, clips) for each in value]
    if not isinstance(value, dict):
        return value
    rest = {key: _with_clips(each, clips) for key, each in value.items() if key != "parts"}
    if "parts" not in value:
        return rest
    if "clips" in value:
        raise ValidationError("a selection has `parts` or `clips`, not both")
    wanted = value["parts"]
    if not isinstance(wanted, list) or not all(isinstance(part, str) and part in clips for part in wanted):
        raise ValidationError(f"`parts = {wanted}`: must be a list of {', '.join(sorted(clips))}")
    return {**rest, "clips": [clip for part in wanted for clip in clips[part]]}
