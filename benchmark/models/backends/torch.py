"""Networks that the engine trains (`protocols.contract.TorchModel`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from benchmark.audio import augmentation
from benchmark.features import encoders, front_ends, stack
from benchmark.features.stack import Stack
from benchmark.models.backends import recipe_check
from benchmark.models.backends.backend import Backend, Checking, Context, refusal
from benchmark.training import epoch_plan, numerics
from protocols.contract import ClipBatch, Declaration, Features, Model, Params, Recipe, TorchModel

if TYPE_CHECKING:
    import torch

LATER = (  # fields of a recipe that are no part of a key at their defaults: keys were made before they came
    "augmentation",
    "mixup",
    "distillation",
    "distillation_epochs",
    "copies",
    "ema",
    "betas",
)


class Torch(Backend):
    """A network: `benchmark.training.trainer` makes its model, which is imported when one is made."""

    checking = Checking(
        clips_each=1,  # it may be costly
        may_change=(  # by the trainer, which sets them for each fit
            "torch's global random state",
            "torch's deterministic algorithms",
            "torch's TF32 in cuDNN",
        ),
        own_epochs=False,  # its recipe says for how long
        drawn_by_seed=True,
    )
    is_network = True
    imports = ("benchmark.training.trainer", "torch._dynamo")
    numerics = numerics.CLASSES
    other_seeds = "refit seed 0's winners"

    def check(self, model: type[Declaration], features: Stack, reference: str) -> None:
        recipe_check.check(_network_class(model), reference)
        trained, recipe = stack.trained(features), _network_class(model).recipe(model.defaults)
        if trained and (len(features) > 1 or model.info.stackable or recipe.standardise):
            raise refusal(trained[0], reference)

    def make(
        self,
        model: type[Declaration],
        n_classes: int,
        *,
        seed: int,
        device: str,
        params: dict[str, Any],
        numerics: str,
    ) -> Model:
        from benchmark.training.trainer import Trainer

        return Trainer(
            with_encoder(_network_class(model)),
            n_classes,
            seed=seed,
            device=device,
            params=params,
            numerics=numerics,
        )

    def key(self, model: type[Declaration]) -> dict[str, Any]:
        recipe: Mapping[str, Any] = asdict(
            _network_class(model).recipe(model.defaults), dict_factory=augmentation.plain
        )
        default = asdict(Recipe())
        return {
            "recipe": {
                name: value for name, value in recipe.items() if name not in LATER or value != default[name]
            }
        }

    def keepable(self, model: type[Declaration]) -> bool:  # noqa: ARG002
        return True

    def most_epochs(self, model: type[Declaration], params: Params) -> int | None:
        return _network_class(model).recipe(params).epochs

    def rows(self, model: type[Declaration], params: Params, copies: int) -> int:
        return epoch_plan.rows(1, _network_class(model).recipe(params), copies=copies)

    def distillation_epochs(self, model: type[Declaration], params: Params) -> int:
        return _network_class(model).recipe(params).distillation_epochs

    def build_network(self, model: Model, channels: int) -> None:
        model.build(channels)  # type: ignore[attr-defined]

    def prepare(self, model: Model, clip: ClipBatch, n_classes: int, context: Context) -> None:  # noqa: ARG002
        """A network costs the same whatever it has learnt: it is built, and not trained."""
        self.build_network(model, clip.inputs[0].shape[1])

    def weights(self, model: Model) -> int | None:
        """Parameters and buffers; a tensor under two names counts once."""
        network = self.onnx_network(model, "")
        tensors = (*network.parameters(), *network.buffers())
        return sum(tensor.numel() * tensor.element_size() for tensor in tensors)

    def onnx_network(self, model: Model, name: str) -> Any:  # noqa: ARG002
        return model.network  # type: ignore[attr-defined]


def with_encoder(model: type[TorchModel]) -> type[TorchModel]:
    """The class, whose networks stand behind the encoder that its front end has trained along."""
    found = model.features(model.defaults)
    encoder = front_ends.trained(found) if isinstance(found, Features) else None
    if encoder is None:
        return model
    from benchmark.features.finetuned import Finetuned

    def build(n_classes: int, _: int, params: Params) -> torch.nn.Module:
        first = encoders.filled(encoder)
        return Finetuned(first, model.build(n_classes, encoders.shape(encoder)[1], params))

    return type(model.__name__, (model,), {"build": staticmethod(build)})


def _network_class(model: type[Declaration]) -> type[TorchModel]:
    assert issubclass(model, TorchModel)
    return model
