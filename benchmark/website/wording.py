"""The words for facts with a kind: why an entry does not rank, notes, coverage, costs, states.

Pages, exports and the command line take their words from here; nothing else in the benchmark words them.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.ranking.comparison import Difference
from benchmark.ranking.leaderboard import Board
from benchmark.ranking.overall import Coverage
from benchmark.ranking.reasons import Note, Unranked, Value
from benchmark.records.schema import SMALL_TRIALS, Cost
from benchmark.records.states import MEANING, State
from benchmark.records.tuning import Tuning
from benchmark.website.filters import DASH, amount, names, settings, span
from benchmark.website.rows import Row
from protocols.selection import Selection


def reasons(found: Sequence[Unranked]) -> str:
    """Why an entry does not rank, "" where it does: "1 trial, not 20; fold 0 only"."""
    return "; ".join(map(reason, found))


def reason(one: Unranked) -> str:
    """One reason."""
    match one.kind:
        case "leaks":
            return f"the protocol leaks by design: {str(one.here).removeprefix('by its question: ')}"
        case "protocol":
            return "the protocol does not rank"
        case "invalid":
            return "it does not hold, as verify shows (invalid)"
        case "stale":
            return "made with another version of the split, the engine or the model (stale)"
        case "seed":
            return "of other seeds than those that count"
        case "split":
            return "another version of the split"
        case "engine":
            return f"version {one.here} of search and training, not {one.needed}"
        case "miniature":
            return "the miniature corpus"
        case "trials":
            return f"{many(one.here, 'trial')}, not {one.needed}"
        case "epochs":
            return f"epochs: {_epochs(one.here)}, not {_epochs(one.needed)}"
        case "folds":
            return _folds(one.here)
        case "numerics":
            return f"trained in {one.here}, not {one.needed}"
        case "missing":
            return f"{many(_size(one.here), 'clip')} missing, not {_size(one.needed)}"
        case "labels":
            return "other labels"
        case "copy":
            return "another copy of the corpus"
        case "clips":
            return "other test clips or folds"
        case "variant":
            return f"a variant of {one.here}"
        case "pretraining":
            return f"its pretraining includes {one.here}"
        case "enrolment":
            return f"it is given {one.here}{' other' * (one.here == 'all')} clips of the speaker"
        case "transductive":
            return "it uses several test clips together"
        case "version":
            return "another version of a model that is ranked"
        case "absent":
            return "no results here"


def compared(found: Sequence[Unranked]) -> str:
    """Likewise, why a model is not compared with another; fewer trials are named first as what they are."""
    first = found[0] if found else None
    fewer = first is not None and first.kind == "trials" and _number(first.here) < _number(first.needed)
    return ("reduced budget: " if fewer else "") + reasons(found)


def detectable(of: Difference) -> str:
    """The smallest true difference that would be found, in points."""
    return "no difference can be shown" if of.detectable is None else f"{100 * of.detectable:.1f}"


def audio(board: Board) -> str:
    """A board's audio, and its budget where it is the small one."""
    small = f", the small budget ({SMALL_TRIALS} trials, one seed)" if board.small else ""
    return f"{board.audio} audio{small}"


def note(one: Note) -> str:
    """A note: "1 of 3 seeds"."""
    match one.kind:
        case "seeds":
            return f"{one.here} of {one.needed} seeds"
        case "folds":
            return _folds(one.here)
        case "numerics":
            return f"trained in {one.here}"
        case "miniature":
            return "miniature corpus"
        case "missing":
            return f"missing clips: {_size(one.here)}"


def notes(found: Sequence[Note]) -> str:
    """Notes in one line."""
    return "; ".join(map(note, found))


def coverage(of: Coverage) -> str:
    """What the overall score is over: "4 of 5: no CREMA-D audio here"."""
    gaps = [f"no {' or '.join(of.absent)} audio here"] if of.absent else []
    gaps += [f"not every model has {' or '.join(of.partial)}"] if of.partial else []
    return f"{len(of.covered)} of {of.known}" + (f": {'; '.join(gaps)}" if gaps else "")


