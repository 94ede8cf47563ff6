"""A folder of nets becomes a module: F or pix2pixHD, with the discriminators that are there."""

from collections.abc import Callable

import pytest
import torch

from vid2vid import Vid2VidModule
from vid2vid.baselines import ImageModule
from vid2vid.condition import Condition
from vid2vid.config import PatchDiscriminatorConfig
from vid2vid.discriminator.patch import MultiScaleDiscriminator
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.tools.nvidia.import_checkpoint import import_folder, source_channels
from vid2vid.tools.nvidia.names import discriminator_names
from vid2vid.tools.nvidia.reference_files import ReferenceRecording
from vid2vid.tools.nvidia.reference_networks import build_discriminator, build_generator, build_image_generator

Read = Callable[[str], ReferenceRecording]


def same_weights(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    mine, theirs = one.state_dict(), other.state_dict()
    return mine.keys() == theirs.keys() and all(torch.equal(mine[name], theirs[name]) for name in mine)


def labels(tensors: dict[str, torch.Tensor], edges: bool) -> Condition:
    channels = source_channels(tensors, "here")
    return Condition(label_ids=list(range(channels - edges)), instance_edges=edges)


def test_f_comes_with_its_discriminators(recording: Read) -> None:
    tensors = dict(recording("a_rollout_2scale_fg_instance").tensors)
    # D_I sees the condition and a frame, D_V three frames and two flows
    for net, channels in {"netD": 5 + 3, "netD_T0": 3 * 3 + 2 * 2, "netD_T1": 3 * 3 + 2 * 2}.items():
        network = MultiScaleDiscriminator(channels, PatchDiscriminatorConfig(4, 2, 2))
        theirs = discriminator_names(2, net)
        tensors.update({theirs(name): value for name, value in network.state_dict().items()})
    module = import_folder(tensors, labels(tensors, edges=True), ["1"], "here")
    assert isinstance(module, Vid2VidModule)
    assert module.generator.config.foreground_labels == ["1"]
    assert module.discriminators.config.temporal_strides == [1, 3]
    assert module.discriminators.config.discriminator_frames == 3
    assert same_weights(module.generator, build_generator(tensors, "here"))
    assert same_weights(module.discriminators.image, build_discriminator(tensors, "here"))
    for stride, net in {1: "netD_T0", 3: "netD_T1"}.items():
        ours = module.discriminators.get_submodule(f"video.{stride}")
        assert same_weights(ours, build_discriminator(tensors, "here", net))


def test_pix2pixhd_comes_without_a_discriminator(recording: Read) -> None:
    tensors = recording("a_pix2pixHD_global").tensors
    module = import_folder(tensors, labels(tensors, edges=False), [], "here")
    assert isinstance(module, ImageModule)
    assert same_weights(module.generator, build_image_generator(tensors, "here"))


def test_what_does_not_fit_is_told(recording: Read) -> None:
    tensors = recording("a_rollout_2scale_fg_instance").tensors
    with pytest.raises(ConfigError, match=r"here: F has a foreground branch; give .* some of: 0, 1"):
        import_folder(tensors, labels(tensors, edges=True), [], "here")
    with pytest.raises(
        CheckpointError, match="sees 5 channels, but 3 labels and 0 channel of instance edges would have 3"
    ):
        import_folder(tensors, Condition(label_ids=[0, 1, 2]), ["1"], "here")
    with pytest.raises(CheckpointError, match="sees 5 channels, but a condition of the kind 'edges' would have 1"):
        import_folder(tensors, Condition("edges"), ["1"], "here")
