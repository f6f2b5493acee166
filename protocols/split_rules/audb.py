"""The splits that audEERING publishes with its copies of EMO-DB (audb, 1.2) and RAVDESS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from protocols.split_rules import split_file


def documents() -> Iterator[dict[str, Any]]:
    """One fold each; EMO-DB's has no validation set of its own."""
    yield _document(
        "emodb",
        "audb's split of speakers: six train, four are tested. In each of three inner folds a woman and a "
        "man of the six validate, which is ours.",
        test=["12", "14", "15", "16"],
        validation=[["08", "03"], ["09", "10"], ["13", "11"]],
    )
    yield _document(
        "ravdess",
        "audb's split of speakers, which nkululeko has too: sixteen train, four validate, four are tested.",
        test=["21", "22", "23", "24"],
        validation=[["16", "17", "19", "20"]],
    )


def _document(name: str, rule: str, *, test: list[str], validation: list[list[str]]) -> dict[str, Any]:
    return split_file.document(
        name=f"{name}-audb",
        on=[name],
        rule=rule,
        apart=["speaker"],
        validation_apart=["speaker"],
        folds=[
            {"test": {"speakers": test}, "validation": [{"speakers": speakers} for speakers in validation]}
        ],
    )
