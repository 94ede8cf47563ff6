"""Every parameter of ours has a name of the reference's, and the other way round."""

from collections.abc import Callable

import pytest
from torch import nn

from vid2vid.tools.nvidia.names import (
    Names,
    discriminator_names,
    encoder_names,
    generator_names,
    image_generator_names,
)
from vid2vid.tools.nvidia.reference_files import ReferenceRecording
from vid2vid.tools.nvidia.reference_networks import (
    STATISTICS,
    build_discriminator,
    build_encoder,
    build_generator,
    build_image_generator,
)


def named(recorded: ReferenceRecording) -> tuple[nn.Module, Names]:
    """Return the network of a recording and its names."""
    tensors, where = recorded.tensors, str(recorded.path)
    if "a_D" in recorded.path.stem:
        discriminator = build_discriminator(tensors, where)
        return discriminator, discriminator_names(discriminator.config.scales)
    if "encoder" in recorded.path.stem:
        encoder = build_encoder(tensors, where)
        return encoder, encoder_names(encoder.config.downsamples)
    if "pix2pixHD" in recorded.path.stem:
        image = build_image_generator(tensors, where)
        return image, image_generator_names(image.config)
    generator = build_generator(tensors, where)
    return generator.frame, generator_names(generator.config.finer_blocks)


@pytest.mark.parametrize(
    "name",
    ["a_D_image", "a_encoder", "a_pix2pixHD_global", "a_pix2pixHD_local", "a_rollout_3scale", "a_forward_fg"],
)
def test_names_match_one_to_one(recording: Callable[[str], ReferenceRecording], name: str) -> None:
    recorded = recording(name)
    network, theirs = named(recorded)
    ours = [theirs(parameter) for parameter, _ in network.named_parameters()]
    recorded_names = {name for name in recorded.tensors if name.startswith("net") and not name.endswith(STATISTICS)}
    assert len(set(ours)) == len(ours)
    assert set(ours) == recorded_names