CONDITIONS = {  # of benchmark.audio.acoustic_conditions
    "clean": "Clean",
    "noise-20": "Noise, 20 dB",
    "noise-10": "Noise, 10 dB",
    "noise-0": "Noise, 0 dB",
    "telephone": "Telephone band",
    "half-level": "Half the level",
    "tenth-level": "A tenth of the level",
    "small-room": "Small room",
    "opus-16": "Opus, 16 kbit/s",
}


def condition(name: str) -> str:
    """An acoustic condition: "Telephone band"; one that is not known by its name."""
    return CONDITIONS.get(name, name)


def front_end(cost: Cost | None) -> str:
    """Beside a model's MACs: what of them is the front end's, or who counted them; "" without a cost."""
    if cost is None:
        return ""
    if cost.by == "declared":
        return "declared"
    part = cost.official.front_end
    return "not counted" if part is None else f"front end {amount(part)}"


def counted(cost: Cost | None) -> str:
    """Beside a model's MACs in a table: that they are not counted, by whom, or whose; "" for the usual."""
    if cost is None:
        return ""
    if cost.by == "declared":
        return "declared"
    if cost.official.total is None:
        return "not counted"
    return "front end" if cost.official.total == cost.official.front_end else ""


def macs(cost: Cost | None) -> str:
    """A model's MACs in one phrase."""
    if cost is None:
        return DASH
    if cost.official.total is None:
        return "not counted"
    return amount(cost.official.total) + (", declared" if cost.by == "declared" else "")


def state(one: State) -> str:
    """What a record's state means."""
    return MEANING[one]


def seeds(searched: bool | None) -> str:
    """What a model's other seeds did (docs/rules.md#seeds); "" where there are none."""
    if searched is None:
        return ""
    return "each searched" if searched else "winners refitted"


def tuned(of: Tuning) -> str:
    """How a model's settings came about, in one sentence."""
    if not of.searched:
        fixed = f"its settings ({settings(of.fixed)}) are fixed in its file, the same in all folds"
        return f"Nothing is searched: {fixed if of.fixed else 'it has no settings'}."
    again = {None: "", True: "; each seed searches anew", False: "; other seeds refit what seed 0 found"}
    trials = span((of.trials[0], of.trials[-1]))
    return (
        f"Searched in each fold: {many(len(of.searched), 'setting')} ({', '.join(of.searched)}), in at most "
        f"{trials} trials on inner folds of the training speakers{again[of.anew]}."
    )


def checked(row: Row) -> str:
    """A model's state in words, and how many of its records are verified."""
    verified = f"; {row.states.count('verified')} of {len(row.states)} records are verified"
    return MEANING[row.state] + (verified if "verified" in row.states else "")


def selection(of: Selection, most: int = 24) -> str:
    """The clips that a fold tests or validates; the unit is named but for speakers and sentences alone."""
    found = of.names
    if not found:
        return "all clips"
    if len(found) == 1 and (alone := found.get("speaker") or found.get("sentence")):
        return names(alone, most if "speaker" in found else 6)
    plural = {"corpus": "corpora"}
    return "; ".join(f"{plural.get(unit, f'{unit}s')} {names(group, 6)}" for unit, group in found.items())


def many(number: Value, thing: str) -> str:
    """So many of a thing: "1 seed", "3 seeds"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _epochs(number: Value) -> str:
    return str(number or "as the recipe says")


def _folds(run: Value) -> str:
    """Which folds were run."""
    if not isinstance(run, tuple):
        return "all folds"
    return f"{'fold' if len(run) == 1 else 'folds'} {', '.join(map(str, run))} only"


def _size(clips: Value) -> int:
    return len(clips) if isinstance(clips, tuple) else 0


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0


FILTERS = {
    function.__name__: function
    for function in (
        reasons,
        compared,
        detectable,
        note,
        notes,
        coverage,
        condition,
        front_end,
        counted,
        macs,
        state,
        seeds,
        tuned,
        checked,
        selection,
    )
}
