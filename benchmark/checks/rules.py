"""All rules, in the order in which they are judged: what others rest on comes first."""

from __future__ import annotations

from benchmark.checks import conduct, engine_rules, fitting, independence, lookups, predictions, repetition

RULES = (
    engine_rules.loads,
    engine_rules.space,
    fitting.fits,
    predictions.predicts,
    predictions.hidden,
    predictions.shape,
    predictions.probabilities,
    predictions.any_length,
    independence.again,
    independence.alone,
    independence.order,
    independence.neighbours,
    conduct.inputs,
    conduct.memory,
    conduct.quiet,
    conduct.files,
    conduct.network,
    conduct.global_state,
    conduct.left_running,
    lookups.clips_alone,
    engine_rules.cost,
    engine_rules.state,
    repetition.seed,
    repetition.earlier_fits,
    repetition.deterministic,
    fitting.no_validation,
    fitting.in_full,
    fitting.missing_class,
    fitting.classes,
    fitting.silence,
    engine_rules.fresh_process,
)
BY_NAME = {rule.name: rule for rule in RULES}
