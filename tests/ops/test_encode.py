"""Encoding of class indices, objects and images, against naive loops."""

import pytest
import torch
from torch import Tensor

from vid2vid.ops import (
    LabelCode,
    concatenate,
    dense,
    foreground_mask,
    instance_edges,
    one_hot,
    pad_to_multiple,
    to_images,
)


def naive_edges(ids: Tensor) -> Tensor:
    """Compare each pixel of ``(H, W)`` with its four neighbours, one by one."""
    height, width = ids.shape
    edges = torch.zeros(height, width)
    for y in range(height):
        for x in range(width):
            for v, u in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                if 0 <= v < height and 0 <= u < width and ids[v, u] != ids[y, x]:
                    edges[y, x] = 1
    return edges


def test_one_hot_sets_one_channel_for_every_possible_class() -> None:
    # 256 classes, each in the picture: ids above 127 must not turn negative
    indices = torch.randperm(256).to(torch.uint8).view(1, 1, 1, 16, 16)
    code = one_hot(indices, 256)
    assert code.dtype == torch.float32
    for y in range(16):
        for x in range(16):
            expected = torch.zeros(256)
            expected[int(indices[0, 0, 0, y, x])] = 1
            assert torch.equal(code[0, 0, :, y, x], expected)


def test_one_hot_keeps_batch_and_time_apart() -> None:
    indices = torch.randint(0, 5, (2, 3, 1, 4, 6), dtype=torch.uint8)
    code = one_hot(indices, 5)
    assert code.shape == (2, 3, 5, 4, 6)
    assert torch.equal(code.argmax(dim=2, keepdim=True), indices.long())
    assert torch.equal(code.sum(dim=2), torch.ones(2, 3, 4, 6))


@pytest.mark.parametrize("size", [(9, 7), (1, 6), (6, 1), (1, 1)])
def test_instance_edges_are_where_a_neighbour_differs(size: tuple[int, int]) -> None:
    ids = torch.randint(0, 3, (2, 3, 1, *size), dtype=torch.int32) * 70_000
    edges = instance_edges(ids)
    assert edges.shape == ids.shape
    for b in range(2):
        for t in range(3):
            assert torch.equal(edges[b, t, 0], naive_edges(ids[b, t, 0]))


def test_the_border_of_the_picture_is_no_edge() -> None:
    assert instance_edges(torch.ones(1, 1, 5, 5, dtype=torch.int32)).sum() == 0


def test_images_lie_in_minus_one_to_one() -> None:
    images = to_images(torch.arange(256, dtype=torch.uint8))
    assert images.dtype == torch.float32
    assert images[0].item() == -1
    assert images[-1].item() == 1
    # every step is the same, 2 / 255, to float32's precision
    torch.testing.assert_close(images.diff(), torch.full((255,), 2 / 255), rtol=0, atol=1e-6)


def test_the_foreground_is_where_one_of_its_labels_is() -> None:
    indices = torch.randint(0, 5, (2, 3, 1, 4, 6), dtype=torch.uint8)
    mask = foreground_mask(one_hot(indices, 5), [1, 3])
    assert torch.equal(mask, ((indices == 1) | (indices == 3)).float())


# ---- labels that are not written out -------------------------------------------------------------------------------


def label_code() -> LabelCode:
    indices = torch.randint(0, 5, (2, 3, 1, 5, 6), dtype=torch.uint8)
    return LabelCode(indices, 5, torch.rand(2, 3, 1, 5, 6).round(), torch.rand(2, 3, 2, 5, 6))


def test_a_code_that_is_not_written_out_is_the_one_hot_code_with_its_other_channels() -> None:
    code = label_code()
    assert code.edges is not None
    assert code.features is not None
    written = dense(code)
    assert written.shape == code.shape == (2, 3, 8, 5, 6)
    assert torch.equal(written, torch.cat([one_hot(code.ids, 5), code.edges, code.features], dim=2))
    assert torch.equal(dense(code[:, -1]), written[:, -1])
    assert dense(written) is written


def test_codes_are_padded_and_joined_as_their_channels_are() -> None:
    code = label_code()
    assert torch.equal(dense(code.padded(4)), pad_to_multiple(dense(code), 4))
    assert torch.equal(dense(concatenate([code[:1], code[1:]], 0)), dense(code))
    assert torch.equal(dense(concatenate([dense(code[:, :1]), dense(code[:, 1:])], 1)), dense(code))


def test_the_foreground_of_a_code_needs_no_channels() -> None:
    code = label_code()
    assert torch.equal(foreground_mask(code, [1, 3]), foreground_mask(dense(code), [1, 3]))
