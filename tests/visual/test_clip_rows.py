"""Pictures of roll-outs, row by row."""

import numpy as np
import torch

from vid2vid import Clip, Condition, Rollout
from vid2vid.visual import condition_picture, mask_picture, rollout_pictures, to_pixels


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
