"""From a folder of the reference's checkpoints to a module of ours."""

from vid2vid.baselines import ImageModule
from vid2vid.condition import Condition
from vid2vid.config import DiscriminatorsConfig, PatchDiscriminatorConfig
from vid2vid.discriminator import MultiScaleDiscriminator
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.tools.nvidia import build, layout, names
from vid2vid.tools.nvidia.weights import Tensors, fill
from vid2vid.training import Vid2VidModule

STRIDE = 3
"""The reference's temporal scales are 1, 3, 9: factors of as many frames as its D_V sees."""


def import_folder(
    tensors: Tensors, condition: Condition, foreground_labels: list[str], where: str
) -> Vid2VidModule | ImageModule:
    """Make a module from the tensors of a folder: of vid2vid if there is F, else of pix2pixHD.

    Args:
        tensors: All tensors of the folder (`vid2vid.tools.nvidia.folder.read_folder`).
        condition: What the conditions are: the tensors only tell the number of channels.
        foreground_labels: Names or ids of the labels that are foreground; needed if F has a foreground branch.
        where: The folder, for messages.

    Raises:
        CheckpointError: The tensors do not fit together or to the condition; nothing is half-loaded.
        ConfigError: Foreground labels are missing, or are none of the condition's.
    """
    if "netG0" in _nets(tensors):
        return _video_model(tensors, condition, foreground_labels, where)
    return _image_model(tensors, condition, where)


def _video_model(tensors: Tensors, condition: Condition, foreground_labels: list[str], where: str) -> Vid2VidModule:
    """Make a module from the reference's F, and from its D_I and D_V where they are there (see `import_folder`)."""
    generator = build.generator(tensors, where)
    _check_channels(condition, generator.condition_channels, where)
    config = generator.config
    if config.foreground != "none" and not foreground_labels:
        known = ", ".join(condition.label_names or map(str, condition.label_ids))
        raise ConfigError(f"{where}: F has a foreground branch; give foreground_labels=[…], some of: {known}.")
    config.foreground_labels = list(foreground_labels)
    discriminators = _discriminators(tensors, where)
    module = Vid2VidModule(condition, config, discriminators)
    module.generator.load_state_dict(generator.state_dict())
    if "netD" in _nets(tensors):
        _fill_discriminator(module.discriminators.image, tensors, "netD", where)
    for stride, net in _temporal_nets(tensors).items():
        _fill_discriminator(module.discriminators.get_submodule(f"video.{stride}"), tensors, net, where)
    return module


def _image_model(tensors: Tensors, condition: Condition, where: str) -> ImageModule:
    """Make a module from pix2pixHD's generator, and from its D where that is there (see `import_folder`)."""
    generator = build.image_generator(tensors, where)
    _check_channels(condition, generator.condition_channels, where)
    module = ImageModule(condition, generator.config, _discriminators(tensors, where).image)
    module.generator.load_state_dict(generator.state_dict())
    if "netD" in _nets(tensors):
        _fill_discriminator(module.discriminator, tensors, "netD", where)
    return module


def source_channels(tensors: Tensors, where: str) -> int:
    """Return the channels of the condition that the generator of a folder sees.

    Raises:
        CheckpointError: There is no generator.
    """
    if "netG0" in _nets(tensors):
        return layout.generator(tensors, where)[1]
    return layout.image_generator(tensors, where)[1]


def _check_channels(condition: Condition, channels: int, where: str) -> None:
    if condition.channels == channels:
        return
    split = f"{len(condition.label_ids)} labels and {int(condition.instance_edges)} channel of instance edges"
    given = split if condition.has_labels else f"a condition of the kind {condition.kind!r}"
    raise CheckpointError(f"{where}: its generator sees {channels} channels, but {given} make {condition.channels}.")


def _discriminators(tensors: Tensors, where: str) -> DiscriminatorsConfig:
    """Work out the settings of D_I and D_V; without their files, D_I is a small one to begin with."""
    image = PatchDiscriminatorConfig()
    if "netD" in _nets(tensors):
        image, _ = layout.discriminator(tensors, where)
    temporal = _temporal_nets(tensors)
    video, frames = PatchDiscriminatorConfig(), DiscriminatorsConfig.discriminator_frames
    if temporal:
        video, channels = layout.discriminator(tensors, where, next(iter(temporal.values())))
        # 3 channels for each of K frames, 2 for each of K - 1 flows
        frames = (channels + 2) // 5
    return DiscriminatorsConfig(image, video, frames, list(temporal))


def _fill_discriminator(discriminator: object, tensors: Tensors, net: str, where: str) -> None:
    if not isinstance(discriminator, MultiScaleDiscriminator):
        raise TypeError(f"{net} goes into a discriminator, not into a {type(discriminator).__name__}")
    fill(discriminator, tensors, names.of_discriminator(discriminator.config.scales, net), where)


def _nets(tensors: Tensors) -> set[str]:
    return {name.split("/")[0] for name in tensors}


def _temporal_nets(tensors: Tensors) -> dict[int, str]:
    return {STRIDE**i: net for i, net in enumerate(layout.nets(tensors, "netD_T"))}
