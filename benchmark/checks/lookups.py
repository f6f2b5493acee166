"""Rules on where predictions come from: the clips alone."""

from __future__ import annotations

from benchmark.checks import messages
from benchmark.checks.predictions import far
from benchmark.checks.rule import EXPECTS, Found, Problem, rule
from benchmark.checks.subject import Subject

SLACK = 1e-5  # in probability


@rule("predict_proba", EXPECTS)
def clips_alone(subject: Subject) -> Found:
    """Predictions come from the clips alone: no label is looked up in memory, files, callers or places."""
    for name, effects in subject.effects.items():
        if effects.lookups:
            return Problem(f"{name} {', '.join(effects.lookups[:3])}", "info" if name == "import" else name)
    came = subject.ask("bait", model=subject.first.model, clips=messages.packed(subject.material.test))
    if came["asked"]:
        return Problem(f"it asks its clips for `{came['asked'][0]}`, which is theirs alone")
    if (apart := far(came["predictions"], subject.predictions)) > SLACK:
        return Problem(
            f"probabilities move by {apart:.2g} where the clips lie in a file beside their names, and the "
            "caller knows their labels"
        )
    return None
