"""The foreground prior: Eq. 9 as an identity, and the overwriting form."""

import pytest
import torch
from torch import Tensor

from vid2vid.config import GeneratorConfig
from vid2vid.generator import Generator
from vid2vid.generator.branch import ImageBranch
from vid2vid.ops import blend
from vid2vid.types import Frame

CHANNELS = 2


def generator_of(form: str, **settings: int | bool) -> Generator:
    """Build a small F with a foreground prior, in float64."""
    config = GeneratorConfig(base_channels=4, downsamples=1, blocks=2, foreground=form, **settings)  # type: ignore[arg-type]
    return Generator(config, CHANNELS).double()


def inputs() -> tuple[Tensor, Tensor, Tensor]:
    """Draw conditions, a past, and a soft mask of the foreground."""
    source, past = torch.rand(1, 3, CHANNELS, 12, 16), torch.rand(1, 2, 3, 12, 16) * 2 - 1
    return source.double(), past.double(), torch.rand(1, 1, 12, 16).double()


def parts(generator: Generator) -> tuple[Frame, Frame, Frame, Tensor]:
    """Return a step with the mask, one where all is background, one where all is foreground, and the mask."""
    source, past, mask = inputs()
    none, full = torch.zeros_like(mask), torch.ones_like(mask)
    made = [generator.step(source, past, which) for which in (mask, none, full)]
    return made[0], made[1], made[2], mask


def test_the_prior_is_equation_9() -> None:
    frame, background, foreground, mask = parts(generator_of("prior"))
    h_b, h_f = background.hallucinated, foreground.hallucinated
    assert (h_b - h_f).abs().max() > 0.01
    m_b = 1 - mask
    expected = (1 - frame.mask) * frame.warped + frame.mask * ((1 - m_b) * h_f + m_b * h_b)
    torch.testing.assert_close(frame.fake, expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(frame.hallucinated, blend(h_b, h_f, mask), rtol=0, atol=1e-12)


def test_overwriting_puts_h_f_over_the_blend() -> None:
    frame, background, foreground, mask = parts(generator_of("overwrite"))
    torch.testing.assert_close(foreground.fake, foreground.hallucinated, rtol=0, atol=1e-12)
    blended = blend(frame.warped, background.hallucinated, frame.mask)
    torch.testing.assert_close(frame.fake, blend(blended, foreground.hallucinated, mask), rtol=0, atol=1e-12)


def test_the_two_forms_agree_where_there_is_no_foreground() -> None:
    prior, overwrite = generator_of("prior"), generator_of("overwrite")
    overwrite.load_state_dict(prior.state_dict())
    source, past, mask = inputs()
    assert not torch.allclose(prior.step(source, past, mask).fake, overwrite.step(source, past, mask).fake)
    plain = torch.zeros_like(mask)
    assert torch.equal(prior.step(source, past, plain).fake, overwrite.step(source, past, plain).fake)


@pytest.mark.parametrize("form", ["prior", "overwrite"])
def test_h_f_does_not_see_the_past(form: str) -> None:
    generator, (source, past, mask) = generator_of(form), inputs()
    full = torch.ones_like(mask)
    first, second = generator.step(source, past, full), generator.step(source, -past, full)
    assert torch.equal(first.hallucinated, second.hallucinated)
    changed = source.clone()
    changed[:, 0] = torch.rand_like(changed[:, 0])
    assert not torch.allclose(generator.step(changed, past, full).hallucinated, first.hallucinated)


@pytest.mark.parametrize("form", ["prior", "overwrite"])
def test_without_flow_the_foreground_is_in_h(form: str) -> None:
    generator, (source, past, mask) = generator_of(form, use_flow=False), inputs()
    frame = generator.step(source, past, mask)
    assert torch.equal(frame.fake, frame.hallucinated)
    assert not torch.allclose(frame.fake, generator.step(source, past, torch.zeros_like(mask)).fake)


def test_a_missing_or_useless_mask_is_refused() -> None:
    source, past, mask = inputs()
    with pytest.raises(ValueError, match="needs a foreground mask"):
        generator_of("prior").step(source, past)
    with pytest.raises(ValueError, match="no use for a foreground mask"):
        generator_of("none").step(source, past, mask)


def test_a_branch_halves_and_doubles_as_often_as_it_is_told() -> None:
    branch = ImageBranch(3, 4, 2, 1, "instance", "transposed")
    source = torch.rand(1, 3, 16, 24)
    deep = branch.deep_features(source)
    assert deep.shape == (1, 16, 4, 6)
    assert torch.equal(branch(source), branch.up(deep))
    assert branch(source).shape == (1, 4, 16, 24)
    # the coarser scale's features are added where the stem ends
    coarser = torch.rand_like(deep)
    assert torch.equal(branch.deep_features(source, coarser), branch.trunk(branch.stem(source) + coarser))
