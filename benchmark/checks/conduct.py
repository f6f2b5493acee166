"""Rules on what a model must leave as it was: its inputs, and what it shares with the whole process."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmark.checks.material import copied
from benchmark.checks.rule import EXPECTS, Found, Note, Problem, rule
from benchmark.checks.subject import EPOCHS, Subject
from protocols.contract import ClipBatch


@rule("fit", EXPECTS)
def inputs(subject: Subject) -> Found:
    """Neither fit nor predict_proba changes the clips that it is given; they are read-only."""
    material, context = subject.material, subject.teach(subject.material.n_classes)
    given = {name: _locked(getattr(material, name)) for name in ("train", "validation", "test")}
    given["test"] = replace(given["test"], labels=None, speakers=None)
    before = {name: _digest(clips) for name, clips in given.items()}
    model = subject.make(material.n_classes, 0)
    try:
        model.fit(given["train"], given["validation"], epochs=EPOCHS, context=context)
        model.predict_proba(given["test"])
    except Exception as error:
        error.add_note("on arrays that are read-only, as the engine's are")
        raise
    changed = [name for name, clips in given.items() if _digest(clips) != before[name]]
    return Problem(f"changed: the clips of {' and '.join(changed)}") if changed else None


@rule("fit", "protocols/contract.py, class Info")
def memory(subject: Subject) -> Found:
    """Memory stays within `Info.memory`."""
    peaks = [effects.peak for effects in subject.effects.values()]
    if None in peaks:
        return Note("not measured: this system does not give a process's peak memory")
    most = max(peak for peak in peaks if peak is not None)
    if most <= subject.info.memory:
        return None
    return Problem(
        f"resident memory grew by {most:.0f} MiB on {len(subject.material.train)} short clips; "
        f"declared: {subject.info.memory} MiB"
    )


@rule("fit", EXPECTS)
def quiet(subject: Subject) -> Found:
    """Nothing goes to standard output, which is for documents: standard error is for messages."""
    for name, effects in subject.effects.items():
        if effects.printed:
            line = effects.printed.strip().partition("\n")[0][:80]
            return Problem(f"{name} printed {line!r}")
    return None


@rule("fit", EXPECTS)
def files(subject: Subject) -> Found:
    """Nothing is written into the current folder."""
    for name, effects in subject.effects.items():
        if effects.files:
            return Problem(f"{name} wrote {', '.join(effects.files[:3])}")
    return None


@rule("fit", EXPECTS)
def network(subject: Subject) -> Found:
    """No network is asked: what a model needs is installed, or comes as weights beside it."""
    for name, effects in subject.effects.items():
        if effects.hosts:
            return Problem(f"{name} asked for {', '.join(effects.hosts[:3])}")
    return None


@rule("fit", EXPECTS)
def global_state(subject: Subject) -> Found:
    """What other models share stays as it was: global random states, torch's dtype, threads and modes."""
    exempt = subject.checking.may_change
    for name, effects in subject.effects.items():
        if changed := [what for what in effects.changed if name == "import" or what not in exempt]:
            return Problem(f"{name} changed {' and '.join(changed)}")
    return None


def _locked(clips: ClipBatch) -> ClipBatch:
    """A copy whose inputs cannot be written to."""
    clips = copied(clips)
    for arrays in (clips.inputs, *clips.copies):
        for array in arrays:
            array.setflags(write=False)
    return clips


def _digest(clips: ClipBatch) -> str:
    digest = hashlib.sha256()
    arrays: Sequence[np.ndarray | None]
    for arrays in (clips.inputs, *clips.copies, [clips.labels, clips.speakers]):
        for array in arrays:
            digest.update(b"" if array is None else np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
