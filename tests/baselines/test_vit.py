"""The vision transformer: sizes, the order of frames, coordinates, and what the student asks for."""

import pytest
import torch
from counting import macs
from torch import nn

from baselines.vit import (
    Encoder,
    VitStudent,
    VitStudentAlone,
    VitTeacher,
    patches,
    pixels,
    with_coordinates,
)
from benchmark.audio import augmentation
from benchmark.features import front_ends

MODELS = [VitTeacher, VitStudent, VitStudentAlone]
NORMS = (nn.LayerNorm, nn.InstanceNorm2d)
LENGTHS = torch.full((2,), 20)


def built(model, bands=128, n_classes=7, variant=None):
    torch.manual_seed(0)
    changes = model.variants[variant] if variant else {}
    return model.build(n_classes, bands, {**model.defaults, **changes}).eval()


def size(network):
    """Parameters, those of norms apart."""
    layers = [layer for layer in network.modules() if not isinstance(layer, NORMS)]
    return sum(p.numel() for layer in layers for p in layer.parameters(recurse=False))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "parameters", "published"),
    [(VitTeacher, 2.91e6, 1.19e9), (VitStudent, 1.42e6, 214e6), (VitStudentAlone, 1.42e6, 214e6)],
)
def test_it_is_as_large_as_published(model, parameters, published):
    network = built(model)
    assert size(network) == pytest.approx(parameters, rel=0.02)
    assert macs(network, frames=128, channels=128) == pytest.approx(published, rel=0.02)


@pytest.mark.slow
def test_the_students_multiply_adds_are_those_of_its_layers():
    tokens, width, inner = 129, 256, 5 * 64
    weights = 3 * width * inner + inner * width + 2 * width * width
    layer = tokens * weights + 2 * tokens * tokens * inner
    network = built(VitStudent)
    assert macs(network, frames=128, channels=128) == 128 * 128 * width + 3 * layer + width * 7


@pytest.mark.slow
def test_the_stem_is_most_of_what_the_teacher_costs():
    network = built(VitTeacher)
    bare = Encoder(384, depth=6)
    tokens = macs(Without(bare), frames=128, channels=384)
    assert macs(network, frames=128, channels=128) - tokens == pytest.approx(0.76e9, rel=0.02)


class Without(nn.Module):
    """An encoder as a network: no stem, no head."""

    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder

    def forward(self, x, lengths):  # noqa: ARG002
        return self.encoder(x)


@pytest.mark.parametrize("model", MODELS)
def test_its_answer_is_its_head_on_its_feature(model):
    network, x = built(model, bands=16, n_classes=5), torch.randn(2, 20, 16)
    feature = network.embed(x, LENGTHS)
    assert feature.shape == (2, 256)
    assert network(x, LENGTHS).shape == (2, 5)
    torch.testing.assert_close(network(x, LENGTHS), network.head(feature))
    # It comes straight out of a norm.
    torch.testing.assert_close(feature.mean(dim=1), torch.zeros(2), atol=1e-5, rtol=0)
    torch.testing.assert_close(feature.std(dim=1, correction=0), torch.ones(2), atol=1e-3, rtol=0)


@pytest.mark.parametrize("model", [VitStudent, VitStudentAlone])
def test_the_student_cannot_tell_the_order_of_the_frames(model):
    network, x = built(model), torch.randn(2, 20, 128)
    shuffled = x[:, torch.randperm(20)]
    torch.testing.assert_close(network(shuffled, LENGTHS), network(x, LENGTHS), atol=1e-5, rtol=1e-5)


def test_the_teacher_can():
    network, x = built(VitTeacher), torch.randn(2, 20, 128)
    shuffled = x[:, torch.randperm(20)]
    assert (network(shuffled, LENGTHS) - network(x, LENGTHS)).abs().max() > 1e-2


def test_the_teacher_can_by_the_coordinates_alone():
    """Without the stem, which sees neighbours, the order of frames is in the coordinates and nowhere else."""
    network, x = built(VitTeacher), torch.randn(2, 20, 128)
    network.stem = nn.Identity()
    backwards = x.flip(1)
    assert (network(backwards, LENGTHS) - network(x, LENGTHS)).abs().max() > 1e-3


@pytest.mark.parametrize("model", MODELS)
def test_every_frame_counts(model):
    """Attention reaches from the class token to the last frame."""
    network, x = built(model, bands=16), torch.randn(2, 20, 16)
    changed = x.clone()
    changed[:, -1] = torch.randn(2, 16)
    assert (network(changed, LENGTHS) - network(x, LENGTHS)).abs().max() > 1e-4


@pytest.mark.parametrize(
    ("variant", "stem", "inputs"), [("no-stem", False, 48), ("no-coordinates", True, 16)]
)
def test_a_teacher_without_a_part_lacks_that_alone(variant, stem, inputs):
    network = built(VitTeacher, bands=16, n_classes=5, variant=variant)
    assert (bool(len(network.stem)), network.encoder.patch[1].in_features) == (stem, inputs)
    assert network(torch.randn(2, 20, 16), LENGTHS).shape == (2, 5)


