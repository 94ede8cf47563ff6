"""Our networks with the reference's weights; their settings are inferred from names and shapes of the tensors."""

import re
from collections.abc import Iterable, Mapping

from torch import Tensor, nn

from vid2vid.baselines import ImageGenerator
from vid2vid.config import EncoderConfig, GeneratorConfig, ImageGeneratorConfig, PatchDiscriminatorConfig
from vid2vid.discriminator.patch import MultiScaleDiscriminator
from vid2vid.errors import CheckpointError
from vid2vid.generator import FeatureEncoder, Generator
from vid2vid.tools.nvidia.names import (
    Names,
    discriminator_names,
    encoder_names,
    generator_names,
    image_generator_names,
)

Tensors = Mapping[str, Tensor]
"""The reference's tensors as ``net/name``, such as ``netG0/model_down_seg.1.weight``."""

STATISTICS = ("running_mean", "running_var", "num_batches_tracked")
COUNTER = "num_batches_tracked"

AFFINE_NORM = "current_batch"
"""The batch norm of the reference, which uses the statistics of the current batch also at test time."""


class NetShapes:
    """The shapes of the tensors of one net.

    Args:
        tensors: All tensors, as ``net/name``.
        net: Which net.
        where: File or folder, for messages.

    Raises:
        CheckpointError: There is no such net.
    """

    def __init__(self, tensors: Tensors, net: str, where: str) -> None:
        self.shapes = {
            name.removeprefix(f"{net}/"): t.shape for name, t in tensors.items() if name.startswith(f"{net}/")
        }
        self.net, self.where = net, where
        if not self.shapes:
            raise CheckpointError(f"{where}: has no tensors of {net}.")

    def size(self, name: str, axis: int) -> int:
        """Return the length of one axis of a tensor.

        Raises:
            CheckpointError: There is no such tensor, or it has no such axis.
        """
        if len(self.shapes.get(name, ())) <= axis:
            raise CheckpointError(
                f"{self.where}: {self.net}/{name} is missing or has another number of axes than in the reference; is "
                "this a file of another model?"
            )
        return int(self.shapes[name][axis])

    def indices(self, pattern: str) -> list[int]:
        """Return the numbers that ``pattern`` captures in the names of the tensors, each once, in order."""
        found = (re.fullmatch(pattern, name) for name in self.shapes)
        return sorted({int(match[1]) for match in found if match})

    def blocks(self, module: str) -> int:
        """Count the residual blocks of a sequence."""
        return len(self.indices(rf"{module}\.(\d+)\.conv_block\.1\.weight"))

    def convolutions(self, module: str) -> list[int]:
        """Return the indices of the plain convolutions in a sequence."""
        numbers = self.indices(rf"{module}\.(\d+)\.weight")
        return [i for i in numbers if len(self.shapes[f"{module}.{i}.weight"]) == 4]

    def norm(self, name: str) -> str:
        """Return the kind of normalisation of the layer ``name``: instance norms have no weights."""
        return AFFINE_NORM if f"{name}.weight" in self.shapes else "instance"


def generator_settings(tensors: Tensors, where: str) -> tuple[GeneratorConfig, int]:
    """Infer the settings of F and the channels of its condition; foreground labels are not in the tensors.

    Raises:
        CheckpointError: The tensors are not those of a generator of the reference.
    """
    net = NetShapes(tensors, "netG0", where)
    scales = len(numbered_nets(tensors, "netG"))
    past = net.size("model_down_img.1.weight", 1) // 3
    in_stem, in_trunk = net.blocks("model_down_seg"), net.blocks("model_res_img")
    with_foreground = bool(net.indices(r"indv_down\.(\d+)\.weight"))
    config = GeneratorConfig(
        past_frames=past,
        scales=scales,
        base_channels=net.size("model_down_seg.1.weight", 0),
        downsamples=len(net.convolutions("model_down_seg")) - 1,
        blocks=in_stem + in_trunk,
        finer_blocks=NetShapes(tensors, "netG1", where).blocks("model_up_img") if scales > 1 else 3,
        norm=net.norm("model_down_seg.2"),
        use_flow=bool(net.indices(r"model_final_flow\.(\d+)\.weight")),
        foreground="overwrite" if with_foreground else "none",
        foreground_channels=net.size("indv_down.1.weight", 0) if with_foreground else 0,
    )
    return config, net.size("model_down_seg.1.weight", 1) // (past + 1)


def discriminator_settings(tensors: Tensors, where: str, net: str = "netD") -> tuple[PatchDiscriminatorConfig, int]:
    """Infer the settings of a multi-scale discriminator and its input channels.

    Raises:
        CheckpointError: The tensors are not those of a discriminator of the reference.
    """
    shapes = NetShapes(tensors, net, where)
    scales = len(shapes.indices(r"scale(\d+)_layer0\.0\.weight"))
    layers = len(shapes.indices(r"scale0_layer(\d+)\.0\.weight")) - 2
    finest = f"scale{scales - 1}_layer0.0.weight"
    norm = "batch" if "scale0_layer1.1.weight" in shapes.shapes else "instance"
    return PatchDiscriminatorConfig(shapes.size(finest, 0), layers, scales, norm), shapes.size(finest, 1)


