"""Can a record's costs and speeds be, beside each other and beside the model that is installed?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise

from benchmark.features import front_ends
from benchmark.models.plugins import Plugin
from benchmark.records.schema import FORWARD_AND_BACK, LENGTHS, OFFICIAL, Cost, Count, Speed
from benchmark.verification.submission import Submission
from protocols.contract import ClipBatch
from protocols.errors import UnheardError
from protocols.protocol import divided

RATIOS = 0.1  # by which a ratio may differ: in early records it is the median of the turns' ratios
AGREE = 0.02  # by which two counters of MACs may differ (docs/rules.md#cost)


def lengths(found: Submission) -> Iterator[str]:
    """The cost is that of the lengths of speech for which all costs are counted."""
    cost = found.record.cost
    if cost and [count.seconds for count in cost.counts] != list(LENGTHS):
        yield "its cost is not counted for 1, 3 and 10 s of speech"


def counts(found: Submission) -> Iterator[str]:
    """Nothing is for free, no more speech is used than is given, and more speech never costs less."""
    cost = found.record.cost
    if not cost:
        return
    for count in cost.counts:
        if count.total == 0 or (cost.by == "fvcore" and _of_model(count) == 0):
            yield f"its cost for {count.seconds:g} s of speech is zero"
        if not 0 < count.used <= count.seconds:
            yield f"its cost is of {count.used:g} s of speech, where {count.seconds:g} s are given"
    if cost.training == 0:
        yield "its training costs nothing"
    for name, values in (
        ("front end", [count.front_end for count in cost.counts]),
        ("model", [_of_model(count) for count in cost.counts]),
        ("norms", [count.norms for count in cost.counts]),
        ("speech that is used", [count.used for count in cost.counts]),
    ):
        if _falls(values):
            yield f"its cost falls where the speech is longer: {name}"


def sizes(found: Submission) -> Iterator[str]:
    """A model is at least as large as what each fold trained of it, and a parameter takes a byte or more."""
    cost = found.record.cost
    if not cost:
        return
    trained = max((facts.parameters or 0 for facts in found.record.folds), default=0)
    if cost.parameters is not None and cost.parameters < trained:
        yield f"it costs {cost.parameters} parameters, but a fold has trained {trained}"
    if cost.weights is not None and cost.weights < (cost.parameters or 0):
        yield f"its {cost.parameters} parameters take {cost.weights} bytes"


def training(found: Submission) -> Iterator[str]:
    """Training costs at least the fits of the winners, for the epochs that the record states."""
    cost, record = found.record.cost, found.record
    clip = _of_model(cost.official) if cost else None
    if not cost or cost.training is None or clip is None:
        return
    learnt = sum(
        len(divided(found.protocol, found.protocol.folds[facts.fold], found.held).development)
        * (facts.epochs or 0)
        for facts in record.folds
        if facts.fold in found.folds_run
    )
    if cost.training < FORWARD_AND_BACK * clip * learnt:
        yield f"its training costs {cost.training}, less than the fits of its winners alone"


def speed(found: Submission) -> Iterator[str]:
    """The times of one measurement fit each other: parts, ratio, seconds of speech."""
    fast = found.record.run.speed
    if not fast:
        return
    if min(fast.latency, fast.reference, fast.ratio) <= 0:
        yield "its latency, or that of the reference, is zero"
        return
    if not fast.front_end <= fast.latency <= fast.slow:
        yield (
            f"its latency of {fast.latency:g} ms is less than its front end's, {fast.front_end:g} ms, or "
            f"more than its slowest, {fast.slow:g} ms"
        )
    yield from _derived(fast)


def _derived(fast: Speed) -> Iterator[str]:
    follows = fast.latency / fast.reference
    if not abs(fast.ratio - follows) <= RATIOS * follows + 1e-3:
        yield f"its ratio is {fast.ratio:g}, but latency and reference give {follows:.3g}"
    if not abs(fast.real_time - fast.latency / 1e3 / OFFICIAL) <= 2e-6:
        yield f"it takes {fast.real_time:g} s for a second of speech, which its latency does not give"


def beside_the_plugin(found: Submission) -> Iterator[str]:
    """Front end, and a network's size and MACs, are those of the model that is installed.

    What a classical model costs follows from its fit, and what a frozen encoder does takes long to count:
    neither is counted again here.
    """
    cost, plugin = found.record.cost, found.plugin
    if not cost or not plugin:
        return
    counted: tuple[str, ...] = (plugin.backend.counted_by, "not counted")
    if plugin.info.macs is not None:
        counted = (plugin.backend.counted_by, "declared")
    if cost.by not in counted:
        yield f"its cost is {cost.by}; that of {plugin.info.name} is {' or '.join(counted)}"
    if _encodes(plugin):
        return
    for count, (used, front_end) in zip(cost.counts, _front_end(plugin.reference), strict=False):
        if (count.used, count.front_end) != (used, front_end):
            yield (
                f"its front end costs {count.front_end} for {count.seconds:g} s of speech, of which "
                f"{count.used:g} s are used; that of {plugin.info.name} costs {front_end}, of {used:g} s"
            )
    if plugin.backend.is_network and cost.by == "fvcore" and not plugin.missing:  # else it cannot be built
        yield from _network(found, cost, plugin)


def _network(found: Submission, cost: Cost, plugin: Plugin) -> Iterator[str]:
    """A parameter that changes the cost is not searched: every fold's network is as large as the default."""
    try:
        parameters, weights, macs = _built(plugin.reference, len(found.record.labels))
    except UnheardError:  # it cannot be built here
        return
    if strange := sorted({facts.parameters or 0 for facts in found.record.folds} - {parameters}):
        yield f"a fold trained {strange[0]} parameters; {plugin.info.name} has {parameters}"
    if (cost.parameters, cost.weights) != (parameters, weights):
        yield (
            f"it has {cost.parameters} parameters of {cost.weights} bytes; {plugin.info.name} has "
            f"{parameters} of {weights}"
        )
    same_input = all(front_ends.fixed(each) or front_ends.limit(each) for each in plugin.features)
    for count in cost.counts if same_input else [cost.official]:
        ours = (_of_model(count) or 0) - (count.model or {}).get("fft", 0)
        if abs(ours - macs) > AGREE * max(ours, macs):
            length = f"for {count.seconds:g} s of speech"
            yield f"its network costs {ours} MACs {length}; that of {plugin.info.name} costs {macs}"


