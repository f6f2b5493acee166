"""The record: all that is kept of one model, protocol and seed, so that every number can be traced.

    results/<board>/<protocol>/<model>/seed-<n>.json      the record
    results/<board>/<protocol>/<model>/seed-<n>.csv.gz    its predictions, one row a test clip

<board> is "official", "derived" or "synthetic", and with the small budget "official-small" and so on.

Everything but the block `run` is the same, byte for byte, whenever the same key is run again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct

SCHEMA = 2
TRIALS, SEEDS = 20, 3  # of the full budget (docs/rules.md#tuning, #seeds)
SMALL_TRIALS, SMALL_SEEDS = 5, 1  # of the small one (docs/rules.md#two-budgets)
DECIMALS = 4  # of a stored probability
LENGTHS = (1.0, 3.0, 10.0)  # seconds of speech for which a cost is counted
OFFICIAL = 3.0  # and for which it is shown
# Predictions that a training step costs: Kaplan et al., 2020, https://arxiv.org/abs/2001.08361, section 2.1.
FORWARD_AND_BACK = 3

Board = Literal["official", "derived", "synthetic"]
BOARDS: tuple[Board, ...] = ("official", "derived", "synthetic")  # the most official first
SMALL = "-small"  # ends the name of a board of the small budget
BOARD_NAMES = tuple(f"{board}{end}" for board in BOARDS for end in ("", SMALL))  # the best first
Matrix = list[list[int]]


class Facts(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of all blocks: immutable, by keyword, nothing that is not declared."""


class ModelFacts(Facts, frozen=True):
    """What the model declared of itself (`protocols.contract.Info`), and the SHA-256 of its source files."""

    name: str
    version: str
    title: str
    summary: str
    paper: str
    licence: str
    pretraining: list[str]
    transductive: bool
    deterministic: bool  # a fit is the same whatever the seed
    source: str
    package: str  # the distribution that it came from, with version, or "" for a file
    enrolment: Literal["", "5", "10", "20", "all"] = ""  # clips of its speaker that it is given with each

    @property
    def variant_of(self) -> str:
        """The model that it is a variant of (docs/rules.md#variants), or ""."""
        model, sign, variant = self.name.partition("~")
        return model + "".join(variant.partition("@")[1:]) if sign else ""


class ProtocolFacts(Facts, frozen=True):
    """The protocol (`protocols.protocol.Protocol`), so that what never ranks is known without its file."""

    name: str
    version: int
    digest: str
    leaks: str = ""  # how it leaks, by design; "" = not at all
    ranks: bool = True


class CorpusFacts(Facts, frozen=True):
    """Which copy of a corpus was used. `missing` names the clips of `selection` that the copy lacked."""

    name: str
    kind: Board
    digest: str
    clips: int
    missing: list[str]
    selection: Literal["full", "miniature"]  # the whole manifest, or the embedded corpus's choice of it


def board(copies: Sequence[CorpusFacts]) -> Board:
    """The least official kind among copies: where a record that used them all belongs."""
    return max((copy.kind for copy in copies), key=BOARDS.index)


def board_name(audio: Board, budget: Budget) -> str:
    """The board on which records of such audio and budget rank: "derived", or "derived-small"."""
    return audio + SMALL * budget.small


def copy_digest(copies: Sequence[CorpusFacts]) -> str | dict[str, str]:
    """The part "corpus copy" of a key: the copy's digest; of several corpora, each one's by name."""
    return copies[0].digest if len(copies) == 1 else {copy.name: copy.digest for copy in copies}


class Budget(Facts, frozen=True):
    trials: int
    epochs: int | None  # at most so many a fit; None = as the model's recipe says
    folds: list[int] | None  # None = all

    @property
    def small(self) -> bool:
        return self.trials == SMALL_TRIALS

    @property
    def seeds(self) -> int:
        """How many of each model count: 0 and up."""
        return SMALL_SEEDS if self.small else SEEDS


class Trial(Facts, frozen=True):
    params: dict[str, Any]
    state: Literal["complete", "pruned", "failed"]
    uar: float | None  # of the inner predictions, pooled, as far as there are any
    cross_entropy: float | None
    epochs: list[int] | None  # of each inner fold; they share one, but in records of training version 1
    trained: list[int] | None = None  # epochs of each inner fit that was begun; None without, or before v. 4


