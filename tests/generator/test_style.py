"""Styles: features painted over class maps, and read off frames."""

import torch
from torch import Tensor

from vid2vid.config import EncoderConfig
from vid2vid.generator import Style, StyleEncoder
from vid2vid.ops import class_sums

CLASSES = 4


def encoder() -> StyleEncoder:
    return StyleEncoder(EncoderConfig(base_channels=4, downsamples=1), CLASSES)


def clip(batch: int = 2) -> tuple[Tensor, Tensor]:
    return torch.rand(batch, 3, 3, 12, 16) * 2 - 1, torch.randint(CLASSES - 1, (batch, 3, 1, 12, 16))


def test_a_style_gives_each_pixel_the_features_of_its_class() -> None:
    table, (_, classes) = torch.randn(CLASSES, 3), clip()
    painted = Style(table).paint(classes)
    assert painted.shape == (2, 3, 3, 12, 16)
    for b, t, y, x in [(0, 0, 0, 0), (1, 2, 11, 15), (0, 1, 5, 7)]:
        assert torch.equal(painted[b, t, :, y, x], table[classes[b, t, 0, y, x]])


def test_each_video_of_a_batch_can_have_a_style_of_its_own() -> None:
    tables, (_, classes) = torch.randn(2, CLASSES, 3), clip()
    painted = Style(tables).paint(classes)
    for b in range(2):
        assert torch.equal(painted[b], Style(tables[b]).paint(classes[b : b + 1])[0])


def test_the_encoder_pools_over_the_objects_of_each_frame() -> None:
    module, (images, classes) = encoder().eval(), clip()
    objects = torch.randint(9, classes.shape) * CLASSES + classes
    features = module(images, classes, objects)
    assert features.shape == (2, 3, 3, 12, 16)
    one = features[1, 2].flatten(1).T
    for owner in set(objects[1, 2].flatten().tolist()):
        own = one[objects[1, 2].flatten() == owner]
        torch.testing.assert_close(own, own[:1].expand_as(own))


def test_the_style_of_frames_is_the_mean_over_each_class_and_the_usual_one_of_absent_classes() -> None:
    module, (images, classes) = encoder(), clip()
    module(images, classes, classes)
    module.weights[CLASSES - 1], module.sums[CLASSES - 1] = 1, 0.25
    module.eval()
    table = module.of(images, classes).table
    features = module(images, classes, torch.arange(classes.numel()).view_as(classes))
    for b in range(2):
        for i in range(CLASSES - 1):
            own = features[b].movedim(1, -1)[classes[b, :, 0] == i]
            # of(): over the frames, weighted by pixels
            torch.testing.assert_close(table[b, i], own.mean(0), atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(table[b, CLASSES - 1], torch.full((3,), 0.25))


def test_the_mean_style_is_that_of_what_was_seen_in_training_only() -> None:
    module, (images, classes) = encoder(), clip()
    assert not module.mean.table.any()
    for _ in range(3):
        module(images, classes, classes)
    expected = module.mean.table.clone()
    sums, pixels = class_sums(module(images, classes, classes).flatten(0, 1), classes.flatten(0, 1), CLASSES)
    torch.testing.assert_close(expected[: CLASSES - 1], (sums / pixels[:, None])[: CLASSES - 1].detach())
    assert not expected[CLASSES - 1].any()
    module.eval()
    module(images.flip(0), classes, classes)
    before = module.mean.table.clone()
    module(-images, classes, classes)
    assert torch.equal(before, module.mean.table)
