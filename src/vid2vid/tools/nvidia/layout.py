"""Working the size and form of networks out of the names and shapes of their tensors."""

import re
from collections.abc import Iterable

from vid2vid.config import EncoderConfig, GeneratorConfig, ImageGeneratorConfig, PatchDiscriminatorConfig
from vid2vid.errors import CheckpointError
from vid2vid.tools.nvidia.weights import Tensors

AFFINE_NORM = "current_batch"
"""The reference's batch norm, which takes the statistics of the current batch at test, too."""


class Layout:
    """The tensors of one net, asked for sizes.

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
                f"{self.where}: {self.net}/{name} is missing, or not what it is in the reference; is this a file of "
                "another model?"
            )
        return int(self.shapes[name][axis])

    def indices(self, pattern: str) -> list[int]:
        """Return the numbers that stand in names at the group of ``pattern``, each once, in order."""
        found = (re.fullmatch(pattern, name) for name in self.shapes)
        return sorted({int(match[1]) for match in found if match})

    def blocks(self, module: str) -> int:
        """Count the residual blocks of a sequence."""
        return len(self.indices(rf"{module}\.(\d+)\.conv_block\.1\.weight"))

    def convolutions(self, module: str) -> list[int]:
        """Return the places of the plain convolutions in a sequence."""
        numbers = self.indices(rf"{module}\.(\d+)\.weight")
        return [i for i in numbers if len(self.shapes[f"{module}.{i}.weight"]) == 4]

    def norm(self, name: str) -> str:
        """Tell the normalisation by whether the layer at ``name`` has weights."""
        return AFFINE_NORM if f"{name}.weight" in self.shapes else "instance"


def generator(tensors: Tensors, where: str) -> tuple[GeneratorConfig, int]:
    """Work out F: its settings and the channels of its condition; foreground labels are not in the tensors.

    Raises:
        CheckpointError: The tensors are not those of a generator of the reference.
    """
    net = Layout(tensors, "netG0", where)
    scales = len(nets(tensors, "netG"))
    past = net.size("model_down_img.1.weight", 1) // 3
    in_stem, in_trunk = net.blocks("model_down_seg"), net.blocks("model_res_img")
    with_foreground = bool(net.indices(r"indv_down\.(\d+)\.weight"))
    config = GeneratorConfig(
        past_frames=past,
        scales=scales,
        base_channels=net.size("model_down_seg.1.weight", 0),
        downsamples=len(net.convolutions("model_down_seg")) - 1,
        blocks=in_stem + in_trunk,
        finer_blocks=Layout(tensors, "netG1", where).blocks("model_up_img") if scales > 1 else 3,
        norm=net.norm("model_down_seg.2"),
        use_flow=bool(net.indices(r"model_final_flow\.(\d+)\.weight")),
        foreground="overwrite" if with_foreground else "none",
        foreground_channels=net.size("indv_down.1.weight", 0) if with_foreground else 0,
    )
    return config, net.size("model_down_seg.1.weight", 1) // (past + 1)


def discriminator(tensors: Tensors, where: str, net_name: str = "netD") -> tuple[PatchDiscriminatorConfig, int]:
    """Work out a multi-scale discriminator: its settings and its input channels.

    Raises:
        CheckpointError: The tensors are not those of a discriminator of the reference.
    """
    net = Layout(tensors, net_name, where)
    scales = len(net.indices(r"scale(\d+)_layer0\.0\.weight"))
    layers = len(net.indices(r"scale0_layer(\d+)\.0\.weight")) - 2
    finest = f"scale{scales - 1}_layer0.0.weight"
    norm = "batch" if "scale0_layer1.1.weight" in net.shapes else "instance"
    return PatchDiscriminatorConfig(net.size(finest, 0), layers, scales, norm), net.size(finest, 1)


def encoder(tensors: Tensors, where: str) -> EncoderConfig:
    """Work out the feature encoder.

    Raises:
        CheckpointError: The tensors are not those of an encoder of the reference.
    """
    net = Layout(tensors, "netE", where)
    # between the first and the last as many go down as go up
    places = net.convolutions("model")
    features = net.size(f"model.{places[-1]}.weight", 0) if places else 0
    return EncoderConfig(features, net.size("model.1.weight", 0), (len(places) - 2) // 2, net.norm("model.2"))


def image_generator(tensors: Tensors, where: str) -> tuple[ImageGeneratorConfig, int]:
    """Work out pix2pixHD's generator: its settings and the channels of its condition.

    Raises:
        CheckpointError: The tensors are not those of a generator of the reference.
    """
    net = Layout(tensors, "netG", where)
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


def nets(tensors: Iterable[str], prefix: str) -> list[str]:
    """Return the nets ``prefix0``, ``prefix1``, … that there are."""
    return sorted({name.split("/")[0] for name in tensors if re.match(rf"{prefix}\d+/", name)})