class FoldFacts(Facts, frozen=True):
    fold: int
    test: list[str]  # speakers
    params: dict[str, Any]  # the winner's
    epochs: int | None  # that the last fit trained for
    temperature: float  # of the softmax, fitted on the winner's inner predictions; 1 without a search
    parameters: int | None  # trainable; None where the model has no such count
    trials: list[Trial]  # [] where seed 0's winner was refitted, or the protocol has no search
    curves: list[dict[str, list[float]]] = []  # the winner's in each inner fold, by epoch; likewise
    pooled: list[float | None] = []  # its objective by epoch, on all inner folds: `epochs` follows; likewise
    inner_uar: float | None = None  # the winner's; None without a search, and before training version 2


class Scores(Facts, frozen=True):
    """All in [0, 1] but cross-entropy. Pooled over folds, then mean and deviation over folds."""

    uar: float
    accuracy: float
    macro_f1: float
    cross_entropy: float
    recalls: dict[str, float]
    fold_uar_mean: float
    fold_uar_std: float
    fold_accuracy_mean: float
    fold_accuracy_std: float


class Environment(Facts, frozen=True):
    python: str
    platform: str
    processor: str
    device: str  # "cpu", or the GPU's name
    versions: dict[str, str]
    constraints: str  # SHA-256 of constraints.txt
    commit: str  # of the benchmark's checkout, "" where it is not one


class Count(Facts, frozen=True):
    """MACs of one clip (docs/rules.md#cost), norms apart. None: not counted."""

    seconds: float  # of speech that are given
    used: float  # of them, that reach the model
    front_end: int | None
    model: dict[str, int] | None  # by family: see benchmark.cost.operations
    norms: int

    @property
    def total(self) -> int | None:
        """With the front end, without norms."""
        if self.front_end is None or self.model is None:
            return None
        return self.front_end + sum(self.model.values())


class Cost(Facts, frozen=True):
    """What a model costs, whoever measures it; of its folds' models, the one that costs most."""

    by: Literal["fvcore", "fitted shapes", "declared", "not counted"]
    counts: list[Count]  # at 1, 3 and 10 s
    parameters: int | None
    weights: int | None  # bytes; None where the model offers no state
    training: int | None  # multiply-adds of the whole search and of the last fits, a teacher's included

    def __post_init__(self) -> None:
        if OFFICIAL not in [count.seconds for count in self.counts]:
            raise ValueError(f"its cost is not counted for {OFFICIAL} s of speech")

    @property
    def official(self) -> Count:
        """At 3 s."""
        return next(count for count in self.counts if count.seconds == OFFICIAL)

    @property
    def size(self) -> tuple[int, int]:
        """What orders costs: multiply-adds at 3 s, then bytes."""
        return self.official.total or 0, self.weights or 0


class Speed(Facts, frozen=True):
    """One clip of 3 s on one CPU thread, front end included. Milliseconds of processor time, which another
    process on that core does not lengthen; each a median but for `slow`."""

    latency: float
    slow: float  # the 95th percentile
    front_end: float
    reference: float  # of a fixed network (benchmark.cost.latency), run in turn with the model
    ratio: float  # latency / reference: comparable across machines
    real_time: float  # seconds that a second of speech takes
    memory: float | None  # MiB by which the process grows at most; None where the system does not tell
    joules: float | None  # of the processor; None where there is no meter
    processor: str


class Run(Facts, frozen=True):
    """What differs from run to run: the only block of a record that may, for one and the same key."""

    finished: str  # UTC
    seconds: float  # of work, summed over folds, with the teacher's own
    host_cores: int
    unheard: str  # version
    joules: float | None = None  # of the machine; None: no meter, more than one worker, or interrupted
    speed: Speed | None = None
    fitted: dict[str, int] = {}  # how many fits, by where they were done; {} of records before version 3
    environments: list[Environment] = []  # of each fold, in order, where they are not all the record's own
    submitter: str = ""  # who ran it, in their own words: the environment variable UNHEARD_SUBMITTER


class Record(Facts, frozen=True):
    schema: int
    board: Board
    model: ModelFacts
    protocol: ProtocolFacts
    corpora: list[CorpusFacts]  # the copies that were used, in the protocol's order
    labels: list[str]
    seed: int
    budget: Budget
    features: dict[str, Any] | list[dict[str, Any]]  # the front end of trial 0; of several, a list
    space: dict[str, Any]  # name -> Optuna distribution
    key: dict[str, Any]  # what makes this record this one: see benchmark.execution.record_key
    folds: list[FoldFacts]
    scores: Scores
    speakers: dict[str, Matrix]  # test speaker -> confusion matrix
    predictions: str  # SHA-256 of the unpacked predictions file
    environment: Environment
    run: Run
    cost: Cost | None = None  # measured once the record is there

    @property
    def board_name(self) -> str:
        """The board on which it is listed, and its folder."""
        return board_name(self.board, self.budget)
