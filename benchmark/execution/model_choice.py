"""Which models a request means, with the teachers that they need."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.audio.reader import RATE
from benchmark.execution.suites import Suite
from benchmark.features import front_ends
from benchmark.models import installation, plugins
from benchmark.models.plugins import Plugin
from benchmark.storage import memo
from protocols.contract import ENROLMENT
from protocols.errors import PluginError

HEAVY = 20_000_000  # MACs of an epoch's rows of a clip: above, one epoch of one fold of one embedded corpus
HEAVY_FEATURES = 90_000_000  # MACs of a clip's front end and those of its copies: likewise
SECONDS = 3  # of speech


def choose(
    wanted: Sequence[str], suite: Suite, *, numerics: str = "fp32"
) -> tuple[list[Plugin], list[tuple[str, str]]]:
    """The models to run, teachers first, and by name why others cannot run here, or not with these numerics.

    None wanted: those of the suite that are installed. PluginError where one that is named cannot run.
    """
    bad: dict[str, str] = {}
    if wanted:
        found = [installation.find(reference) for reference in dict.fromkeys(wanted)]
    else:
        found, bad = installation.models()
        found = _of_suite(found, suite)
    found = _teachers_first(found)
    names = [plugin.info.name for plugin in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise PluginError(f"two of the models are called {twice[0]!r}; rename one.")
    why = {plugin.info.name: plugin.missing or _without(plugin, numerics) for plugin in found}
    skipped = [(name, reason) for name, reason in why.items() if reason]
    if wanted and skipped:
        raise PluginError(f"{skipped[0][0]} cannot run here: {skipped[0][1]}")
    return [plugin for plugin in found if not why[plugin.info.name]], [*skipped, *bad.items()]


def _of_suite(installed: list[Plugin], suite: Suite) -> list[Plugin]:
    """Those that the suite runs; with `enrolment`, without clips of the speaker and with each number."""
    found = [plugin for plugin in installed if plugin.info.cheap or not suite.cheap]
    if suite.models:
        found = [plugin for plugin in found if plugin.info.name in suite.models]
    if not suite.enrolment:
        return found
    taking = [plugin.reference for plugin in found if plugin.info.enrolment != "none"]
    named = [[name, *(f"{name}@{clips}" for clips in ENROLMENT)] for name in taking]
    return [installation.find(reference) for each in named for reference in each]


def heavy(plugin: Plugin) -> bool:
    """Whether a clip costs the model, or its teacher, more multiply-adds than HEAVY, or its features do."""
    if any(map(front_ends.encoder_of, plugin.features)):  # a large network itself
        return True
    counts = [(1 + each.copies, front_ends.macs(each, SECONDS * RATE)) for each in plugin.features]
    if sum(rows * (macs or 0) for rows, macs in counts) > HEAVY_FEATURES:
        return True
    networks = [one for one in _teachers_first([plugin]) if one.backend.is_network]
    if not networks:
        return False
    decisive = [installation.surroundings(), *([one.reference, one.source] for one in networks)]
    return memo.kept("heavy", decisive, lambda: _heavy(networks))


def _heavy(networks: Sequence[Plugin]) -> bool:
    from benchmark.cost import measure  # which imports torch

    counts = [measure.of_network(network).official.model for network in networks]
    rows = [network.rows(network.model.defaults) for network in networks]
    return any(
        count is None or own * sum(count.values()) > HEAVY for own, count in zip(rows, counts, strict=True)
    )


def _without(plugin: Plugin, numerics: str) -> str:
    """Why a model, or its teacher, has not this class of numerics; "" where it has."""
    if all(numerics in one.backend.numerics for one in _teachers_first([plugin])):
        return ""
    return (
        f"--numerics {numerics} is for networks that the engine trains; this model has a fit of its own, in "
        "fp32. Leave it out, or name networks."
    )


def _teachers_first(found: list[Plugin]) -> list[Plugin]:
    """With the teachers that these models need, each before its students."""
    teachers = {plugin.teacher: plugins.teacher_of(plugin) for plugin in found if plugin.teacher}
    own = {teacher.reference for teacher in teachers.values()}
    return [*teachers.values(), *(plugin for plugin in found if plugin.reference not in own)]
