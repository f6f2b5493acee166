"""Rules on what a model must leave as it was: its inputs, and what it shares with the whole process."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmark.checks.rule import EXPECTS, Found, Note, Problem, rule
from benchmark.checks.shared_state import DRAWN, NUMPYS
from benchmark.checks.subject import CrashError, Subject
from protocols.contract import ClipBatch

MESSAGES = 1 << 16  # bytes
MASKING = "Hugging Face's masking of time steps draws from it: set `apply_spec_augment` to False"


@rule("fit", EXPECTS)
def inputs(subject: Subject) -> Found:
    """Neither fit nor predict_proba changes the clips that it is given; they are read-only."""
    try:
        after = subject.locked()
    except CrashError as error:
        error.add_note("on arrays that are read-only, as the engine's are")
        raise
    before = {name: getattr(subject.material, name) for name in after}
    before["test"] = replace(before["test"], labels=None, speakers=None)
    changed = [name for name, clips in after.items() if _digest(clips) != _digest(before[name])]
    return Problem(f"changed: the clips of {' and '.join(changed)}") if changed else None


@rule("fit", "protocols/contract.py, class Info")
def memory(subject: Subject) -> Found:
    """Memory stays within `Info.memory`."""
    peaks = [effects.peak for effects in subject.effects.values()]
    if None in peaks:
        return Note("not measured: this system does not give a process's peak memory")
    most = max(peak for peak in peaks if peak is not None)
    if most <= subject.facts.memory:
        return None
    return Problem(
        f"resident memory grew by {most:.0f} MiB on {len(subject.material.train)} short clips; "
        f"declared: {subject.facts.memory} MiB"
    )


@rule("fit", EXPECTS)
def quiet(subject: Subject) -> Found:
    """Nothing goes to standard output, which is for documents; to standard error go messages, not floods."""
    for name, effects in subject.effects.items():
        if effects.printed:
            return _by(name, f"printed {_line(effects.printed)!r}")
        if effects.errors > MESSAGES:
            return _by(name, f"wrote {effects.errors} bytes to standard error")
    lines = [f"{name}: {_line(each.message)}" for name, each in subject.effects.items() if each.message]
    return Note(f"on standard error, {lines[0]}") if lines else None


@rule("fit", EXPECTS)
def files(subject: Subject) -> Found:
    """No file is written, changed or removed, wherever it is; a temporary one is gone again."""
    for name, effects in subject.effects.items():
        if effects.files:
            return _by(name, f"wrote {', '.join(effects.files[:3])}")
    return None


@rule("fit", EXPECTS)
def network(subject: Subject) -> Found:
    """No network is asked: what a model needs is installed, or comes as weights beside it."""
    for name, effects in subject.effects.items():
        if effects.hosts:
            return _by(name, f"asked for {', '.join(effects.hosts[:3])}")
    return None


@rule("fit", EXPECTS)
def global_state(subject: Subject) -> Found:
    """What other models share stays as it was: random states, environment, modes, functions."""
    exempt = subject.facts.may_change
    for name, effects in subject.effects.items():
        if changed := [what for what in effects.changed if name == "import" or what not in exempt]:
            masking = f" ({MASKING})" if {NUMPYS, DRAWN} & set(changed) else ""
            return _by(name, f"changed {' and '.join(changed)}{masking}")
    return None


@rule("fit", EXPECTS)
def left_running(subject: Subject) -> Found:
    """No thread and no process goes on after a call."""
    for name, effects in subject.effects.items():
        if effects.left:
            return _by(name, f"left {', '.join(effects.left[:3])}")
    return None


def _by(name: str, came: str) -> Problem:
    """What a call did; of importing, the class alone is the place."""
    return Problem(f"{name} {came}", "info" if name == "import" else name)


def _line(text: str) -> str:
    return text.strip().partition("\n")[0][:80]


def _digest(clips: ClipBatch) -> str:
    digest = hashlib.sha256()
    arrays: Sequence[np.ndarray | None]
    for arrays in (clips.inputs, *clips.copies, [clips.labels, clips.speakers]):
        for array in arrays:
            digest.update(b"" if array is None else np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
