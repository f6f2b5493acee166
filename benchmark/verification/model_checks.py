"""Is what a record says of its model what the model says that is installed under this name?

A record of other code is stale (benchmark.records.states): then what differs is a note, and no problem.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from benchmark.execution import assembly, record_key
from benchmark.models import plugins
from benchmark.models.plugins import Plugin
from benchmark.records import schema
from benchmark.verification import space_checks
from benchmark.verification.submission import Submission
from protocols.errors import UnheardError

ELSEWHERE = ("versions",)  # parts of a key that may be others where a record was made


def facts(found: Submission) -> Iterator[str]:
    """Title, paper, licence, pretraining, whether it is transductive or deterministic, package."""
    if not (plugin := found.plugin):
        return
    stated = msgspec.structs.asdict(found.record.model)
    installed = msgspec.structs.asdict(assembly.declared(plugin, _teacher(plugin)))
    for name in sorted(stated.keys() - {"source"}):
        here, there = installed[name], stated[name]
        if name == "package":  # whatever its version: the code is the same
            here, there = here.partition(" ")[0], there.partition(" ")[0]
        if here != there:
            yield f"its model's {name} is {there!r:.80}; the installed {plugin.info.name} has {here!r:.80}"


def key(found: Submission) -> Iterator[str]:
    """Features, search space, defaults, recipe: every part of the key that follows from the model."""
    record = found.record
    if not (plugin := found.plugin):
        return
    stated, known = record.key.get("numerics"), plugin.backend.numerics
    here = record_key.key(
        plugin,
        found.protocol,
        copy_digest=schema.copy_digest(record.corpora),
        budget=record.budget,
        seed=record.seed,
        numerics=stated if stated in known else known[0],
    )
    parts = (here.keys() | record.key.keys()) - {*ELSEWHERE, "teacher"}
    theirs, ours = ({name: of.get(name) for name in parts} for of in (record.key, here))
    if plugin.missing:
        theirs["features"] = _as_far_as_known(theirs["features"], ours["features"])
    for difference in record_key.differences(theirs, ours):
        yield f"its key is not what {plugin.info.name} gives here: {difference}"
    if bool(plugin.teacher) != ("teacher" in record.key):
        yield f"its key has {'a' if 'teacher' in record.key else 'no'} teacher, unlike {plugin.info.name}"


def epochs(found: Submission) -> Iterator[str]:
    """No fold trained for longer than its winner's recipe, or the budget, says; nor, unsearched, for less."""
    if not (plugin := found.plugin) or any(space_checks.parameters(found)):
        return
    for facts in found.record.folds:
        limits = plugin.backend.most_epochs(plugin.model, facts.params), found.record.budget.epochs
        most = min([limit for limit in limits if limit is not None], default=None)
        if facts.epochs is not None and most is not None and not 1 <= facts.epochs <= most:
            yield f"fold {facts.fold}: it trained for {facts.epochs} epochs, of {most} at most"
        elif facts.epochs not in (None, most) and not found.protocol.search:
            yield f"fold {facts.fold}: it trained for {facts.epochs} epochs; without a search it is {most}"


def curve(found: Submission) -> Iterator[str]:
    """A network has epochs, and where it was searched the curve from which they follow."""
    if not (plugin := found.plugin) or not plugin.backend.is_network:
        return
    for facts in found.record.folds:
        if facts.epochs is None:
            yield f"fold {facts.fold}: it has no epochs; {plugin.info.name} is a network and trains for some"
        elif facts.trials and not facts.pooled:
            yield f"fold {facts.fold}: it has no curve over epochs that could have chosen its {facts.epochs}"


def _as_far_as_known(theirs: Any, ours: Any) -> Any:
    """Their front ends, without the digests of weights that are not here, and that nobody declared."""
    match theirs, ours:
        case list(), list() if len(theirs) == len(ours):
            return [_as_far_as_known(*pair) for pair in zip(theirs, ours, strict=True)]
        case dict(), dict() if "encoder" not in ours:
            return {name: value for name, value in theirs.items() if name != "encoder"}
    return theirs


def _teacher(plugin: Plugin) -> Plugin | None:
    try:
        return plugins.teacher_of(plugin) if plugin.teacher else None
    except UnheardError:  # it is not installed
        return None