def test_a_student_that_learns_positions_can_tell_the_order_of_the_frames():
    network, x = built(VitStudent, bands=16, variant="learned-positions"), torch.randn(2, 128, 16)
    assert network.encoder.positions.shape == (1, 128, 256)
    assert (network(x.flip(1), LENGTHS) - network(x, LENGTHS)).abs().max() > 1e-2


@pytest.mark.parametrize("model", MODELS)
def test_a_square_patch_is_16_frames_of_16_bands(model):
    network, seen = built(model, bands=32, variant="square-patches"), []
    network.encoder.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    x = torch.randn(2, 48, 32)
    network(x, LENGTHS)
    channels = 3 if model is VitTeacher else 1
    assert seen[0].shape == (2, 2 * 3, channels * 256)
    if model is VitStudent:
        second = pixels(x)[:, 16:32, :16].transpose(1, 2)  # the next frames of the lowest bands
        torch.testing.assert_close(seen[0][:, 1], second.flatten(1))


def test_a_vertical_patch_is_a_frame():
    image = torch.randn(2, 3, 4, 5)
    torch.testing.assert_close(patches(image, (4, 1)), image.flatten(1, 2).transpose(1, 2))


def test_coordinates_run_along_width_and_height_of_an_image_that_is_not_square():
    image = torch.randn(2, 1, 3, 5)  # 3 high, 5 wide
    out = with_coordinates(image)
    across, down = [-1.0, -0.5, 0.0, 0.5, 1.0], [-1.0, 0.0, 1.0]
    assert out.shape == (2, 3, 3, 5)
    torch.testing.assert_close(out[:, :1], image)
    torch.testing.assert_close(out[1, 1], torch.tensor([across] * 3))
    torch.testing.assert_close(out[1, 2], torch.tensor([down] * 5).T)


def test_x_is_time_and_y_is_frequency_in_the_teacher():
    network, seen = built(VitTeacher, bands=16), []
    network.encoder.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    network(torch.randn(2, 20, 16), LENGTHS)
    tokens = seen[0].view(2, 20, 3, 16)  # each frame: its bands after the stem, their x, their y
    torch.testing.assert_close(tokens[0, :, 1], torch.linspace(-1, 1, 20)[:, None].expand(20, 16))
    torch.testing.assert_close(tokens[0, :, 2], torch.linspace(-1, 1, 16).expand(20, 16))


def test_the_recipes_are_the_papers_stages():
    teacher, student, alone = (model.recipe(model.defaults) for model in MODELS)
    assert (teacher.epochs, teacher.distillation, teacher.distillation_epochs) == (50, 0, 0)
    assert (student.epochs, student.distillation, student.distillation_epochs) == (100, 1.0, 50)
    assert (alone.epochs, alone.distillation, alone.distillation_epochs) == (100, 0, 0)
    assert VitStudent.recipe({**VitStudent.defaults, "matching": 4.0}).distillation == 4.0


def test_only_the_student_needs_a_teacher_and_hears_what_it_hears():
    assert [dict(model.info.needs) for model in MODELS] == [{}, {"teacher": VitTeacher.info.name}, {}]
    assert len({str(model.features(model.defaults)) for model in MODELS}) == 1


def test_the_rows_of_a_clip_are_itself_and_one_of_each_augmentation():
    wanted = VitTeacher.features(VitTeacher.defaults)
    rows = [augmentation.of_copy(wanted.augmentation, 1 + copy) for copy in range(wanted.copies)]
    assert [[one.kind for one in row] for row in rows] == [["noise"], ["time-shift"], ["speed"]]


def test_a_clips_pixels_are_from_0_to_1_whatever_its_level():
    x = 10 * torch.randn(3, 20, 16)
    x[2] = -80.0  # silence
    found = pixels(x)
    assert found.amin(dim=(1, 2)).tolist() == [0, 0, 0]
    assert found.amax(dim=(1, 2)).tolist() == [1, 1, 0]
    torch.testing.assert_close(pixels(x - 12), found, atol=1e-5, rtol=0)


@pytest.mark.parametrize("model", MODELS)
def test_the_level_of_a_clip_does_not_matter(model):
    network, x = built(model, bands=16), torch.randn(2, 20, 16)
    torch.testing.assert_close(network(x - 12, LENGTHS), network(x, LENGTHS), atol=1e-4, rtol=1e-4)
    assert not model.recipe(model.defaults).standardise


def test_a_clip_becomes_a_square_image():
    features = VitTeacher.features(VitTeacher.defaults)
    assert [front_ends.frames(features, seconds) for seconds in (0.5, 4.0, 9.0)] == [128] * 3
    assert front_ends.resolved(features)["options"]["n_mels"] == 128
