"""The feature encoder."""

import torch

from vid2vid.config import EncoderConfig
from vid2vid.generator import FeatureEncoder


def test_an_object_has_one_feature_and_the_gradient_reaches_it() -> None:
    encoder = FeatureEncoder(EncoderConfig(features=4, base_channels=4, downsamples=2))
    instance = torch.zeros(1, 1, 19, 22, dtype=torch.int32)
    instance[..., 5:12, 5:12] = 26_001
    features = encoder(torch.rand(1, 3, 19, 22) * 2 - 1, instance)
    assert features.shape == (1, 4, 19, 22)
    assert torch.unique(features.flatten(2), dim=2).shape[2] == 2
    features[..., 0, 0].sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in encoder.parameters() if p.ndim == 4)
