"""Motion vectors give the reference flow of any stride, and what is hidden is not trusted."""

import numpy as np
import torch

from vid2vid.flow.motion_vectors import flows_of_motion
from vid2vid.ops import to_images
from vid2vid.street import Street


def test_vectors_of_a_street_give_its_flows() -> None:
    street, frames = Street(1, 48, 96), 4
    real = to_images(torch.from_numpy(np.stack([street.render(t).rgb for t in range(frames)])).permute(0, 3, 1, 2))[
        None
    ]
    motion = torch.from_numpy(np.stack([street.flow(t)[0] for t in range(frames)]))[None]
    flows = flows_of_motion(motion, real, {1, 3})
    assert torch.equal(flows[1].vectors, motion[:, 1:])
    for k, t in ((1, 2), (3, 3)):
        exact, visible = street.flow(t, k)
        trusted = flows[k].confidence[0, t - k, 0].bool().numpy()
        assert trusted[visible].mean() > 0.85
        assert trusted[~visible].mean() < 0.5
        errors = np.linalg.norm(flows[k].vectors[0, t - k].numpy() - exact, axis=0)
        assert errors[trusted & visible].mean() < 0.1
