"""The layers of generators: normalisation, upsampling, and first weights."""

import pytest
import torch

from vid2vid.config import GeneratorConfig
from vid2vid.config.networks import UPSAMPLINGS
from vid2vid.generator import FrameGenerator
from vid2vid.generator.blocks import upsample_2x, upsampling

CHANNELS = 3


def hallucinating(norm: str) -> FrameGenerator:
    """Build a small F without flow, in float64."""
    return FrameGenerator(
        GeneratorConfig(base_channels=3, downsamples=1, blocks=3, norm=norm, use_flow=False), 3
    ).double()


def test_batch_norm_at_test_takes_running_or_current_statistics() -> None:
    running, current = hallucinating("batch"), hallucinating("current_batch")
    source, past = (torch.rand(2, frames, 3, 16, 20, dtype=torch.float64) for frames in (3, 2))
    current.load_state_dict(running.state_dict())
    training = running(source, [past]).fake
    current.load_state_dict(running.state_dict())
    assert torch.equal(current.eval()(source, [past]).fake, training)
    assert not torch.allclose(running.eval()(source, [past]).fake, training)
    # evaluation leaves no trace in the running statistics
    assert all(torch.equal(value, running.state_dict()[name]) for name, value in current.state_dict().items())


def test_resizing_leaves_no_checkerboard() -> None:
    # from features that are the same everywhere: what varies from pixel to pixel is the upsampling's own pattern
    flat = torch.ones(1, 8, 6, 6)
    features = {form: upsampling(4, 1, "batch", form)[:-2](flat)[..., 2:-2, 2:-2] for form in UPSAMPLINGS}
    unevenness = {form: inner.std(dim=(-2, -1)).max() for form, inner in features.items()}
    assert unevenness["resize"] < 1e-6
    assert unevenness["transposed"] > 1e-3


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_weights_start_small(norm: str) -> None:
    config = GeneratorConfig(base_channels=16, downsamples=2, blocks=4, norm=norm)
    frame = FrameGenerator(config, CHANNELS)
    kernels = [p.flatten() for p in frame.parameters() if p.ndim == 4]
    # N(0, 0.02); over the 10^5 weights the mean of squares is right to 1 %
    assert torch.cat(kernels).std().item() == pytest.approx(0.02, rel=0.01)
    assert not any(p.any() for name, p in frame.named_parameters() if name.endswith("bias"))


def test_between_the_coarser_points_residual_heads_begin_half_way() -> None:
    drawn = torch.arange(6.0).view(1, 1, 2, 3)
    expected = torch.tensor([[0, 0.5, 1, 1.5, 2, 2], [1.5, 2, 2.5, 3, 3.5, 3.5], [3, 3.5, 4, 4.5, 5, 5]])
    torch.testing.assert_close(upsample_2x(drawn)[0, 0], torch.cat([expected, expected[-1:]]))
