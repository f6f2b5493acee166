"""Fits of a stack, and the same fits one after another by PyTorch's own means."""

import copy
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from benchmark.training import epoch_plan, feature_augmentation, optimiser, stacked_layers
from benchmark.training.loss import Objective, class_weights
from benchmark.training.stack import Fit
from benchmark.training.standardisation import Standardised
from protocols.contract import ClipBatch

CLASSES = 4

# Three fits that differ in all that fits of one stack may differ in.
RECIPES = (
    {"batch_size": 4, "optimiser": "adamw", "learning_rate": 2e-3, "weight_decay": 0.3, "mixup": 0.0},
    {
        **{"batch_size": 5, "optimiser": "adam", "schedule": "one-cycle", "weight_decay": 1e-4, "mixup": 0.3},
        **{"label_smoothing": 0.1, "clip_norm": None},
    },
    {
        **{"batch_size": 6, "schedule": "constant", "class_weights": False, "mixup": 0.05, "clip_norm": 0.1},
        "betas": (0.93, 0.98),
    },
)
DROPOUTS = (0.3, 0.0, 0.6)


def varied(plugin):
    """The plugin with each fit's own recipe."""

    def recipe(params):
        return replace(plugin.recipe({**plugin.defaults, **params}), **params["recipe"])

    return type("Varied", (plugin,), {"recipe": staticmethod(recipe)})


