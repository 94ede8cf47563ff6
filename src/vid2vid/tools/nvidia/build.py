"""Our networks, made from the reference's tensors."""

from vid2vid.baselines import ImageGenerator
from vid2vid.discriminator import MultiScaleDiscriminator
from vid2vid.generator import FeatureEncoder, Generator
from vid2vid.tools.nvidia import layout, names
from vid2vid.tools.nvidia.weights import Tensors, fill


def generator(tensors: Tensors, where: str) -> Generator:
    """Make F.

    Args:
        tensors: The reference's tensors; nets other than ``netG0``, ``netG1``, … are left alone.
        where: File or folder, for messages.

    Raises:
        CheckpointError: The tensors are not those of a generator of the reference.
    """
    config, channels = layout.generator(tensors, where)
    network = Generator(config, channels)
    fill(network.frame, tensors, names.of_generator(config.finer_blocks), where)
    return network.eval()


def discriminator(tensors: Tensors, where: str, net: str = "netD") -> MultiScaleDiscriminator:
    """Make a discriminator (see `generator`)."""
    config, channels = layout.discriminator(tensors, where, net)
    network = MultiScaleDiscriminator(channels, config)
    fill(network, tensors, names.of_discriminator(config.scales, net), where)
    return network


def encoder(tensors: Tensors, where: str) -> FeatureEncoder:
    """Make the feature encoder (see `generator`)."""
    config = layout.encoder(tensors, where)
    network = FeatureEncoder(config)
    fill(network, tensors, names.of_encoder(config.downsamples), where)
    return network.eval()


def image_generator(tensors: Tensors, where: str) -> ImageGenerator:
    """Make pix2pixHD's generator (see `generator`)."""
    config, channels = layout.image_generator(tensors, where)
    network = ImageGenerator(config, channels)
    theirs = names.of_image_generator(config.scales, config.downsamples, config.blocks, config.finer_blocks)
    fill(network, tensors, theirs, where)
    return network.eval()