def encoder_settings(tensors: Tensors, where: str) -> EncoderConfig:
    """Infer the settings of the feature encoder.

    Raises:
        CheckpointError: The tensors are not those of an encoder of the reference.
    """
    net = NetShapes(tensors, "netE", where)
    # between the first and the last convolution are as many downsampling as upsampling ones
    places = net.convolutions("model")
    features = net.size(f"model.{places[-1]}.weight", 0) if places else 0
    return EncoderConfig(features, net.size("model.1.weight", 0), (len(places) - 2) // 2, net.norm("model.2"))


def image_generator_settings(tensors: Tensors, where: str) -> tuple[ImageGeneratorConfig, int]:
    """Infer the settings of pix2pixHD's generator and the channels of its condition.

    Raises:
        CheckpointError: The tensors are not those of a generator of the reference.
    """
    net = NetShapes(tensors, "netG", where)
    enhancers = net.indices(r"model(\d+)_1\.1\.weight")
    places = net.convolutions("model")
    ends = 1 if enhancers else 2
    config = ImageGeneratorConfig(
        scales=len(enhancers) + 1,
        base_channels=net.size("model.1.weight", 0),
        downsamples=(len(places) - ends) // 2,
        blocks=net.blocks("model"),
        finer_blocks=net.blocks("model1_2") if enhancers else 3,
        norm=net.norm("model.2"),
    )
    return config, net.size("model.1.weight", 1)


def numbered_nets(tensors: Iterable[str], prefix: str) -> list[str]:
    """Return the nets ``prefix0``, ``prefix1``, … that there are."""
    return sorted({name.split("/")[0] for name in tensors if re.match(rf"{prefix}\d+/", name)})


def build_generator(tensors: Tensors, where: str) -> Generator:
    """Make F.

    Args:
        tensors: The reference's tensors; nets other than ``netG0``, ``netG1``, … are ignored.
        where: File or folder, for messages.

    Raises:
        CheckpointError: The tensors are not those of a generator of the reference.
    """
    config, channels = generator_settings(tensors, where)
    network = Generator(config, channels)
    fill_network(network.frame, tensors, generator_names(config.finer_blocks), where)
    return network.eval()


def build_discriminator(tensors: Tensors, where: str, net: str = "netD") -> MultiScaleDiscriminator:
    """Make a discriminator (see `build_generator`)."""
    config, channels = discriminator_settings(tensors, where, net)
    network = MultiScaleDiscriminator(channels, config)
    fill_network(network, tensors, discriminator_names(config.scales, net), where)
    return network


def build_encoder(tensors: Tensors, where: str) -> FeatureEncoder:
    """Make the feature encoder (see `build_generator`)."""
    config = encoder_settings(tensors, where)
    network = FeatureEncoder(config)
    fill_network(network, tensors, encoder_names(config.downsamples), where)
    return network.eval()


def build_image_generator(tensors: Tensors, where: str) -> ImageGenerator:
    """Make pix2pixHD's generator (see `build_generator`)."""
    config, channels = image_generator_settings(tensors, where)
    network = ImageGenerator(config, channels)
    fill_network(network, tensors, image_generator_names(config), where)
    return network.eval()


def fill_network(network: nn.Module, tensors: Tensors, names: Names, where: str) -> None:
    """Copy tensors into a network: all of them, or none.

    Args:
        network: One of ours.
        tensors: The reference's, those of other nets are ignored.
        names: From our names to the names of the reference.
        where: File or folder, for messages.

    Raises:
        CheckpointError: A tensor is missing, is not expected or has another shape; all of them are listed by
            the reference's names, and the network stays as it was.
    """
    own = {names(name): (name, value) for name, value in network.state_dict().items()}
    nets = {name.split("/")[0] for name in own}
    given = {name: value for name, value in tensors.items() if name.split("/")[0] in nets}
    # counters came with a later version of torch
    missing = [name for name in own if name not in given and not name.endswith(COUNTER)]
    # the reference's instance norm keeps statistics that it does not use
    surplus = [name for name in given if name not in own and not name.endswith(STATISTICS)]
    misshapen = [
        f"{name}: {tuple(given[name].shape)} instead of {tuple(value.shape)}"
        for name, (_, value) in own.items()
        if name in given and given[name].shape != value.shape
    ]
    if missing or surplus or misshapen:
        found = {"missing": missing, "surplus": surplus, "misshapen": misshapen}
        lists = "; ".join(f"{kind}: {', '.join(entries)}" for kind, entries in found.items() if entries)
        raise CheckpointError(f"{where}: the tensors do not fit {type(network).__name__}: {lists}")
    network.load_state_dict({name: given.get(theirs, value) for theirs, (name, value) in own.items()})
