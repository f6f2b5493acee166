"""What a fit makes small, each term from its formula."""

import numpy as np
import pytest
import torch
from torch import nn

from benchmark.training.loss import Mix, Objective
from protocols.contract import Recipe

LABELS = torch.tensor([0, 1, 1])
X = torch.tensor([[[2.0, -1.0]], [[0.5, 1.0]], [[3.0, 0.0]]])  # (3 clips, 1 frame, 2 classes)
ONES = torch.ones(3)


def first_frame(x, lengths):  # noqa: ARG001
    return x[:, 0]


def log_probabilities(logits):
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def loss(network, labels=LABELS, x=X, lengths=ONES, *, class_weights=None, teacher=None, **recipe):
    objective = Objective(recipe=Recipe(**recipe), class_weights=class_weights, teacher=teacher)
    return float(objective(network, x, lengths, labels))


def test_label_smoothing_gives_every_class_its_part():
    """Szegedy et al., CVPR 2016, section 7: each class has e/k of the label, the true one 1 - e more."""
    share = 0.3
    target = np.eye(2)[LABELS] * (1 - share) + share / 2
    expected = -(target * log_probabilities(X[:, 0].numpy())).sum(axis=1).mean()
    assert loss(first_frame, label_smoothing=share) == pytest.approx(expected, abs=1e-6)


def test_class_weights_weigh_clips_by_their_class():
    of_clips = -log_probabilities(X[:, 0].numpy())[np.arange(3), LABELS]
    weights = np.array([3.0, 1.0])[LABELS]
    expected = (weights * of_clips).sum() / weights.sum()
    assert loss(first_frame, class_weights=torch.tensor([3.0, 1.0])) == pytest.approx(expected, abs=1e-6)


class Taught(nn.Module):
    """Its feature is the first frame times a factor, its answer that feature."""

    head = nn.Identity()

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def embed(self, x, lengths):  # noqa: ARG002
        return x[:, 0] * self.factor


@pytest.mark.parametrize("weight", [0.5, 2.0])
def test_the_distance_to_the_teachers_feature_has_its_weight(weight):
    distance = float(2 * X.abs().mean())  # |x - 3x|
    expected = loss(first_frame) + weight * distance
    assert loss(Taught(1.0), teacher=Taught(3.0), distillation=weight) == pytest.approx(expected, abs=1e-5)


def test_a_mixed_clip_is_as_long_as_the_longer_of_its_two():
    """Two clips of 1 and 4 frames, whose length is what the network answers by."""
    seen = []

    def network(x, lengths):
        seen.append(lengths.tolist())
        return x[:, 0]

    mixed = Objective(recipe=Recipe(mixup=1.0), class_weights=None)
    for partners in ([0, 1], [1, 0]):  # each with itself, then with the other
        mixed(network, X[:2], torch.tensor([1, 4]), LABELS[:2], Mix(torch.tensor(partners), 0.5))
    assert seen == [[1, 4], [4, 4]]
