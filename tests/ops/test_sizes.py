"""Padding, cropping and halving."""

import pytest
import torch
from torch import Tensor

from vid2vid.errors import DataError
from vid2vid.ops import crop, halve, pad_to_multiple, pyramid, require_size


@pytest.mark.parametrize(("height", "width", "multiple"), [(37, 53, 8), (37, 56, 8), (1, 3, 4), (5, 7, 1)])
def test_cropping_undoes_padding(height: int, width: int, multiple: int) -> None:
    image = torch.rand(2, 3, height, width)
    padded = pad_to_multiple(image, multiple)
    assert padded.shape[-2] % multiple == 0
    assert padded.shape[-1] % multiple == 0
    assert padded.shape[-2] - height < multiple
    assert padded.shape[-1] - width < multiple
    assert torch.equal(crop(padded, height, width), image)


def test_padding_repeats_the_last_row_and_column() -> None:
    image = torch.rand(1, 2, 5, 6)
    padded = pad_to_multiple(image, 8)
    assert torch.equal(padded[..., 5:, :6], image[..., -1:, :].expand(1, 2, 3, 6))
    assert torch.equal(padded[..., :5, 6:], image[..., -1:].expand(1, 2, 5, 2))


def test_a_fitting_size_is_left_alone() -> None:
    image = torch.rand(1, 3, 16, 24)
    assert pad_to_multiple(image, 8) is image


def naive_halve(image: Tensor) -> Tensor:
    """Average the up to nine pixels round every second one, those outside not counted."""
    height, width = image.shape[-2:]
    halved = image.new_zeros(*image.shape[:-2], -(-height // 2), -(-width // 2))
    for y in range(0, height, 2):
        for x in range(0, width, 2):
            counted = image[..., max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]
            halved[..., y // 2, x // 2] = counted.mean(dim=(-2, -1))
    return halved


@pytest.mark.parametrize("size", [(8, 10), (7, 9), (1, 5), (2, 2)])
def test_halving_averages_over_the_counted_pixels(size: tuple[int, int]) -> None:
    image = torch.rand(2, 3, *size, dtype=torch.float64)
    halved = halve(image)
    assert halved.shape[-2:] == (-(-size[0] // 2), -(-size[1] // 2))
    torch.testing.assert_close(halved, naive_halve(image), rtol=0, atol=1e-12)


def test_halving_keeps_a_plain_picture_plain() -> None:
    # zeros counted from the padding would darken the border to 4/9
    torch.testing.assert_close(halve(torch.ones(1, 1, 9, 9)), torch.ones(1, 1, 5, 5), rtol=0, atol=1e-6)


def test_a_pyramid_begins_with_the_coarsest() -> None:
    image = torch.rand(2, 3, 8, 12)
    coarsest, middle, whole = pyramid(image, 3)
    assert whole is image
    assert torch.equal(middle, halve(image))
    assert torch.equal(coarsest, halve(middle))


def test_images_that_are_too_small_are_refused_with_the_settings_that_decide() -> None:
    require_size(torch.zeros(2, 3, 5, 9), 5, "F", "generator.scales")
    with pytest.raises(DataError, match=r"5 x 9 are too small for F: at least 6 .* set generator\.scales lower"):
        require_size(torch.zeros(2, 3, 5, 9), 6, "F", "generator.scales")
