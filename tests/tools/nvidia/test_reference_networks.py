"""Networks are built from tensors alone: their settings are inferred, and what does not fit is listed."""

from collections.abc import Callable

import pytest
import torch

from vid2vid.baselines import ImageGenerator
from vid2vid.config import EncoderConfig, ImageGeneratorConfig, PatchDiscriminatorConfig
from vid2vid.discriminator.patch import MultiScaleDiscriminator
from vid2vid.errors import CheckpointError
from vid2vid.generator import FeatureEncoder
from vid2vid.tools.nvidia.names import discriminator_names, encoder_names, image_generator_names
from vid2vid.tools.nvidia.reference_files import ReferenceRecording
from vid2vid.tools.nvidia.reference_networks import (
    build_discriminator,
    build_encoder,
    build_generator,
    build_image_generator,
    numbered_nets,
)


def test_wrong_tensors_are_all_listed(recording: Callable[[str], ReferenceRecording]) -> None:
    recorded = recording("a_forward")
    tensors = dict(recorded.tensors)
    del tensors["netG0/model_final_img.1.bias"]
    tensors["netG0/model_final_img.1.scale"] = torch.zeros(3)
    tensors["netG0/model_res_img.0.conv_block.5.bias"] = torch.zeros(9)
    with pytest.raises(CheckpointError) as caught:
        build_generator(tensors, "here")
    for part in (
        "missing: netG0/model_final_img.1.bias",
        "surplus: netG0/model_final_img.1.scale",
        "misshapen: netG0/model_res_img.0.conv_block.5.bias: (9,) instead of (8,)",
    ):
        assert part in str(caught.value)


def test_other_files_have_no_networks() -> None:
    with pytest.raises(CheckpointError, match="here: has no tensors of netG0"):
        build_generator({"netE/model.1.weight": torch.zeros(1)}, "here")
    with pytest.raises(
        CheckpointError, match=r"here: netG0/model_down_img\.1\.weight is missing or has another number"
    ):
        build_generator({"netG0/other": torch.zeros(1)}, "here")
    assert numbered_nets(["netG0/a", "netG1/a", "netG1/b", "netG/a", "netD_T0/a"], "netG") == ["netG0", "netG1"]


@pytest.mark.parametrize("scales", [1, 3])
@pytest.mark.parametrize("norm", ["instance", "current_batch"])
def test_other_networks_of_any_size_are_worked_out(scales: int, norm: str) -> None:
    source, image = torch.rand(2, 5, 64, 96), torch.rand(2, 3, 64, 96) * 2 - 1
    instance = torch.randint(3, (2, 1, 64, 96))
    image_config = ImageGeneratorConfig(scales, 8, 3, 2, 1, norm)
    generator = ImageGenerator(image_config, 5)
    encoder = FeatureEncoder(EncoderConfig(4, 4, 3, norm))
    discriminator_norm = "batch" if norm == "current_batch" else norm
    discriminator = MultiScaleDiscriminator(5, PatchDiscriminatorConfig(4, 2, scales, discriminator_norm))
    named = [
        (generator, image_generator_names(image_config)),
        (encoder, encoder_names(3)),
        (discriminator, discriminator_names(scales)),
    ]
    tensors = {theirs(name): t for network, theirs in named for name, t in network.state_dict().items()}
    with torch.no_grad():
        assert torch.equal(build_image_generator(tensors, "here")(source), generator.eval()(source))
        assert torch.equal(build_encoder(tensors, "here")(image, instance), encoder.eval()(image, instance))
        ours, theirs = discriminator(source), build_discriminator(tensors, "here")(source)
    assert all(
        torch.equal(a, b) for mine, its in zip(ours, theirs, strict=True) for a, b in zip(mine, its, strict=True)
    )
