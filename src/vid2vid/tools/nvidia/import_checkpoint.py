"""Import of a folder of the reference's checkpoints as a module of ours."""

from torch import nn

from vid2vid.baselines import ImageModule
from vid2vid.condition import Condition
from vid2vid.config import DiscriminatorsConfig, PatchDiscriminatorConfig
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.tools.nvidia.names import discriminator_names, generator_names, image_generator_names
from vid2vid.tools.nvidia.reference_networks import (
    Tensors,
    discriminator_settings,
    fill_network,
    generator_settings,
    image_generator_settings,
    numbered_nets,
)
from vid2vid.training import Vid2VidModule

STRIDE = 3
"""The reference's temporal scales are 1, 3, 9: factors of as many frames as its D_V sees."""


def import_folder(
    tensors: Tensors, condition: Condition, foreground_labels: list[str], where: str
) -> Vid2VidModule | ImageModule:
    """Make a module from the tensors of a folder: a video model if there is F, else pix2pixHD.

    Discriminators are imported where their files are there.

    Args:
        tensors: All tensors of the folder (`vid2vid.tools.nvidia.reference_files.read_checkpoints`).
        condition: The condition; the tensors only tell its number of channels.
        foreground_labels: Names or ids of the labels that are foreground; needed if F has a foreground branch.
        where: The folder, for messages.

    Raises:
        CheckpointError: The tensors do not fit together or to the condition; nothing is half-loaded.
        ConfigError: Foreground labels are missing, or the condition does not have them.
    """
    module: Vid2VidModule | ImageModule
    discriminators = _discriminator_settings(tensors, where)
    if not numbered_nets(tensors, "netG"):
        image, channels = image_generator_settings(tensors, where)
        _check_channels(condition, channels, where)
        module = ImageModule(condition, image, discriminators.image)
        fill_network(module.generator, tensors, image_generator_names(image), where)
        if _has_image_discriminator(tensors):
            _fill_discriminator(module.discriminator, tensors, "netD", where)
        return module
    generator, channels = generator_settings(tensors, where)
    _check_channels(condition, channels, where)
    if generator.foreground != "none" and not foreground_labels:
        known = ", ".join(condition.label_names or map(str, condition.label_ids))
        raise ConfigError(f"{where}: F has a foreground branch; give foreground_labels=[…], some of: {known}.")
    generator.foreground_labels = list(foreground_labels)
    module = Vid2VidModule(condition, generator, discriminators)
    fill_network(module.generator.frame, tensors, generator_names(generator.finer_blocks), where)
    if _has_image_discriminator(tensors):
        _fill_discriminator(module.discriminators.image, tensors, "netD", where)
    for stride, net in _temporal_nets(tensors).items():
        _fill_discriminator(module.discriminators.get_submodule(f"video.{stride}"), tensors, net, where)
    return module


def source_channels(tensors: Tensors, where: str) -> int:
    """Return the channels of the condition that the generator of a folder sees.

    Raises:
        CheckpointError: There is no generator.
    """
    if numbered_nets(tensors, "netG"):
        return generator_settings(tensors, where)[1]
    return image_generator_settings(tensors, where)[1]


def _check_channels(condition: Condition, channels: int, where: str) -> None:
    if condition.channels == channels:
        return
    split = f"{len(condition.label_ids)} labels and {int(condition.instance_edges)} channel of instance edges"
    given = split if condition.has_labels else f"a condition of the kind {condition.kind!r}"
    raise CheckpointError(
        f"{where}: its generator sees {channels} channels, but {given} would have {condition.channels}; check "
        "label_ids, instance_edges and condition."
    )


def _discriminator_settings(tensors: Tensors, where: str) -> DiscriminatorsConfig:
    """Infer the settings of D_I and D_V; the default ones where a net is missing."""
    image, video = PatchDiscriminatorConfig(), PatchDiscriminatorConfig()
    frames, temporal = DiscriminatorsConfig.discriminator_frames, _temporal_nets(tensors)
    if _has_image_discriminator(tensors):
        image, _ = discriminator_settings(tensors, where)
    if temporal:
        video, channels = discriminator_settings(tensors, where, temporal[1])
        # 3 channels for each of K frames, 2 for each of K - 1 flows
        frames = (channels + 2) // 5
    return DiscriminatorsConfig(image, video, frames, list(temporal))


def _fill_discriminator(discriminator: nn.Module, tensors: Tensors, net: str, where: str) -> None:
    config, _ = discriminator_settings(tensors, where, net)
    fill_network(discriminator, tensors, discriminator_names(config.scales, net), where)


def _has_image_discriminator(tensors: Tensors) -> bool:
    return any(name.startswith("netD/") for name in tensors)


def _temporal_nets(tensors: Tensors) -> dict[int, str]:
    return {STRIDE**i: net for i, net in enumerate(numbered_nets(tensors, "netD_T"))}