def clips(frames, channels, n=16):
    rng = np.random.default_rng(0)
    lengths = rng.integers(max(1, frames // 2), frames + 1, n) if frames % 12 == 0 else np.full(n, frames)
    source = lambda: [rng.normal(size=(length, channels)).astype(np.float32) for length in lengths]  # noqa: E731
    return ClipBatch(source(), np.arange(n) % CLASSES, frames=frames, copies=[source(), source()])


def fits(plugin, recipes=RECIPES, epochs=1, **params):
    """Fit m: its own 11 - m clips to train on, others for validation."""
    found = []
    for m, recipe in enumerate(recipes):
        rows = np.random.default_rng(m).permutation(16)
        own = {
            **plugin.defaults,
            "batch_size": 4,
            "mixup": 0.0,
            "learning_rate": 1e-3,
            "dropout": DROPOUTS[m % 3],
        }
        parts = {"train": rows[: 11 - m], "validation": rows[12 : 15 + m % 2]}
        found.append(Fit(params={**own, **params, "recipe": recipe}, seed=7 + m, epochs=epochs, **parts))
    return found


class Alone:
    """One fit by PyTorch's own layers, optimiser, schedule and loss; only dropout's bits are the stack's."""

    def __init__(self, plugin, clips, fit):
        torch.manual_seed(fit.seed)
        self.clips, self.fit, self.recipe = clips, fit, plugin.recipe(fit.params)
        self.network = plugin.build(CLASSES, clips.inputs[0].shape[1], fit.params).double()
        self.start = {
            f"network.{name}": value.detach().clone().numpy()
            for name, value in self.network.named_parameters()
        }
        self.step = stacked_layers.Step()
        for module in list(self.network.modules()):
            for name, child in module.named_children():
                if isinstance(child, nn.modules.dropout._DropoutNd):
                    setattr(module, name, stacked_layers.Dropout(child, self.step))
        self.standard = Standardised(nn.Identity(), clips.inputs[0].shape[1])
        if self.recipe.standardise:
            self.standard.fit(ClipBatch([clips.inputs[row] for row in fit.train]))
        self.standard.double()
        labels = clips.labels[fit.train]
        weights = torch.from_numpy(class_weights(labels, CLASSES)) if self.recipe.class_weights else None
        self.objective = Objective(recipe=self.recipe, class_weights=weights)
        self.averages, self.weight = (
            {},
            0.0,
        )  # sums of all epochs' weights and statistics, and of their shares
        rows = len(fit.train) * (1 + len(clips.copies) if self.recipe.copies == "all" else 1)
        batches = -(-rows // self.recipe.batch_size)
        self.optimiser, self.schedule = optimiser.scheduled(
            self.network.parameters(), self.recipe, steps=fit.epochs * batches
        )

    def train(self):
        for epoch in range(1, self.fit.epochs + 1):
            self.train_epoch(epoch)
        return self

    def train_epoch(self, epoch):
        self.network.train()
        plan = epoch_plan.drawn(
            len(self.fit.train), self.recipe, copies=len(self.clips.copies), seed=self.fit.seed, epoch=epoch
        )
        batches = np.split(np.arange(len(plan.order)), np.cumsum(plan.sizes)[:-1])
        for rows, share, seed in zip(batches, plan.shares, plan.seeds, strict=True):
            self.step.seed, self.step.calls = torch.tensor(seed), 0
            loss = self.loss(plan, rows, float(share), epoch)
            self.optimiser.zero_grad()
            loss.backward()
            if self.recipe.clip_norm is not None:
                nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip_norm)
            self.optimiser.step()
            self.schedule.step()
        self.weight = self.recipe.ema * self.weight + 1
        for name, value in self.network.state_dict().items():
            self.averages[name] = self.recipe.ema * self.averages.get(name, 0) + value.detach().clone()

    def batch(self, plan, rows):
        own = self.fit.train[plan.order[rows]]
        x, lengths = map(torch.from_numpy, self.clips.batch(own, copies=plan.copies[rows]))
        x = self.standard.standardise(x.double(), lengths)
        luck = torch.from_numpy(plan.luck[rows].transpose(1, 2, 0))
        x = feature_augmentation.augmented(x, lengths, self.recipe.augmentation, luck=luck)
        return x, lengths, torch.from_numpy(self.clips.labels[own])

    def loss(self, plan, rows, share, epoch):  # noqa: ARG002
        x, lengths, labels = self.batch(plan, rows)
        cross_entropy = self.objective._cross_entropy
        if not self.recipe.mixup:
            return cross_entropy(self.network(x, lengths), labels)
        other = torch.from_numpy(plan.partners[rows])
        logits = self.network(share * x + (1 - share) * x[other], torch.maximum(lengths, lengths[other]))
        return share * cross_entropy(logits, labels) + (1 - share) * cross_entropy(logits, labels[other])

    @torch.no_grad()
    def predict(self, rows):
        network = copy.deepcopy(self.network).eval()
        network.load_state_dict(self.averaged())
        x, lengths = map(torch.from_numpy, self.clips.batch(rows))
        return network(self.standard.standardise(x.double(), lengths), lengths).softmax(1).numpy()

    def averaged(self):
        """What predicts; counts are the last ones."""
        last = self.network.state_dict()
        return {
            name: self.averages[name] / self.weight if value.is_floating_point() else value
            for name, value in last.items()
        }

    def state(self):
        names = {f"network.{name}": value.numpy() for name, value in self.averaged().items()}
        return {name: value for name, value in names.items() if not name.endswith(".p")}


def assert_equal(stack, alone):
    """Running statistics and probabilities to 1e-9, and all weights together to 1e-9 of their way.

    Adam moves a weight whose gradient is but rounding as far as any other.
    """
    for m, one in enumerate(alone):
        state, wanted = stack.state(m), one.state()
        assert state.keys() == wanted.keys() | {"mean", "deviation"}
        for name in wanted.keys() - one.start.keys():
            np.testing.assert_allclose(state[name], wanted[name], atol=1e-9, rtol=1e-9, err_msg=f"{m} {name}")
        whole = lambda values, names=one.start: np.concatenate([values[name].ravel() for name in names])  # noqa: E731
        off, way = whole(state) - whole(wanted), whole(one.start) - whole(wanted)
        assert np.linalg.norm(off) < 1e-9 * np.linalg.norm(way)
        np.testing.assert_allclose(stack.curve[-1][m], one.predict(one.fit.validation), atol=1e-9)
