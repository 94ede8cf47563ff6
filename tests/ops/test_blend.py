"""Eq. 4 at its ends and in between."""

import torch

from vid2vid.ops import blend


def test_mask_zero_is_the_past_and_mask_one_is_the_hallucinated() -> None:
    warped, hallucinated = torch.randn(2, 3, 5, 7), torch.randn(2, 3, 5, 7)
    assert torch.equal(blend(warped, hallucinated, torch.zeros(2, 1, 5, 7)), warped)
    assert torch.equal(blend(warped, hallucinated, torch.ones(2, 1, 5, 7)), hallucinated)


def test_each_pixel_is_mixed_by_its_own_mask() -> None:
    warped, hallucinated = torch.zeros(1, 3, 1, 3), torch.ones(1, 3, 1, 3)
    mask = torch.tensor([0.0, 0.25, 1.0]).view(1, 1, 1, 3)
    assert torch.equal(blend(warped, hallucinated, mask), mask.expand(1, 3, 1, 3))
