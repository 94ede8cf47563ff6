"""Pictures of tensors: colours that can be computed by hand."""

import numpy as np
import pytest
import torch

from vid2vid import Condition
from vid2vid.condition import planes_of
from vid2vid.data.conditions import kind_of
from vid2vid.visual import condition_picture, flow_picture, mask_picture, plane_pictures, to_pixels


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


@pytest.mark.parametrize("condition", [Condition(label_ids=[7, 23]), Condition("edges")])
def test_conditions_are_shown_as_their_kind_shows_them(condition: Condition) -> None:
    planes = torch.randint(2, (1, 4, 6), dtype=torch.uint8)
    wanted = kind_of(condition).picture(planes.numpy())
    np.testing.assert_array_equal(condition_picture(condition, planes), wanted)
    np.testing.assert_array_equal(condition_picture(condition, planes.numpy()), wanted)


def test_planes_are_shown_as_the_networks_see_them_and_marks_in_white_on_black() -> None:
    condition = Condition(label_ids=[7], planes=planes_of(["disparity", "normals", "rough"]))
    pictures = plane_pictures(condition, torch.tensor([0.5, -1.0, 0.0, 1.0, 1.0]).view(5, 1, 1).expand(5, 2, 2))
    assert [*pictures] == ["disparity", "normals", "rough"]
    assert [picture[0, 0].tolist() for picture in pictures.values()] == [[128] * 3, [0, 128, 255], [255] * 3]
    nothing = plane_pictures(condition, torch.zeros(5, 2, 2))["rough"]
    assert nothing.max() == 0
