"""README.txt of an export: what goes in and comes out, and how the files compare with `predict`."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

from benchmark.audio.reader import RATE
from benchmark.deployment.folder import ARCHIVE, SCRIPT, SMALL, about
from benchmark.deployment.front import Front
from benchmark.deployment.trial import Trial
from benchmark.execution import model_card
from benchmark.execution.model_card import Card

WIDTH = 100  # of a paragraph
FASTER = 0.9  # times as long is worth a word
WHOLE_CLIPS = (
    "It takes a whole clip, such as a sentence, and no stream: the floor of its decibels lies below the "
    "clip's own loudest band, and what is relative to a clip's mean needs all of it. Any wave gets "
    f"probabilities, silence, music and noise too: {SCRIPT} warns of silence and of what is shorter or "
    "longer than the training clips, and refuses files that are empty or hold samples that are no numbers."
)
RESAMPLING = f"""To resample, in Python with soxr, by which the training clips were:

    x, rate = soundfile.read("in.wav")
    soundfile.write("out.wav", soxr.resample(x, rate, {RATE}), {RATE})

or ffmpeg -i in.wav -ar {RATE} out.wav. Linear interpolation changes probabilities by some hundredths."""


def text(card: Card, before: Front, trials: Sequence[Trial], where: str) -> str:
    """All of it; `where`: on which clips the files were tried."""
    title, libraries = card.model.title, ["numpy", "soundfile", "onnxruntime"]
    given = f"wave (samples,) float32: mono, {RATE} Hz, full scale 1"
    if before.archive:
        given = f"x (1, frames, values) float32: what front_end.compute(wave) in {ARCHIVE} gives"
        libraries.append("scipy")
    paragraphs = [
        f"{title}\n{'=' * len(title)}",
        card.model.summary,
        f"    python {SCRIPT} FILE.wav\n\nneeds {', '.join(libraries)}.",
        f"Input: {given}.\nOutput: probabilities (1, {len(card.labels)}), calibrated, of the labels below.",
        lengths(card, before),
        WHOLE_CLIPS,
        RESAMPLING,
        table(trials, where),
        slow(trials),
        f"UAR on unheard speakers: {100 * card.uar:.1f}, of seed {card.key.get('seed', 0)} alone "
        f"({model_card.budget(card)}); a leaderboard shows the mean over seeds. {card.warning}",
        "\n".join(f"{name}: {value}" for name, value in about(card, before).items() if value),
    ]
    filled = [each if "\n" in each else textwrap.fill(each, WIDTH) for each in paragraphs if each]
    return "\n\n".join(filled) + "\n"


def lengths(card: Card, before: Front) -> str:
    """Which lengths it knows, and what it uses of a longer clip."""
    known = "Its training clips have {:.1f} to {:.1f} s. ".format(*card.seconds) if card.seconds else ""
    if math.isinf(before.used):
        return f"{known}Any length is answered, and all of it used; cut what is much longer."
    used = f"{before.used:g} s"
    return (
        f"{known}Any length is answered, but of more than {used} the middle {used} only: cut what is longer."
    )


def table(trials: Sequence[Trial], where: str) -> str:
    """Size and speed of the files, and how they compare with `predict` on the clips that `where` names."""
    rows = [
        f"{each.file:{len(SMALL)}} {each.bytes:9,} bytes {each.latency:8.2f} ms for 3 s; probabilities "
        f"differ by {each.median:.1g} (median) to {each.difference:.1g}, {100 * each.flips:.1f} % of labels"
        for each in trials
    ]
    return "\n".join([*rows, f"(one thread; beside `predict`, on {trials[0].clips} clips {where})"])


def slow(trials: Sequence[Trial]) -> str:
    """That the file in 8 bits is hardly faster, where it is; else ""."""
    whole, *small = trials
    if not small or small[0].latency < FASTER * whole.latency:
        return ""
    return f"{SMALL} is smaller and hardly faster: most of the time goes into what stays in 32 bits."
