"""What a backend answers, with the answers of a model that has its own `fit`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from benchmark.features import stack
from benchmark.features.stack import Stack
from protocols.contract import ClipBatch, Declaration, Model, Params
from protocols.errors import PluginError

Context = Callable[[], Mapping[str, Any]]  # gives the context of a fit: a teacher, where one is needed


@dataclass(frozen=True, kw_only=True)
class Checking:
    """What `check` does differently for a kind of model."""

    clips_each: int = 3  # train clips of each emotion and speaker; a model may cross-validate inside
    may_change: tuple[str, ...] = ()  # global state, by the names that benchmark.checks.effects gives
    own_epochs: bool = True  # whether it decides by itself for how long it trains where `epochs` is None
    drawn_by_seed: bool = False  # whether its weights are: then two seeds need not be compared


class Backend:
    """One kind of model. It holds no state: the model's class, or a model of it, is given to each method."""

    checking = Checking()
    is_network: bool = False  # trained by the engine; it costs the same whatever it has learnt
    counted_by: Literal["fvcore", "fitted shapes"] = "fvcore"  # fvcore: a prediction is traced
    imports: tuple[str, ...] = ()  # modules that its fits take long to import
    state_libraries: tuple[str, ...] = ()  # whose version a kept state depends on
    numerics: tuple[str, ...] = ("fp32",)  # the classes that it can be asked for
    other_seeds = "refit seed 0's winners where they have epochs, else search anew"  # docs/rules.md#seeds

    def check(self, model: type[Declaration], features: Stack, reference: str) -> None:  # noqa: ARG002
        """PluginError where the class declares something that its kind cannot do."""
        if trained := stack.trained(features):
            raise refusal(trained[0], reference)

    def make(
        self,
        model: type[Declaration],
        n_classes: int,
        *,
        seed: int,
        device: str,
        params: dict[str, Any],
        numerics: str,  # noqa: ARG002
    ) -> Model:
        """A fresh, unfitted model."""
        return model(n_classes, seed=seed, device=device, **params)  # type: ignore[call-arg, return-value]

    def key(self, model: type[Declaration]) -> dict[str, Any]:  # noqa: ARG002
        """What the kind adds to a record's key: name -> JSON."""
        return {}

    def keepable(self, model: type[Declaration]) -> bool:
        """Whether a fitted model can give its state and take it again."""
        return all(callable(getattr(model, name, None)) for name in ("state", "load_state"))

    def most_epochs(self, model: type[Declaration], params: Params) -> int | None:  # noqa: ARG002
        """Epochs that a fit takes at most; None where only the model knows."""
        return None

    def rows(self, model: type[Declaration], params: Params, copies: int) -> int:  # noqa: ARG002
        """How often an epoch learns from a training clip that has so many augmented copies."""
        return 1

    def distillation_epochs(self, model: type[Declaration], params: Params) -> int:  # noqa: ARG002
        """After how many epochs of a fit its predictions mean nothing yet."""
        return 0

    def build_network(self, model: Model, channels: int) -> None:
        """Give an unfitted network its layers for (frames, channels); nothing where there is no network."""

    def prepare(self, model: Model, clip: ClipBatch, n_classes: int, context: Context) -> None:
        """Bring an unfitted model to cost what a trained one does: it is fitted on noise like `clip`."""
        rng = np.random.default_rng(0)
        n = self._noise_clips(n_classes)
        noise = [rng.normal(size=clip.inputs[0].shape).astype(np.float32) for _ in range(n)]
        labels, speakers = np.arange(n) % n_classes, np.arange(n) % 4
        speaker = clip.enrolment and [noise[: len(clip.enrolment[0])]] * n
        train = ClipBatch(noise, labels, speakers, frames=clip.frames, enrolment=speaker)
        model.fit(train, None, epochs=1, context=context())

    def parameters(self, model: Model) -> int | None:
        """Trainable parameters of a fitted model, if it counts them.

        A method of that name, as torch modules have, is no count.
        """
        count = getattr(model, "parameters", None)
        return count if isinstance(count, int) else None

    def weights(self, model: Model) -> int | None:
        """Bytes that a fitted model's weights take; None where it offers no state."""
        state = getattr(model, "state", None)
        return sum(array.nbytes for array in state().values()) if callable(state) else None

    def macs(self, model: Model) -> dict[str, int] | None:
        """MACs of one clip by fitted shapes, by family; None where they cannot be known so.

        Not asked of a backend that is counted by fvcore, which traces a prediction instead.
        """
        raise NotImplementedError(f"{type(model).__name__}: a prediction of it is to be traced.")

    def onnx_network(self, model: Model, name: str) -> Any:  # noqa: ARG002
        """The torch module: x (b, frames, channels), lengths (b,) -> logits; PluginError without one."""
        raise PluginError(f"{name}: only a TorchModel's network is exported to ONNX.")

    def estimator(self, model: Model) -> Any:  # noqa: ARG002
        """What scikit-learn has fitted and predicts by, for what exports it; None where it is none."""
        return None

    def _noise_clips(self, n_classes: int) -> int:
        return 4 * n_classes


def refusal(front_end: str, reference: str) -> PluginError:
    """Of a front end with a network that is trained along, where it stands before no other or is altered."""
    return PluginError(
        f"{reference}: {front_end!r} has a network that is trained along. It must be the only front end of a "
        "TorchModel, with Info.stackable=False and Recipe.standardise=False."
    )
