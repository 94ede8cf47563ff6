"""The reference's names of the parameters of our networks.

Each function returns a function from a name in our ``state_dict`` to the reference's ``net/name``, where the nets are
``netG0``, ``netG1``, … for the scales of F, ``netD``, ``netD_T0``, …, ``netE``, and ``netG`` for pix2pixHD.
"""

from collections.abc import Callable

from vid2vid.config import ImageGeneratorConfig

Names = Callable[[str], str]

_F = {
    "condition_stem": "model_down_seg",
    "past_stem": "model_down_img",
    "image_trunk": "model_res_img",
    "image_up": "model_up_img",
    "hallucination_head": "model_final_img",
    "flow_trunk": "model_res_flow",
    "flow_up": "model_up_flow",
    "flow_head": "model_final_flow",
    "mask_head": "model_final_w",
    "foreground_branch.stem": "indv_down",
    "foreground_branch.trunk": "indv_res",
    "foreground_branch.up": "indv_up",
    "foreground_head": "indv_final",
}
_STEM_LAYERS, _DOWN_LAYERS, _UP_LAYERS = 4, 3, 3


def generator_names(finer_blocks: int) -> Names:
    """Return the names of the parameters of `vid2vid.generator.FrameGenerator`."""

    def theirs(name: str) -> str:
        _, scale, rest = name.split(".", 2)
        part = next(part for part in _F if rest.startswith(f"{part}."))
        index, tail = rest.removeprefix(f"{part}.").split(".", 1)
        module, number = _F[part], int(index)
        if scale != "0":
            # the finer scales keep residual blocks and upsampling in one sequence
            number += finer_blocks if part.endswith("up") else 0
            module = module.replace("_res", "_up")
        return f"netG{scale}/{module}.{number}.{_in_block(tail)}"

    return theirs


def discriminator_names(scales: int, net: str = "netD") -> Names:
    """Return the names of the parameters of `MultiScaleDiscriminator`; the reference numbers the coarsest scale 0."""

    def theirs(name: str) -> str:
        _, scale, _, layer, rest = name.split(".", 4)
        return f"{net}/scale{scales - 1 - int(scale)}_layer{layer}.{rest}"

    return theirs


def encoder_names(downsamples: int) -> Names:
    """Return the names of the parameters of `vid2vid.generator.FeatureEncoder`."""

    def theirs(name: str) -> str:
        return "netE/model." + _in_sequence(name.removeprefix("branch."), downsamples, 0)

    return theirs


def image_generator_names(config: ImageGeneratorConfig) -> Names:
    """Return the names of the parameters of `vid2vid.baselines.ImageGenerator`: global generator, local enhancers."""
    scales, downsamples, blocks, finer_blocks = config.scales, config.downsamples, config.blocks, config.finer_blocks

    def theirs(name: str) -> str:
        if name.startswith("head.") and scales == 1:
            return "netG/model." + _in_sequence(name, downsamples, blocks)
        if name.startswith("head."):
            return f"netG/model{scales - 1}_2." + _after(name, 1, finer_blocks)
        _, scale, rest = name.split(".", 2)
        if scale == "0":
            return "netG/model." + _in_sequence(rest, downsamples, blocks)
        if rest.startswith("stem."):
            return f"netG/model{scale}_1.{rest.removeprefix('stem.')}"
        return f"netG/model{scale}_2." + _after(rest, 1, finer_blocks)

    return theirs


def _in_sequence(name: str, downsamples: int, blocks: int) -> str:
    """Number the layers of stem, trunk, up and head as one sequence."""
    part, index, rest = name.split(".", 2)
    if part == "stem":
        return f"{index}.{rest}"
    number, tail = _after(name, downsamples, blocks).split(".", 1)
    return f"{_STEM_LAYERS + _DOWN_LAYERS * downsamples + int(number)}.{tail}"


def _after(name: str, upsamples: int, blocks: int) -> str:
    """Number the layers of trunk, up and head as one sequence."""
    part, index, rest = name.split(".", 2)
    before = {"trunk": 0, "up": blocks, "head": blocks + _UP_LAYERS * upsamples}[part]
    return f"{before + int(index)}.{_in_block(rest)}"


def _in_block(rest: str) -> str:
    return rest.replace("body.", "conv_block.", 1)