def _encodes(plugin: Plugin) -> bool:
    return any(front_ends.encoder_of(features) for features in plugin.features)


@cache
def _front_end(reference: str) -> list[tuple[float, int | None]]:
    """At each length: the seconds that are used, and the front ends' MACs."""
    from benchmark.audio.reader import RATE
    from benchmark.cost import front_end_costs
    from benchmark.models import plugins

    stack = plugins.load(reference).features
    return [
        (
            max(front_ends.used(features, seconds) for features in stack),
            front_end_costs.macs(stack, round(seconds * RATE)),
        )
        for seconds in LENGTHS
    ]


@cache
def _built(reference: str, n_classes: int) -> tuple[int | None, int | None, int]:
    """A network as it is built: parameters, bytes, and the MACs at 3 s by PyTorch's own counter (no FFTs)."""
    from benchmark.cost import count, latency, measure
    from benchmark.models import backends, plugins

    plugin = plugins.load(reference)
    clip, params = _clip(reference), dict(plugin.model.defaults)
    with latency.one_thread(), measure.blamed(plugin):
        model = backends.make(plugin, n_classes, seed=0, device="cpu", params=params)
        plugin.backend.build_network(model, clip.inputs[0].shape[1])
        macs = count.second_opinion(lambda: model.predict_proba(clip))
    return plugin.backend.parameters(model), plugin.backend.weights(model), macs


@cache
def _clip(reference: str) -> ClipBatch:
    from benchmark.cost import measure
    from benchmark.models import plugins

    return measure.clips(plugins.load(reference), OFFICIAL)


def _of_model(count: Count) -> int | None:
    return None if count.model is None else sum(count.model.values())


def _falls(values: Iterable[float | None]) -> bool:
    known = [value for value in values if value is not None]
    return any(later < earlier - 1e-9 for earlier, later in pairwise(known)) or any(map(math.isnan, known))
