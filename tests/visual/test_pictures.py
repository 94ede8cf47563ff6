"""Pictures of tensors: colours that can be computed by hand."""

import numpy as np
import pytest
import torch

from vid2vid import Clip, Condition, Rollout
from vid2vid.visual import condition_picture, flow_picture, mask_picture, rollout_pictures, to_pixels


def test_images_become_pixels() -> None:
    image = torch.tensor([-1.0, -0.5, 0.0, 1.0, 3.0]).expand(3, 2, 5)
    picture = to_pixels(image.requires_grad_())
    assert picture.shape == (2, 5, 3)
    assert picture.dtype == np.uint8
    np.testing.assert_array_equal(picture[0, :, 1], [0, 64, 128, 255, 255])
    colours = torch.tensor([1.0, -1.0, 0.2])[:, None, None].expand(3, 4, 4)
    np.testing.assert_array_equal(to_pixels(colours)[2, 2], [255, 0, 153])


def test_every_byte_survives_the_way_there_and_back() -> None:
    pixels = torch.arange(256, dtype=torch.uint8).expand(3, 1, 256)
    np.testing.assert_array_equal(to_pixels(pixels.float() / 127.5 - 1)[0, :, 0], np.arange(256))


def test_masks_are_white_where_f_hallucinates() -> None:
    picture = mask_picture(torch.tensor([[[0.0, 0.5, 1.0]]]))
    np.testing.assert_array_equal(picture, [[[0] * 3, [128] * 3, [255] * 3]])


def test_flows_show_direction_and_length() -> None:
    flow = torch.zeros(2, 1, 4)
    flow[0, 0, 1], flow[0, 0, 2], flow[1, 0, 3] = 4.0, -4.0, 2.0
    still, right, left, down = flow_picture(flow)[0].astype(int)
    assert still.tolist() == [0, 0, 0]
    assert right.tolist() == [255, 0, 0]
    assert left.tolist() == [0, 255, 255]
    # half as long: half as bright
    assert down.max() == pytest.approx(127, abs=1)
    assert flow_picture(flow, largest=8.0)[0, 1].tolist() == [127, 0, 0]
    assert not flow_picture(torch.zeros(2, 3, 3)).any()


def test_labels_are_painted_in_the_palette() -> None:
    planes = np.array([[[0, 1], [1, 0]]], np.uint8)
    condition = Condition(label_ids=[7, 23], palette=[[128, 64, 128], [70, 130, 180]])
    picture = condition_picture(condition, planes)
    np.testing.assert_array_equal(picture, np.array(condition.palette)[planes[0]])
    np.testing.assert_array_equal(condition_picture(condition, torch.from_numpy(planes)), picture)
    plain = condition_picture(Condition(label_ids=[7, 23]), planes)
    assert plain[0, 0].tolist() == plain[1, 1].tolist() != plain[0, 1].tolist()


def test_edges_are_white_and_images_are_themselves() -> None:
    edges = np.array([[[0, 255]]], np.uint8)
    np.testing.assert_array_equal(condition_picture(Condition("edges"), edges), [[[0] * 3, [255] * 3]])
    image = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)
    np.testing.assert_array_equal(condition_picture(Condition("image"), image), image.transpose(1, 2, 0))


def test_sketches_are_white_in_the_glow_of_what_is_near() -> None:
    planes = np.full((9, 1, 3), 255, np.uint8)
    planes[0] = [[255, 0, 0]]
    planes[1, 0, 1] = 0
    picture = condition_picture(Condition("face", distance_maps=True), planes)
    assert picture[0, 0].tolist() == [255] * 3
    assert 100 < picture[0, 1].max() < 128
    assert picture[0, 2].tolist() == [0] * 3
    np.testing.assert_array_equal(condition_picture(Condition("face"), planes[:1]), [[[255] * 3, [0] * 3, [0] * 3]])


def test_the_background_of_a_face_is_grey() -> None:
    planes = np.array([[[255, 0, 255, 0]], [[0, 255, 255, 0]]], np.uint8)
    picture = condition_picture(Condition("face", background_edges=True), planes)
    np.testing.assert_array_equal(picture, [[[255] * 3, [127] * 3, [255] * 3, [0] * 3]])


def test_each_limb_has_a_colour_of_its_own() -> None:
    planes = np.zeros((27, 1, 28), np.uint8)
    planes[range(27), 0, range(27)] = 255
    picture = condition_picture(Condition("pose", limb_maps=True), planes)
    assert len({tuple(colour) for colour in picture[0].tolist()}) == 28
    assert picture[0, 27].tolist() == [0] * 3


@pytest.mark.parametrize("limb_maps", [False, True])
def test_a_skeleton_stands_before_its_surface(limb_maps: bool) -> None:
    limbs = np.zeros((27 if limb_maps else 3, 1, 3), np.uint8)
    limbs[0, 0, 0] = 255
    surface = np.array([[[240, 240, 0]], [[100, 100, 0]], [[50, 50, 0]]], np.uint8)
    condition = Condition("pose", limb_maps=limb_maps, densepose=True)
    picture = condition_picture(condition, np.concatenate([limbs, surface]))
    alone = condition_picture(Condition("pose", limb_maps=limb_maps), limbs)
    np.testing.assert_array_equal(picture[0, 0], alone[0, 0])
    np.testing.assert_array_equal(picture[0, 1:], [[120, 50, 25], [0, 0, 0]])


def test_a_roll_out_is_drawn_part_by_part() -> None:
    source = torch.randint(2, (2, 5, 1, 4, 6), dtype=torch.uint8)
    real = torch.rand(2, 5, 3, 4, 6) * 2 - 1
    clip = Clip(source, ((real + 1) * 127.5).byte())
    fake, hallucinated, warped = (torch.rand(2, 3, 3, 4, 6) * 2 - 1 for _ in range(3))
    rollout = Rollout(fake, hallucinated, warped, torch.zeros(2, 3, 2, 4, 6), torch.rand(2, 3, 1, 4, 6))
    condition = Condition(label_ids=[7, 23])
    pictures = rollout_pictures(condition, clip, real, rollout, 1)
    assert list(pictures) == ["condition", "warped", "mask", "hallucinated", "synthesised", "real"]
    assert {len(row) for row in pictures.values()} == {3}
    for t in range(3):
        wanted = {
            "condition": condition_picture(condition, source[1, 2 + t]),
            "warped": to_pixels(warped[1, t]),
            "mask": mask_picture(rollout.mask[1, t]),
            "hallucinated": to_pixels(hallucinated[1, t]),
            "synthesised": to_pixels(fake[1, t]),
            "real": to_pixels(real[1, 2 + t]),
        }
        for name, picture in wanted.items():
            np.testing.assert_array_equal(pictures[name][t], picture)
