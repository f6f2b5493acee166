"""Two models side by side: lines of a table, for a terminal and for LaTeX, and sentences for a paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmark.ranking.comparison import ByProtocol, Comparison, Difference, OnTable
from benchmark.records.schema import SMALL
from benchmark.scores import holm
from benchmark.website import latex, wording
from benchmark.website.filters import DASH, p_value, percent, points

NUMBERS = (
    *("Difference", "95 % interval", "p", "p by Holm", "Smallest p", "Detectable"),
    *("Speakers better", "Speakers for 2 points"),
)
SAME_SEARCH = {"variant", "leaks", "protocol", "pretraining", "enrolment", "transductive"}  # reasons


def lines(found: Comparison) -> list[list[str]]:
    """The overall score, then a line for each protocol that has numbers; a star: they do not both rank."""
    return [*_overall(found), *(_line(on, of) for on in found.tables if (of := on.shown))]


def sentences(found: Comparison) -> list[str]:
    """What a paper may write: one of the overall score or the mean; without these one of each protocol."""
    overall = overall_sentence(found)
    return [overall] if overall else [*filter(None, (sentence(found, on) for on in found.tables))]


def not_compared(found: Comparison) -> Iterator[tuple[OnTable, str]]:
    """The protocols by which they do not both rank, and why: "good: no results here"."""
    for on in found.tables:
        if not on.difference:
            both = zip(found.models, map(wording.compared, on.reasons), strict=True)
            yield on, "; ".join(f"{model.name}: {why}" for model, why in both if why)


def table(found: Comparison) -> bytes:
    """The lines in LaTeX, the first sentence as caption, and in comments what the stars mean."""
    header = ["UAR, %", *_titles(found), *NUMBERS]
    text = latex.table([header, *lines(found)], [*sentences(found), "Nothing to compare."][0])
    why = [f"{on.table.title}: {why}" for on, why in not_compared(found) if on.shown]
    stars = [f"% * {latex.escaped(each)}\n" for each in why]
    return text + "".join(stars).encode()


def sentence(found: Comparison, on: OnTable) -> str:
    """What a paper may write of one protocol; "" where there are no numbers."""
    of, (first, second) = on.shown, on.entries
    if not of or not first or not second:
        return ""
    family = sum(bool(each.difference) == bool(on.difference) for each in found.tables if each.shown)
    speakers = f"the {len(of.speakers)} {'unheard ' * on.table.ranks}speakers of {on.table.title}"
    return _sentence(
        found,
        f"On {speakers} (protocol {on.table.protocol}, {_how(found, [on])})",
        (first.uar, second.uar),
        of,
        p=of.adjusted,
        family=family,
    )


def overall_sentence(found: Comparison) -> str:
    """Likewise of the overall score, or of the mean where there is none; "" where there is neither."""
    of = found.overall or found.beside
    *titles, last = [on.table.title for on in found.over] or [""]
    where = (
        f"In the mean over {', '.join(titles)} and {last}, on unheard speakers ({_how(found, found.over)})"
    )
    return _sentence(found, where, found.means, of, p=of.p, family=1) if of else ""


def _how(found: Comparison, over: Sequence[OnTable]) -> str:
    """The kind of audio, the search where all had the same, and the seeds."""
    entries = [entry for on in over for entry in on.entries if entry]
    same = all(reason.kind in SAME_SEARCH for on in over for reasons in on.reasons for reason in reasons)
    trials = {on.table.conditions.trials for on in over}
    search = [f"{wording.many(trials.pop(), 'trial')} a fold"] if same and len(trials) == 1 else []
    seeds = " and ".join(sorted({wording.many(len(entry.seed_uars), "seed") for entry in entries}))
    return ", ".join([f"{found.board.removesuffix(SMALL)} audio", *search, seeds])


def _sentence(
    found: Comparison, where: str, uars: Sequence[float], of: Difference, *, p: float, family: int
) -> str:
    """`p` decides: of `family` protocols, by Holm."""
    first, second = _titles(found)
    interval = f"95 % interval {points(of.interval[0])} to {points(of.interval[1])}; " if of.interval else ""
    units = "folds" if isinstance(of, ByProtocol) and of.by_fold else "speakers"
    value = f"p {p_value(p)}" if p < 0.001 else f"p = {p_value(p)}"
    corrected = f" by Holm's correction for {family} protocols" * (family > 1)
    return (
        f"{where}, {first} has a UAR of {percent(uars[0])} % and {second} of {percent(uars[1])} %, a "
        f"difference of {points(of.uar)} points ({interval}two-sided paired permutation test over {units}, "
        f"{value}{corrected}), which is {'' if p < holm.ALPHA else 'not '}significant at the 5 % level; "
        f"{_power(of)}."
    )


def _power(of: Difference) -> str:
    needed = f"about {of.needed} such speakers would show one of 2 points"
    if of.detectable is None:
        return f"with so few speakers no difference can be shown, and {needed}"
    return f"a true difference of {percent(of.detectable)} points is found with 80 % power, and {needed}"


def _titles(found: Comparison) -> Sequence[str]:
    return [model.title or model.name for model in found.models]


def _overall(found: Comparison) -> Iterator[list[str]]:
    uars = map(percent, found.means)
    if found.overall:
        yield ["Overall", *uars, *_numbers(found.overall, DASH)]
    elif found.beside:
        yield [f"Mean of {len(found.over)} *", *uars, *_numbers(found.beside, DASH)]


def _line(on: OnTable, of: ByProtocol) -> list[str]:
    uars = [percent(entry.uar) if entry else DASH for entry in on.entries]
    better = f"{of.better[0]}:{of.better[1]} of {len(of.speakers)}"
    return [on.table.title + " *" * (not on.difference), *uars, *_numbers(of, better)]


def _numbers(of: Difference, better: str) -> list[str]:
    ends = f"[{points(of.interval[0])}, {points(of.interval[1])}]" if of.interval else DASH
    adjusted = p_value(of.adjusted) if isinstance(of, ByProtocol) else DASH
    p = (p_value(of.p), adjusted, p_value(of.smallest))
    return [points(of.uar), ends, *p, percent(of.detectable), better, str(of.needed)]
